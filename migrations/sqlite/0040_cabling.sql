-- Documented cabling of the branches, in pieces that share one sequence (counter 'cabling'), and what people changed.

CREATE TABLE plan_picture (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    media TEXT NOT NULL,                -- image/png, image/jpeg
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE place (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    parent_id INTEGER REFERENCES place(id),
    kind TEXT NOT NULL,                 -- PlaceKind
    name TEXT NOT NULL,
    picture_id INTEGER REFERENCES plan_picture(id)
) STRICT;
CREATE INDEX place_site ON place (site_id);

CREATE TABLE rack (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    place_id INTEGER REFERENCES place(id),
    name TEXT NOT NULL,
    units INTEGER NOT NULL,
    from_top INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX rack_site ON rack (site_id);

CREATE TABLE unit (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    kind TEXT NOT NULL,                 -- UnitKind
    label TEXT NOT NULL,
    label_key TEXT NOT NULL,            -- look-alike letters made one: model::label_key
    place_id INTEGER REFERENCES place(id),
    rack_id INTEGER REFERENCES rack(id),
    position INTEGER,
    height INTEGER NOT NULL DEFAULT 1,
    device_id INTEGER REFERENCES device(id) ON DELETE SET NULL,
    x INTEGER,
    y INTEGER,
    face_rows INTEGER NOT NULL DEFAULT 1,
    note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX unit_label ON unit (site_id, label_key);
CREATE INDEX unit_device ON unit (device_id);

CREATE TABLE jack (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    unit_id INTEGER NOT NULL REFERENCES unit(id),
    ord INTEGER NOT NULL,
    label TEXT NOT NULL,
    media TEXT NOT NULL,
    lanes INTEGER NOT NULL,
    if_index INTEGER,
    vlan INTEGER,
    note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX jack_site ON jack (site_id);
CREATE UNIQUE INDEX jack_label ON jack (unit_id, label);

CREATE TABLE lane_map (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    a_jack_id INTEGER NOT NULL REFERENCES jack(id),
    a_side TEXT NOT NULL,
    a_lanes TEXT NOT NULL,              -- '1,2'
    b_jack_id INTEGER NOT NULL REFERENCES jack(id),
    b_side TEXT NOT NULL,
    b_lanes TEXT NOT NULL
) STRICT;
CREATE INDEX lane_map_site ON lane_map (site_id);

CREATE TABLE cable_type (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    name TEXT NOT NULL,
    a_connectors INTEGER NOT NULL,
    b_connectors INTEGER NOT NULL,
    lanes INTEGER NOT NULL,
    lane_map TEXT NOT NULL              -- pairs of lanes as JSON, '[]' is straight
) STRICT;
CREATE INDEX cable_type_site ON cable_type (site_id);

CREATE TABLE cable (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    label TEXT NOT NULL,
    label_key TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- CableKind
    media TEXT NOT NULL,
    category TEXT,
    lanes INTEGER NOT NULL,
    cable_type_id INTEGER REFERENCES cable_type(id),
    colour TEXT,
    length_cm INTEGER,
    status TEXT NOT NULL,               -- CableStatus
    source TEXT NOT NULL,               -- CableSource
    bundle TEXT,
    note TEXT NOT NULL DEFAULT '',
    valid_from INTEGER,
    valid_to INTEGER
) STRICT;
CREATE INDEX cable_site ON cable (site_id);
CREATE UNIQUE INDEX cable_label ON cable (site_id, label_key) WHERE label_key <> '' AND status <> 'decommissioned';

CREATE TABLE cable_end (
    cable_id INTEGER NOT NULL REFERENCES cable(id) ON DELETE CASCADE,
    plug TEXT NOT NULL,                 -- a, b
    connector INTEGER NOT NULL,
    jack_id INTEGER NOT NULL REFERENCES jack(id),
    side TEXT,                          -- front, rear; NULL: an active jack
    cable_lanes TEXT NOT NULL,          -- '' is all
    jack_lanes TEXT NOT NULL,
    PRIMARY KEY (cable_id, plug, connector)
) STRICT;
CREATE INDEX cable_end_jack ON cable_end (jack_id);

-- What people changed, so that it can be taken back.
CREATE TABLE change_set (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- import, save, connect, status, accept, wizard, undo
    title TEXT NOT NULL,
    edits TEXT NOT NULL,                -- model::PieceEdit as JSON
    pieces INTEGER NOT NULL,
    undone_at INTEGER,
    undone_by TEXT
) STRICT;
CREATE INDEX change_set_site ON change_set (site_id, id);

-- What the map of links needs beyond neighbours and forwarding tables: model::Wiring as JSON, and when each part was read.
CREATE TABLE wiring (
    device_id INTEGER PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE,
    body TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
ALTER TABLE device ADD COLUMN links_read_at INTEGER;
ALTER TABLE device ADD COLUMN fdb_read_at INTEGER;
-- model::Link as it was told.
ALTER TABLE neighbor ADD COLUMN detail TEXT NOT NULL DEFAULT '{}';
ALTER TABLE fdb ADD COLUMN status TEXT;
ALTER TABLE port ADD COLUMN type_number INTEGER;
