//! Documented cabling: the pieces of a branch, read whole and written one by one, and the change sets that people made.
//!
//! A branch is small (ten thousand jacks), so whoever follows or changes cabling has all of it in memory; nothing here
//! follows a cable. Pieces get their numbers from one counter; observed links never come near these tables.

use std::collections::BTreeMap;

use super::device::json;
use super::{Db, Result, StoreError, Tx, execute, on_db, on_tx};
use crate::model::{
    Cable, CableSource, CableStatus, CableType, Cabling, DeviceId, Jack, JackSide, LaneMap, Millis, Piece, PieceEdit,
    PieceId, PieceKind, Place, PlaceKind, PlugEnd, Plugged, Rack, SheetBody, SiteId, Unit, UnitKind, label_key,
};

const COUNTER: &str = "cabling";
const SHEET: &str = "cabling";

/// Where rows are read from.
enum Source<'a> {
    Db(&'a Db),
    Tx(&'a mut Tx),
}

macro_rules! fetch {
    ($from:expr, $row:ty, $sql:expr, $site:expr) => {{
        let rows: Vec<$row> = match $from {
            Source::Db(db) => on_db!(*db, |p| sqlx::query_as($sql).bind($site).fetch_all(p).await?),
            Source::Tx(tx) => on_tx!(&mut **tx, |c| sqlx::query_as($sql).bind($site).fetch_all(c).await?),
        };
        rows
    }};
}

/// Everything documented of a branch.
pub async fn load(db: &Db, site: SiteId) -> Result<Cabling> {
    read(Source::Db(db), site).await
}

/// The same inside a transaction.
pub async fn load_in(tx: &mut Tx, site: SiteId) -> Result<Cabling> {
    read(Source::Tx(tx), site).await
}

fn wrong(table: &'static str, column: &'static str, row: i64, value: &str) -> StoreError {
    StoreError::Inconsistent { table, column, row, value: value.to_owned() }
}

fn lanes(text: &str) -> Vec<u16> {
    text.split(',').filter_map(|l| l.trim().parse().ok()).collect()
}

fn lanes_text(lanes: &[u16]) -> String {
    lanes.iter().map(u16::to_string).collect::<Vec<_>>().join(",")
}

fn small(n: i64) -> u16 {
    u16::try_from(n).unwrap_or(0)
}

#[derive(sqlx::FromRow)]
struct UnitRow {
    id: i64,
    kind: String,
    label: String,
    place_id: Option<i64>,
    rack_id: Option<i64>,
    position: Option<i64>,
    height: i64,
    device_id: Option<i64>,
    x: Option<i64>,
    y: Option<i64>,
    face_rows: i64,
    note: String,
}

#[derive(sqlx::FromRow)]
struct JackRow {
    id: i64,
    unit_id: i64,
    ord: i64,
    label: String,
    media: String,
    lanes: i64,
    if_index: Option<i64>,
    vlan: Option<i64>,
    note: String,
}

#[derive(sqlx::FromRow)]
struct MapRow {
    id: i64,
    a_jack_id: i64,
    a_side: String,
    a_lanes: String,
    b_jack_id: i64,
    b_side: String,
    b_lanes: String,
}

#[derive(sqlx::FromRow)]
struct TypeRow {
    id: i64,
    name: String,
    a_connectors: i64,
    b_connectors: i64,
    lanes: i64,
    lane_map: String,
}

#[derive(sqlx::FromRow)]
struct CableRow {
    id: i64,
    label: String,
    kind: String,
    media: String,
    category: Option<String>,
    lanes: i64,
    cable_type_id: Option<i64>,
    colour: Option<String>,
    length_cm: Option<i64>,
    status: String,
    source: String,
    bundle: Option<String>,
    note: String,
    valid_from: Option<i64>,
    valid_to: Option<i64>,
}

type EndRow = (i64, String, i64, i64, Option<String>, String, String);
type PlaceRow = (i64, Option<i64>, String, String, Option<i64>);
type RackRow = (i64, Option<i64>, String, i64, i64);

const PLACES: &str = "SELECT id, parent_id, kind, name, picture_id FROM place WHERE site_id = $1";
const RACKS: &str = "SELECT id, place_id, name, units, from_top FROM rack WHERE site_id = $1";
const UNITS: &str = "SELECT id, kind, label, place_id, rack_id, position, height, device_id, x, y, face_rows, note \
                     FROM unit WHERE site_id = $1";
const JACKS: &str = "SELECT id, unit_id, ord, label, media, lanes, if_index, vlan, note FROM jack WHERE site_id = $1";
const MAPS: &str = "SELECT id, a_jack_id, a_side, a_lanes, b_jack_id, b_side, b_lanes FROM lane_map WHERE site_id = $1";
const TYPES: &str = "SELECT id, name, a_connectors, b_connectors, lanes, lane_map FROM cable_type WHERE site_id = $1";
const CABLES: &str = "SELECT id, label, kind, media, category, lanes, cable_type_id, colour, length_cm, status, source, \
                      bundle, note, valid_from, valid_to FROM cable WHERE site_id = $1";
const ENDS: &str = "SELECT e.cable_id, e.plug, e.connector, e.jack_id, e.side, e.cable_lanes, e.jack_lanes \
                    FROM cable_end e JOIN cable c ON c.id = e.cable_id WHERE c.site_id = $1 \
                    ORDER BY e.cable_id, e.plug, e.connector";

async fn read(mut from: Source<'_>, site: SiteId) -> Result<Cabling> {
    let mut all = Cabling::default();
    for (id, parent, kind, name, picture) in fetch!(&mut from, PlaceRow, PLACES, site.0) {
        let kind = PlaceKind::parse(&kind).ok_or_else(|| wrong("place", "kind", id, &kind))?;
        all.put(Piece::Place(Place { id: PieceId(id), parent: parent.map(PieceId), kind, name, picture }));
    }
    for (id, place, name, units, from_top) in fetch!(&mut from, RackRow, RACKS, site.0) {
        let place = place.map(PieceId);
        all.put(Piece::Rack(Rack { id: PieceId(id), place, name, units: small(units), from_top: from_top != 0 }));
    }
    for r in fetch!(&mut from, UnitRow, UNITS, site.0) {
        all.put(Piece::Unit(unit(r)?));
    }
    for r in fetch!(&mut from, JackRow, JACKS, site.0) {
        all.put(Piece::Jack(Jack {
            id: PieceId(r.id),
            unit: PieceId(r.unit_id),
            ord: small(r.ord),
            label: r.label,
            media: r.media,
            lanes: small(r.lanes),
            if_index: r.if_index.and_then(|i| u32::try_from(i).ok()),
            vlan: r.vlan.map(small),
            note: r.note,
        }));
    }
    for r in fetch!(&mut from, MapRow, MAPS, site.0) {
        let side = |s: &str| JackSide::parse(s).ok_or_else(|| wrong("lane_map", "side", r.id, s));
        all.put(Piece::LaneMap(LaneMap {
            id: PieceId(r.id),
            a_jack: PieceId(r.a_jack_id),
            a_side: side(&r.a_side)?,
            a_lanes: lanes(&r.a_lanes),
            b_jack: PieceId(r.b_jack_id),
            b_side: side(&r.b_side)?,
            b_lanes: lanes(&r.b_lanes),
        }));
    }
    for r in fetch!(&mut from, TypeRow, TYPES, site.0) {
        let lane_map =
            serde_json::from_str(&r.lane_map).map_err(|_| wrong("cable_type", "lane_map", r.id, &r.lane_map))?;
        all.put(Piece::CableType(CableType {
            id: PieceId(r.id),
            name: r.name,
            a_connectors: small(r.a_connectors),
            b_connectors: small(r.b_connectors),
            lanes: small(r.lanes),
            lane_map,
        }));
    }
    let mut ends: BTreeMap<i64, Vec<Plugged>> = BTreeMap::new();
    for row in fetch!(&mut from, EndRow, ENDS, site.0) {
        ends.entry(row.0).or_default().push(end(row)?);
    }
    for r in fetch!(&mut from, CableRow, CABLES, site.0) {
        let ends = ends.remove(&r.id).unwrap_or_default();
        all.put(Piece::Cable(cable(r, ends)?));
    }
    Ok(all)
}

fn unit(r: UnitRow) -> Result<Unit> {
    let place = |n: Option<i64>| n.and_then(|n| i32::try_from(n).ok());
    Ok(Unit {
        id: PieceId(r.id),
        kind: UnitKind::parse(&r.kind).ok_or_else(|| wrong("unit", "kind", r.id, &r.kind))?,
        label: r.label,
        place: r.place_id.map(PieceId),
        rack: r.rack_id.map(PieceId),
        position: r.position.map(small),
        height: small(r.height),
        device: r.device_id.map(DeviceId),
        x: place(r.x),
        y: place(r.y),
        rows: small(r.face_rows),
        note: r.note,
    })
}

fn end((cable, plug, connector, jack, side, cable_lanes, jack_lanes): EndRow) -> Result<Plugged> {
    let side = match side {
        Some(s) => Some(JackSide::parse(&s).ok_or_else(|| wrong("cable_end", "side", cable, &s))?),
        None => None,
    };
    Ok(Plugged {
        end: PlugEnd::parse(&plug).ok_or_else(|| wrong("cable_end", "plug", cable, &plug))?,
        connector: small(connector),
        jack: PieceId(jack),
        side,
        cable_lanes: lanes(&cable_lanes),
        jack_lanes: lanes(&jack_lanes),
    })
}

fn cable(r: CableRow, ends: Vec<Plugged>) -> Result<Cable> {
    use crate::model::CableKind;
    Ok(Cable {
        id: PieceId(r.id),
        kind: CableKind::parse(&r.kind).ok_or_else(|| wrong("cable", "kind", r.id, &r.kind))?,
        status: CableStatus::parse(&r.status).ok_or_else(|| wrong("cable", "status", r.id, &r.status))?,
        source: CableSource::parse(&r.source).ok_or_else(|| wrong("cable", "source", r.id, &r.source))?,
        label: r.label,
        media: r.media,
        category: r.category,
        lanes: small(r.lanes),
        cable_type: r.cable_type_id.map(PieceId),
        colour: r.colour,
        length_cm: r.length_cm,
        bundle: r.bundle,
        note: r.note,
        valid_from: r.valid_from.map(Millis),
        valid_to: r.valid_to.map(Millis),
        ends,
    })
}

/// The last number given to a piece.
pub async fn last_number(tx: &mut Tx) -> Result<i64> {
    let sql = "SELECT value FROM counter WHERE name = $1";
    let n: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(COUNTER).fetch_optional(c).await?);
    Ok(n.unwrap_or(0))
}

