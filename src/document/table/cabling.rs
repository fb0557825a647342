//! The flat sheet of a branch's cabling: columns found by name in any order, a bare "port" belonging to the panel or switch
//! before it. And the other way: the documents as a workbook that reads back the same.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};

use super::super::Language;
use super::words::normal;
use super::{Cell, HeaderError, MAX_ROWS, Row, TableError, number, readings};
use crate::model::{SheetFault, SheetField, SheetRow};

use SheetField as F;

/// Rows in which the header is looked for.
const HEADER_WITHIN: usize = 20;

/// Names a column may have: Russian ones, English ones. The first of each is what we write.
const COLUMNS: [(SheetField, &[&str], &[&str]); 17] = [
    (
        F::Outlet,
        &["розетка", "номер розетки", "розетки", "рабочее место", "розетка рм", "порт розетки", "маркировка розетки"],
        &["outlet", "socket", "wall jack", "jack", "wall outlet", "outlet label", "outlet number"],
    ),
    (F::Building, &["здание", "корпус", "строение"], &["building"]),
    (F::Floor, &["этаж"], &["floor", "level", "storey"]),
    (
        F::Room,
        &["кабинет", "комната", "помещение", "каб", "аудитория", "номер кабинета"],
        &["room", "office", "location", "room number"],
    ),
    (
        F::Panel,
        &["патч панель", "патчпанель", "панель", "кросс", "пп", "номер панели"],
        &["patch panel", "panel", "pp"],
    ),
    (
        F::PanelPort,
        &["порт панели", "порт патч панели", "порт патчпанели", "порт пп", "порт кросса", "порт на панели"],
        &["panel port", "patch panel port", "pp port", "patch port"],
    ),
    (F::Switch, &["коммутатор", "свитч", "свич", "активное оборудование"], &["switch"]),
    (
        F::SwitchPort,
        &["порт коммутатора", "порт свитча", "порт свича", "порт на коммутаторе", "интерфейс"],
        &["switch port", "switchport", "interface", "port of switch"],
    ),
    (
        F::Cable,
        &["кабель", "номер кабеля", "маркировка кабеля", "линия", "маркировка"],
        &["cable", "cable label", "cable id", "link id", "line"],
    ),
    (F::Cord, &["патч корд", "патчкорд", "корд", "шнур"], &["patch cord", "cord", "patch cable"]),
    (F::Category, &["категория", "кат", "тип кабеля"], &["category", "cat", "cable type"]),
    (F::Length, &["длина", "длина кабеля", "длина м"], &["length", "cable length", "length m"]),
    (F::Colour, &["цвет", "цвет корда", "цвет шнура"], &["colour", "color", "cord colour", "cord color"]),
    (F::Vlan, &["влан", "номер влан"], &["vlan", "vlan id"]),
    (
        F::Device,
        &["устройство", "оборудование", "подключено", "что подключено", "абонент"],
        &["device", "connected", "connected device", "host", "endpoint"],
    ),
    (F::Status, &["статус", "состояние"], &["status", "state"]),
    (F::Note, &["примечание", "комментарий", "прим", "заметка"], &["note", "comment", "notes", "remark"]),
];

/// Words of a cable's state.
const STATUSES: [(&str, &[&str]); 5] = [
    ("planned", &["план", "планируется", "planned"]),
    ("installed", &["проложен", "смонтирован", "installed"]),
    ("connected", &["подключен", "подключено", "работает", "в работе", "connected", "active", "ok"]),
    ("faulty", &["неисправен", "неисправно", "обрыв", "не работает", "faulty", "broken"]),
    ("reserved", &["резерв", "зарезервирован", "reserved", "spare"]),
];

/// A sheet as read.
#[derive(Debug, Clone, PartialEq)]
pub struct CablingSheet {
    /// Columns understood: their names in the file.
    pub columns: Vec<(String, SheetField)>,
    /// Columns left out.
    pub ignored: Vec<String>,
    pub rows: Vec<SheetRow>,
}

fn column(name: &str, before: Option<SheetField>) -> Option<SheetField> {
    let word = normal(name);
    if ["порт", "port", "номер порта", "порт номер"].contains(&word.as_str()) {
        return match before {
            Some(F::Panel) => Some(F::PanelPort),
            Some(F::Switch) => Some(F::SwitchPort),
            _ => None,
        };
    }
    let is = |names: &[&str]| names.iter().any(|n| normal(n) == word);
    let own = |f: SheetField| normal(f.as_str()) == word;
    COLUMNS.iter().find(|(f, ru, en)| is(ru) || is(en) || own(*f)).map(|(f, ..)| *f)
}