pub async fn set_last_number(tx: &mut Tx, number: i64) -> Result<()> {
    let sql = "INSERT INTO counter (name, value) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    execute!(tx, sql, COUNTER, number);
    Ok(())
}

/// Writes what differs: pieces that others point at first, and removes them last.
pub async fn apply(tx: &mut Tx, site: SiteId, edits: &[PieceEdit]) -> Result<()> {
    let mut ordered: Vec<&PieceEdit> = edits.iter().collect();
    ordered.sort_by_key(|e| e.key());
    // A label may pass from one piece to another: what goes or changes lets go of it first.
    for edit in &ordered {
        match (&edit.before, &edit.after) {
            (Some(Piece::Cable(old)), after) if !matches!(after, Some(Piece::Cable(new)) if new.label == old.label) => {
                execute!(tx, "UPDATE cable SET label_key = '' WHERE id = $1", old.id.0);
            }
            (Some(Piece::Unit(old)), Some(Piece::Unit(new))) if new.label != old.label => {
                let key = format!("\u{1}{}", old.id.0);
                execute!(tx, "UPDATE unit SET label_key = $2 WHERE id = $1", old.id.0, key);
            }
            _ => {}
        }
    }
    for edit in ordered.iter().rev().filter(|e| e.after.is_none()) {
        if let Some((kind, id)) = edit.key() {
            remove(tx, kind, id).await?;
        }
    }
    for edit in ordered {
        if let Some(piece) = &edit.after {
            save(tx, site, piece).await?;
        }
    }
    Ok(())
}

async fn remove(tx: &mut Tx, kind: PieceKind, id: PieceId) -> Result<()> {
    let sql = match kind {
        PieceKind::Place => "DELETE FROM place WHERE id = $1",
        PieceKind::Rack => "DELETE FROM rack WHERE id = $1",
        PieceKind::Unit => "DELETE FROM unit WHERE id = $1",
        PieceKind::Jack => "DELETE FROM jack WHERE id = $1",
        PieceKind::LaneMap => "DELETE FROM lane_map WHERE id = $1",
        PieceKind::CableType => "DELETE FROM cable_type WHERE id = $1",
        PieceKind::Cable => "DELETE FROM cable WHERE id = $1",
    };
    execute!(tx, sql, id.0);
    Ok(())
}

async fn save(tx: &mut Tx, site: SiteId, piece: &Piece) -> Result<()> {
    match piece {
        Piece::Place(p) => {
            let sql = "INSERT INTO place (id, site_id, parent_id, kind, name, picture_id) VALUES ($1, $2, $3, $4, $5, $6) \
                       ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id, kind = excluded.kind, \
                       name = excluded.name, picture_id = excluded.picture_id";
            execute!(tx, sql, p.id.0, site.0, p.parent.map(|i| i.0), p.kind.as_str(), &p.name, p.picture);
        }
        Piece::Rack(r) => {
            let sql = "INSERT INTO rack (id, site_id, place_id, name, units, from_top) VALUES ($1, $2, $3, $4, $5, $6) \
                       ON CONFLICT (id) DO UPDATE SET place_id = excluded.place_id, name = excluded.name, \
                       units = excluded.units, from_top = excluded.from_top";
            let place = r.place.map(|i| i.0);
            execute!(tx, sql, r.id.0, site.0, place, &r.name, i64::from(r.units), i64::from(r.from_top));
        }
        Piece::Unit(u) => save_unit(tx, site, u).await?,
        Piece::Jack(j) => {
            let sql = "INSERT INTO jack (id, site_id, unit_id, ord, label, media, lanes, if_index, vlan, note) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO UPDATE SET \
                       unit_id = excluded.unit_id, ord = excluded.ord, label = excluded.label, media = excluded.media, \
                       lanes = excluded.lanes, if_index = excluded.if_index, vlan = excluded.vlan, note = excluded.note";
            let (index, vlan) = (j.if_index.map(i64::from), j.vlan.map(i64::from));
            let (ord, lanes) = (i64::from(j.ord), i64::from(j.lanes));
            execute!(tx, sql, j.id.0, site.0, j.unit.0, ord, &j.label, &j.media, lanes, index, vlan, &j.note);
        }
        Piece::LaneMap(m) => {
            let sql = "INSERT INTO lane_map (id, site_id, a_jack_id, a_side, a_lanes, b_jack_id, b_side, b_lanes) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET \
                       a_jack_id = excluded.a_jack_id, a_side = excluded.a_side, a_lanes = excluded.a_lanes, \
                       b_jack_id = excluded.b_jack_id, b_side = excluded.b_side, b_lanes = excluded.b_lanes";
            let (a, b) = (lanes_text(&m.a_lanes), lanes_text(&m.b_lanes));
            execute!(tx, sql, m.id.0, site.0, m.a_jack.0, m.a_side.as_str(), a, m.b_jack.0, m.b_side.as_str(), b);
        }
        Piece::CableType(t) => {
            let sql = "INSERT INTO cable_type (id, site_id, name, a_connectors, b_connectors, lanes, lane_map) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET name = excluded.name, \
                       a_connectors = excluded.a_connectors, b_connectors = excluded.b_connectors, \
                       lanes = excluded.lanes, lane_map = excluded.lane_map";
            let (a, b) = (i64::from(t.a_connectors), i64::from(t.b_connectors));
            execute!(tx, sql, t.id.0, site.0, &t.name, a, b, i64::from(t.lanes), json(&t.lane_map)?);
        }
        Piece::Cable(c) => save_cable(tx, site, c).await?,
    }
    Ok(())
}