/// Reads a file; what is wrong in a row is in the row, what is wrong with the file is the error.
pub fn read(bytes: &[u8]) -> Result<CablingSheet, TableError> {
    let mut best: Option<(usize, usize, Vec<Row>)> = None;
    for rows in readings(bytes)? {
        for (at, row) in rows.iter().enumerate().take(HEADER_WITHIN) {
            let known = header(row).0.len();
            if best.as_ref().is_none_or(|(most, ..)| known > *most) {
                best = Some((known, at, rows.clone()));
            }
        }
    }
    let (_, at, rows) = best.ok_or(TableError::Empty)?;
    let (columns, ignored, twice) = header(&rows[at]);
    let has = |f: SheetField| columns.iter().any(|(.., known)| *known == f);
    if !(has(F::Outlet) || has(F::Panel) && has(F::PanelPort)) || !twice.is_empty() {
        let missing = if has(F::Outlet) { Vec::new() } else { vec![("outlet".to_owned(), names(F::Outlet))] };
        let found = columns.iter().map(|(_, word, f)| (word.clone(), f.as_str().to_owned())).collect();
        return Err(HeaderError { found, unknown: ignored, missing, twice }.into());
    }
    let body = &rows[at + 1..];
    if body.len() > MAX_ROWS {
        return Err(TableError::TooLong);
    }
    let rows = body.iter().map(|r| read_row(r, &columns)).filter(|r| !r.cells.is_empty() || !r.faults.is_empty());
    Ok(CablingSheet {
        rows: rows.collect(),
        columns: columns.iter().map(|(_, word, f)| (word.clone(), *f)).collect(),
        ignored,
    })
}

type Header = (Vec<(usize, String, SheetField)>, Vec<String>, Vec<String>);

fn header(row: &Row) -> Header {
    let (mut columns, mut ignored, mut twice): Header = Default::default();
    let mut before = None;
    for (at, cell) in row.cells.iter().enumerate() {
        let word: String = cell.shown().chars().take(60).collect();
        let field = column(&word, before);
        match field {
            Some(f) if columns.iter().any(|(.., known)| *known == f) => twice.push(word),
            Some(f) => columns.push((at, word, f)),
            None if word.is_empty() => {}
            None => ignored.push(word),
        }
        before = field;
    }
    (columns, ignored, twice)
}

fn read_row(row: &Row, columns: &[(usize, String, SheetField)]) -> SheetRow {
    let mut read = SheetRow { row: row.number, cells: Vec::new(), faults: Vec::new() };
    for (at, _, field) in columns {
        match plain(*field, row.cells.get(*at).unwrap_or(&Cell::Empty)) {
            Ok(Some(text)) => read.cells.push((*field, text)),
            Ok(None) => {}
            Err((code, value)) => read.faults.push(SheetFault::new(Some(*field), code, value)),
        }
    }
    read.cells.sort();
    // A row of dashes and remarks names nothing: the foot of a table.
    let names = [F::Outlet, F::Panel, F::Switch];
    let lone =
        read.cells.len() == 1 && ["итог", "всего", "total"].iter().any(|w| normal(&read.cells[0].1).starts_with(w));
    if read.faults.is_empty() && (lone || !names.iter().any(|f| !read.text(*f).is_empty())) {
        read.cells.clear();
    }
    read
}