async fn save_unit(tx: &mut Tx, site: SiteId, u: &Unit) -> Result<()> {
    let sql = "INSERT INTO unit (id, site_id, kind, label, label_key, place_id, rack_id, position, height, device_id, x, \
               y, face_rows, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
               ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, label = excluded.label, \
               label_key = excluded.label_key, place_id = excluded.place_id, rack_id = excluded.rack_id, \
               position = excluded.position, height = excluded.height, device_id = excluded.device_id, x = excluded.x, \
               y = excluded.y, face_rows = excluded.face_rows, note = excluded.note";
    execute!(
        tx,
        sql,
        u.id.0,
        site.0,
        u.kind.as_str(),
        &u.label,
        label_key(&u.label),
        u.place.map(|i| i.0),
        u.rack.map(|i| i.0),
        u.position.map(i64::from),
        i64::from(u.height),
        u.device.map(|d| d.0),
        u.x.map(i64::from),
        u.y.map(i64::from),
        i64::from(u.rows),
        &u.note
    );
    Ok(())
}

async fn save_cable(tx: &mut Tx, site: SiteId, c: &Cable) -> Result<()> {
    let sql = "INSERT INTO cable (id, site_id, label, label_key, kind, media, category, lanes, cable_type_id, colour, \
               length_cm, status, source, bundle, note, valid_from, valid_to) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
               ON CONFLICT (id) DO UPDATE SET label = excluded.label, label_key = excluded.label_key, \
               kind = excluded.kind, media = excluded.media, category = excluded.category, lanes = excluded.lanes, \
               cable_type_id = excluded.cable_type_id, colour = excluded.colour, length_cm = excluded.length_cm, \
               status = excluded.status, source = excluded.source, bundle = excluded.bundle, note = excluded.note, \
               valid_from = excluded.valid_from, valid_to = excluded.valid_to";
    execute!(
        tx,
        sql,
        c.id.0,
        site.0,
        &c.label,
        label_key(&c.label),
        c.kind.as_str(),
        &c.media,
        &c.category,
        i64::from(c.lanes),
        c.cable_type.map(|t| t.0),
        &c.colour,
        c.length_cm,
        c.status.as_str(),
        c.source.as_str(),
        &c.bundle,
        &c.note,
        c.valid_from.map(|t| t.0),
        c.valid_to.map(|t| t.0)
    );
    execute!(tx, "DELETE FROM cable_end WHERE cable_id = $1", c.id.0);
    let sql = "INSERT INTO cable_end (cable_id, plug, connector, jack_id, side, cable_lanes, jack_lanes) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    for e in &c.ends {
        let (cable_lanes, jack_lanes) = (lanes_text(&e.cable_lanes), lanes_text(&e.jack_lanes));
        let side = e.side.map(JackSide::as_str);
        execute!(tx, sql, c.id.0, e.end.as_str(), i64::from(e.connector), e.jack.0, side, cable_lanes, jack_lanes);
    }
    Ok(())
}

/// The branch a piece of cable belongs to is the one its change is for.
pub async fn site_of(db: &Db, jack: PieceId) -> Result<Option<SiteId>> {
    let sql = "SELECT site_id FROM jack WHERE id = $1";
    let id: Option<i64> = on_db!(db, |p| sqlx::query_scalar(sql).bind(jack.0).fetch_optional(p).await?);
    Ok(id.map(SiteId))
}

/// Changes whenever the documents of a branch do: the number of its newest change set, and of those taken back.
pub async fn version(db: &Db, site: SiteId) -> Result<(i64, i64)> {
    let sql = "SELECT COALESCE(MAX(id), 0), COALESCE(MAX(undone_at), 0) FROM change_set WHERE site_id = $1";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(site.0).fetch_one(p).await?))
}

/// What people did, without the pieces themselves.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow, serde::Serialize, utoipa::ToSchema)]
pub struct ChangeSet {
    pub id: i64,
    pub site_id: i64,
    pub at: i64,
    pub who: String,
    /// import, save, connect, status, accept, wizard, move, label, undo.
    pub kind: String,
    pub title: String,
    /// Pieces that changed.
    pub pieces: i64,
    pub undone_at: Option<i64>,
    pub undone_by: Option<String>,
}

pub async fn add_change_set(
    tx: &mut Tx,
    site: SiteId,
    (who, kind, title): (&str, &str, &str),
    edits: &[PieceEdit],
    now: Millis,
) -> Result<i64> {
    let sql = "INSERT INTO change_set (site_id, at, who, kind, title, edits, pieces) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
    let text = json(&edits)?;
    let pieces = edits.len() as i64;
    Ok(on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(site.0)
            .bind(now.0)
            .bind(who)
            .bind(kind)
            .bind(title)
            .bind(text)
            .bind(pieces)
            .fetch_one(c)
            .await?
    }))
}

/// A change set with its edits: branch, edits, whether it was taken back.
pub async fn change_set(tx: &mut Tx, id: i64) -> Result<Option<(SiteId, Vec<PieceEdit>, bool)>> {
    let sql = "SELECT site_id, edits, undone_at FROM change_set WHERE id = $1";
    let row: Option<(i64, String, Option<i64>)> =
        on_tx!(tx, |c| sqlx::query_as(sql).bind(id).fetch_optional(c).await?);
    let Some((site, text, undone)) = row else { return Ok(None) };
    let edits = serde_json::from_str(&text).map_err(|e| wrong("change_set", "edits", id, &e.to_string()))?;
    Ok(Some((SiteId(site), edits, undone.is_some())))
}