/// The cell in its plain form; `None`: it says nothing.
fn plain(field: SheetField, cell: &Cell) -> Result<Option<String>, (&'static str, String)> {
    let short = |text: String| text.chars().take(80).collect::<String>();
    match cell {
        Cell::Empty => return Ok(None),
        Cell::Formula(_) => return Err(("formula-without-value", short(cell.shown()))),
        Cell::Error(_) => return Err(("cell-error", short(cell.shown()))),
        Cell::Text(t) if ["-", "–", "—"].contains(&t.as_str()) => return Ok(Some("-".to_owned())),
        Cell::Text(_) | Cell::Number(_) => {}
    }
    let text = cell.shown().split_whitespace().collect::<Vec<_>>().join(" ");
    let wrong = |code| Err((code, short(text.clone())));
    Ok(Some(match field {
        F::Length => {
            let number: String = text.trim_end_matches(|c: char| c.is_alphabetic() || c == '.' || c == ' ').to_owned();
            let cm = match cell {
                Cell::Number(n) if (0.0..10_000.0).contains(n) => (n * 100.0).round() as i64,
                _ => match number::hundredths(&number) {
                    Some(n) if (0..=1_000_000).contains(&n) => n,
                    _ => return wrong("bad-number"),
                },
            };
            let text = format!("{}.{:02}", cm / 100, cm % 100);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        F::Status => match STATUSES.iter().find(|(w, all)| *w == text || all.contains(&normal(&text).as_str())) {
            Some((word, _)) => (*word).to_owned(),
            None => return wrong("bad-status"),
        },
        F::Category => text
            .trim_start_matches(|c: char| c.is_alphabetic() || c == '.' || c == ' ')
            .replace(['е', 'Е'], "e")
            .replace(['А', 'а'], "A"),
        _ if text.chars().count() > 120 => return wrong("too-long"),
        _ => text,
    }))
}

/// What we call a column ourselves.
pub fn heading(field: SheetField, language: Language) -> String {
    let found = COLUMNS.iter().find(|(f, ..)| *f == field).map(|(_, ru, en)| match language {
        Language::Ru => ru[0],
        Language::En => en[0],
    });
    let word = found.unwrap_or("").replace("влан", "VLAN").replace("vlan", "VLAN");
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The names a column may have, for people.
pub fn names(field: SheetField) -> String {
    let found = COLUMNS.iter().find(|(f, ..)| *f == field);
    let all = found.map(|(_, ru, en)| ru.iter().take(2).chain(en.iter().take(2)).copied().collect::<Vec<_>>());
    all.unwrap_or_default().join(", ")
}

/// A value as we write it in a table.
fn shown(field: SheetField, value: &str, language: Language) -> String {
    let of = |word: &str| STATUSES.iter().find(|(w, _)| *w == word).map(|(_, all)| all[0].to_owned());
    match (field, language) {
        (F::Status, Language::Ru) => of(value).unwrap_or_else(|| value.to_owned()),
        _ => value.to_owned(),
    }
}

/// One row for the workbook.
pub type Line = Vec<(SheetField, String)>;

/// The documents as a workbook; without lines, the empty form to fill in.
pub fn workbook(lines: &[Line], language: Language) -> Result<Vec<u8>, XlsxError> {
    let head = Format::new().set_bold().set_text_wrap().set_background_color(0xE8_EEF4).set_align(FormatAlign::Top);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(if language == Language::Ru { "Кабели" } else { "Cabling" })?.set_freeze_panes(1, 1)?;
    for (column, field) in (0u16..).zip(F::ALL) {
        sheet.set_column_width(column, if field == F::Note || field == F::Device { 30.0 } else { 16.0 })?;
        sheet.write_string_with_format(0, column, heading(field, language), &head)?;
    }
    for (row, line) in (1u32..).zip(lines) {
        for (column, field) in (0u16..).zip(F::ALL) {
            // Text, every one: "2.10" must not become 2.1.
            if let Some((_, value)) = line.iter().find(|(f, v)| *f == field && !v.is_empty()) {
                sheet.write_string(row, column, shown(field, value, language))?;
            }
        }
    }
    book.save_to_buffer()
}

/// The same as CSV.
pub fn csv(lines: &[Line], language: Language) -> String {
    let separator = if language == Language::Ru { ";" } else { "," };
    let quoted = |text: String| {
        if text.contains(['"', ',', ';', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
    };
    let mut out = String::from("\u{feff}");
    let heads: Vec<String> = F::ALL.iter().map(|f| heading(*f, language)).collect();
    out.push_str(&heads.join(separator));
    for line in lines {
        let value = |f: &SheetField| line.iter().find(|(of, _)| of == f).map_or("", |(_, v)| v.as_str());
        let cells: Vec<String> = F::ALL.iter().map(|f| quoted(shown(*f, value(f), language))).collect();
        out.push_str("\r\n");
        out.push_str(&cells.join(separator));
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(row: &SheetRow) -> Vec<String> {
        row.cells.iter().map(|(f, v)| format!("{}={v}", f.as_str())).collect()
    }

    #[test]
    fn a_sheet_as_a_branch_has_it() {
        let text = "Кроссировка, 2 этаж;;;;;;;;\n;;\n№ розетки;Каб.;Патч-панель;Порт;Коммутатор;Порт;Длина, м;Сосед;Прим.\n\
                    2.14-А;214;PP1;07;sw2;Gi0/7;38,5 м;х;у окна\n;;;;;;;;\n2.15;-;PP1;8;;;много;;\nИтого: 2;;;;;;;;";
        let sheet = read(text.as_bytes()).unwrap();
        assert_eq!((sheet.ignored, sheet.rows.len()), (vec!["Сосед".to_owned()], 2));
        let sheet = read(text.as_bytes()).unwrap();
        let first = [
            "outlet=2.14-А",
            "room=214",
            "panel=PP1",
            "panel-port=07",
            "switch=sw2",
            "switch-port=Gi0/7",
            "length=38.5",
            "note=у окна",
        ];
        assert_eq!(cells(&sheet.rows[0]), first);
        assert_eq!(sheet.rows[0].row, 4);
        assert_eq!((sheet.rows[1].row, sheet.rows[1].get(F::Room)), (6, Some("")));
        assert_eq!(sheet.rows[1].faults, [SheetFault::new(Some(F::Length), "bad-number", "много")]);
    }

    #[test]
    fn headers_in_english_and_what_they_lack() {
        let sheet = read(b"Outlet,Room,Patch Panel,Port,Switch,Port,Status\n1A-01,101,PP1,1,core,1/0/7,spare").unwrap();
        let fields: Vec<&str> = sheet.columns.iter().map(|(_, f)| f.as_str()).collect();
        assert_eq!(fields, ["outlet", "room", "panel", "panel-port", "switch", "switch-port", "status"]);
        assert_eq!(sheet.rows[0].text(F::Status), "reserved");
        let Err(TableError::Header(e)) = read("Кабинет;Порт;Этаж\n1;2;3".as_bytes()) else { panic!() };
        assert!(e.missing[0].1.contains("розетка") && e.unknown == ["Порт"], "{e:?}");
    }

    #[test]
    fn what_we_write_we_read() {
        let line: Line = vec![
            (F::Outlet, "2.10".to_owned()),
            (F::Floor, "2 этаж".to_owned()),
            (F::Room, "каб. 214; у окна".to_owned()),
            (F::Panel, "PP1".to_owned()),
            (F::PanelPort, "7".to_owned()),
            (F::Switch, "sw2.office".to_owned()),
            (F::SwitchPort, "Gi0/7".to_owned()),
            (F::Category, "6A".to_owned()),
            (F::Length, "38.5".to_owned()),
            (F::Vlan, "20".to_owned()),
            (F::Status, "faulty".to_owned()),
        ];
        for language in [Language::Ru, Language::En] {
            let lines = std::slice::from_ref(&line);
            for bytes in [workbook(lines, language).unwrap(), csv(lines, language).into_bytes()] {
                let sheet = read(&bytes).unwrap();
                assert_eq!(sheet.columns.len(), F::ALL.len());
                assert_eq!(sheet.rows[0].cells, line);
            }
            assert_eq!(read(&workbook(&[], language).unwrap()).unwrap().rows, []);
        }
        let mut seen = std::collections::BTreeSet::new();
        for (_, ru, en) in COLUMNS {
            assert!(ru.iter().chain(en).all(|n| seen.insert(normal(n))), "a word means two things");
        }
    }

    #[test]
    fn damaged_sheets_are_errors_or_rows() {
        let line: Line = vec![(F::Outlet, "2.14-A".into()), (F::Panel, "PP1".into()), (F::PanelPort, "7".into())];
        let xlsx = workbook(&vec![line.clone(); 30], Language::Ru).unwrap();
        let csv = csv(&vec![line; 30], Language::Ru).into_bytes();
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = |n: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            usize::try_from(seed % n.max(1) as u64).unwrap()
        };
        let mut read_well = 0;
        for whole in [xlsx, csv] {
            for _ in 0..200 {
                let mut bytes = whole.clone();
                for _ in 0..=next(6) {
                    let at = next(bytes.len());
                    match next(3) {
                        0 => bytes.truncate(at),
                        1 => bytes.insert(at, u8::try_from(next(256)).unwrap()),
                        _ if at < bytes.len() => bytes[at] = u8::try_from(next(256)).unwrap(),
                        _ => {}
                    }
                }
                read_well += usize::from(read(&bytes).is_ok());
            }
        }
        assert!(read_well > 20, "{read_well}");
    }
}