pub async fn set_undone(tx: &mut Tx, id: i64, who: &str, now: Millis) -> Result<()> {
    execute!(tx, "UPDATE change_set SET undone_at = $2, undone_by = $3 WHERE id = $1", id, now.0, who);
    Ok(())
}

/// The newest change sets of a branch.
pub async fn newest(db: &Db, site: SiteId, count: i64) -> Result<Vec<ChangeSet>> {
    let sql = "SELECT id, site_id, at, who, kind, title, pieces, undone_at, undone_by FROM change_set \
               WHERE site_id = $1 ORDER BY id DESC LIMIT $2";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(site.0).bind(count).fetch_all(p).await?))
}

/// A sheet somebody sent: kept with its judgement until it is taken.
pub async fn add_sheet(tx: &mut Tx, file_name: &str, body: &SheetBody, by: &str, now: Millis) -> Result<i64> {
    let sql = "INSERT INTO import_draft (kind, file_name, body, created_at, created_by) \
               VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let text = json(body)?;
    Ok(on_tx!(tx, |c| {
        sqlx::query_scalar(sql).bind(SHEET).bind(file_name).bind(text).bind(now.0).bind(by).fetch_one(c).await?
    }))
}

fn sheet_body(id: i64, text: &str) -> Result<SheetBody> {
    serde_json::from_str(text).map_err(|e| wrong("import_draft", "body", id, &e.to_string()))
}

pub async fn sheet_in(tx: &mut Tx, id: i64) -> Result<Option<(SheetBody, String, bool)>> {
    let sql = "SELECT body, file_name, accepted_at FROM import_draft WHERE id = $1 AND kind = $2";
    let row: Option<(String, String, Option<i64>)> =
        on_tx!(tx, |c| sqlx::query_as(sql).bind(id).bind(SHEET).fetch_optional(c).await?);
    row.map(|(text, name, at)| Ok((sheet_body(id, &text)?, name, at.is_some()))).transpose()
}

pub async fn accept_sheet(tx: &mut Tx, id: i64, body: &SheetBody, now: Millis) -> Result<()> {
    execute!(tx, "UPDATE import_draft SET accepted_at = $2, body = $3 WHERE id = $1", id, now.0, json(body)?);
    Ok(())
}

/// `false`: there is none, or it was taken and stays as a record.
pub async fn drop_sheet(tx: &mut Tx, id: i64) -> Result<bool> {
    let sql = "DELETE FROM import_draft WHERE id = $1 AND kind = $2 AND accepted_at IS NULL";
    Ok(execute!(tx, sql, id, SHEET) == 1)
}

/// A kept sheet: number, file, when, by whom, when it was taken, its rows.
pub type Sheet = (i64, String, Millis, String, Option<Millis>, SheetBody);
type SheetRowOf = (i64, String, i64, String, Option<i64>, String);

fn sheet_of((id, name, at, by, accepted, text): SheetRowOf) -> Result<Sheet> {
    Ok((id, name, Millis(at), by, accepted.map(Millis), sheet_body(id, &text)?))
}

pub async fn sheet(db: &Db, id: i64) -> Result<Option<Sheet>> {
    let sql = "SELECT id, file_name, created_at, created_by, accepted_at, body FROM import_draft \
               WHERE id = $1 AND kind = $2";
    let row: Option<SheetRowOf> = on_db!(db, |p| sqlx::query_as(sql).bind(id).bind(SHEET).fetch_optional(p).await?);
    row.map(sheet_of).transpose()
}

pub async fn newest_sheets(db: &Db, count: i64) -> Result<Vec<Sheet>> {
    let sql = "SELECT id, file_name, created_at, created_by, accepted_at, body FROM import_draft \
               WHERE kind = $2 ORDER BY id DESC LIMIT $1";
    let rows: Vec<SheetRowOf> = on_db!(db, |p| sqlx::query_as(sql).bind(count).bind(SHEET).fetch_all(p).await?);
    rows.into_iter().map(sheet_of).collect()
}
