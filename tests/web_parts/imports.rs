//! A table of articles through the page and the API: every wrong file gives a report with row numbers and changes nothing
//! until it is accepted; what is accepted is what was shown; the second time nothing changes.

use rust_xlsxwriter::{Formula, Workbook};

use super::*;

/// What the catalogue is: any change to it changes this.
async fn catalogue(admin: &Person) -> Value {
    let (status, list) = admin.api(Method::GET, "/api/v1/articles?per_page=500", None).await;
    assert_eq!(status, 200);
    list
}

/// Sends a file by the form of the page.
async fn upload(person: &Person, name: &str, bytes: &[u8]) -> Response {
    let boundary = "----tabletableTABLE";
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let form = person.request(Method::POST, "/settings/articles/import");
    form.header("content-type", format!("multipart/form-data; boundary={boundary}")).body(body).send().await.unwrap()
}

/// Sends a file that is a table; the address of its report.
async fn report(person: &Person, name: &str, bytes: &[u8]) -> String {
    let answer = upload(person, name, bytes).await;
    let (status, to) = (answer.status(), answer.headers().get("location").cloned());
    assert_eq!(status, 303, "{name}: {}", answer.text().await.unwrap());
    to.unwrap().to_str().unwrap().to_owned()
}

/// A file that is no table of ours: what the page says.
async fn refused(person: &Person, name: &str, bytes: &[u8]) -> String {
    let answer = upload(person, name, bytes).await;
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert_eq!(status, 422, "{name}: {text}");
    text
}

async fn judged(admin: &Person, report: &str, verdict: &str) -> Value {
    let id = report.rsplit('/').next().unwrap();
    let path = format!("/api/v1/imports/{id}?per_page=500&verdict={verdict}");
    let (status, body) = admin.api(Method::GET, &path, None).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// "row: code" of every fault.
fn faults(report: &Value) -> Vec<String> {
    let rows = report["rows"]["rows"].as_array().unwrap();
    let of = |r: &Value| {
        let row = r["row"].clone();
        let each = r["faults"].as_array().unwrap().iter();
        each.map(|f| format!("{row}: {} {}", f["field"].as_str().unwrap_or("-"), f["code"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    rows.iter().flat_map(of).collect()
}

fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in (0u32..).zip(rows) {
        for (c, text) in (0u16..).zip(*row) {
            match text.strip_prefix('=').map(|f| f.split_once('|').unwrap_or((f, ""))) {
                Some((formula, result)) => {
                    sheet.write_formula(r, c, Formula::new(formula).set_result(result)).unwrap();
                }
                None => {
                    sheet.write_string(r, c, *text).unwrap();
                }
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// A workbook as programs write it that do not calculate: a formula without a result.
fn uncalculated() -> Vec<u8> {
    let cell = |at: &str, text: &str| format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let row = |n: u32, texts: [&str; 3], last: &str| {
        let cells: String = ["A", "B", "C"].iter().zip(texts).map(|(c, t)| cell(&format!("{c}{n}"), t)).collect();
        format!(r#"<row r="{n}">{cells}{last}</row>"#)
    };
    let head = row(1, ["part number", "maker", "kind"], &cell("D1", "price"));
    let body = row(2, ["A-1", "HP", "toner"], r#"<c r="D2"><f>1000*3</f></c>"#);
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let sheet = format!(r#"<worksheet xmlns="{main}"><sheetData>{head}{body}</sheetData></worksheet>"#);
    let book = format!(
        r#"<workbook xmlns="{main}" xmlns:r="{relations}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    );
    let links = format!(
        r#"<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
    );
    let root = format!(
        r#"<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let parts = [
        ("_rels/.rels", root),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", links),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    stored_zip(&parts)
}

/// An archive whose parts are not compressed (PKWARE APPNOTE 4.3).
fn stored_zip(parts: &[(&str, String)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in parts {
        let (size, offset) = (text.len() as u32, archive.len() as u32);
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for n in [crc32(text.as_bytes()), size, size] {
            common.extend(n.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(name.as_bytes());
        archive.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, count) = (archive.len() as u32, parts.len() as u16);
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    archive.extend((directory.len() as u32).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0, 0]);
    archive
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, b| {
        (0..8).fold(crc ^ u32::from(*b), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (0u32.wrapping_sub(crc & 1))))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_shown_first_and_taken_as_it_was_shown() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        let before = catalogue(admin).await;
        let table = "Подходит к;Цена, руб.;Артикул;Производитель;Тип;Цвет;НДС;Поставщик;Код 1С;Упаковка\n\
                     M2040dn, M2540dn;4 800,50 ₽;TK-1170;Kyocera;Тонер-картридж;чёрный;22%;ООО «Тонер»;00-0017;1\n\
                     M2135dn;3900;TK-1150;Kyocera;тонер;черный;22;ООО Тонер;;2\n\
                     ;;;;;;;;;\n\
                     M404*;;CF259X;HP;тонер;чёрный;22;Никто;;1\n";
        let roubles = table.replace('₽', "р.");
        let (cp1251, _, lost) = encoding_rs::WINDOWS_1251.encode(&roubles);
        assert!(!lost);
        let to = report(admin, "прайс ноябрь.csv", &cp1251).await;
        assert_eq!(catalogue(admin).await, before, "shown is not taken");
        let page = admin.page(&to).await;
        for words in
            ["прайс ноябрь.csv", "Цена без НДС: 4 500,00 → 4 800,50", "нет поставщика «Никто»", "Принять только"]
        {
            let plain = page.replace(['\u{a0}', '\u{202f}'], " ");
            assert!(plain.contains(words), "{words}: {plain}");
        }
        let shown = judged(admin, &to, "").await;
        let counts = &shown["import"]["counts"];
        assert_eq!(
            (&counts["new"], &counts["changed"], &counts["wrong"]),
            (&json!(1), &json!(1), &json!(1)),
            "{shown}"
        );
        assert_eq!(faults(&shown), ["5: supplier unknown-supplier"]);

        // Not with its errors, unless somebody says so.
        let whole = admin.api(Method::POST, "/api/v1/imports/1/accept", Some(json!({}))).await;
        assert_eq!((whole.0, whole.1["error"]["code"].as_str()), (422, Some("import-wrong-rows")), "{whole:?}");
        assert_eq!(catalogue(admin).await, before);
        admin.fill(&format!("{to}/accept"), &[("good_only", "1")]).await;
        let after = catalogue(admin).await;
        assert_eq!(after["total"], 2, "{after}");
        let tk = after["rows"].as_array().unwrap().iter().find(|a| a["part_number"] == "TK-1170").unwrap();
        assert_eq!((&tk["price"], &tk["terms"]["code_1c"]), (&json!(480_050), &json!("00-0017")));
        assert_eq!(tk["fits"], json!(["kyocera/m2040dn", "kyocera/m2540dn"]));
        // Twice is once, and the same file again is nothing.
        admin.fill(&format!("{to}/accept"), &[("good_only", "1")]).await;
        let good = table.lines().take(3).collect::<Vec<_>>().join("\n");
        let again = report(admin, "again.csv", good.as_bytes()).await;
        assert!(admin.page(&again).await.contains("Без изменений"));
        assert_eq!(judged(admin, &again, "same").await["rows"]["total"], 2);
        admin.fill(&format!("{again}/accept"), &[]).await;
        assert_eq!(catalogue(admin).await, after);
        assert_eq!(admin.get(&format!("{to}.csv")).await.status(), 200, "the report as a file");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_that_changed_meanwhile_is_said() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        let table = "артикул,производитель,цена\nTK-1170,Kyocera,4900";
        let to = report(admin, "a.csv", table.as_bytes()).await;
        let (_, article) = admin.api(Method::GET, "/api/v1/articles/1", None).await;
        let changed = json!({"part_number": "TK-1170", "name": "Тонер", "vendor": "Kyocera", "kind": "toner",
            "price": 470_000, "vat_percent": 22, "supplier": 1, "color": "black", "fits": article["fits"]});
        assert_eq!(admin.api(Method::PUT, "/api/v1/articles/1", Some(changed)).await.0, 200);
        let accept = format!("/api/v1/imports/{}/accept", to.rsplit('/').next().unwrap());
        let stale = admin.api(Method::POST, &accept, Some(json!({}))).await;
        assert_eq!((stale.0, stale.1["error"]["code"].as_str()), (422, Some("import-stale")));
        let price = |v: &Value| v["price"].clone();
        assert_eq!(price(&admin.api(Method::GET, "/api/v1/articles/1", None).await.1), 470_000);
        admin.fill(&format!("{to}/recheck"), &[]).await;
        let changes = judged(admin, &to, "changed").await;
        assert_eq!(changes["rows"]["rows"][0]["changes"][0]["before"], "470000", "{changes}");
        assert_eq!(admin.api(Method::POST, &accept, Some(json!({}))).await.0, 200);
        assert_eq!(price(&admin.api(Method::GET, "/api/v1/articles/1", None).await.1), 490_000);
        let kept = admin.api(Method::DELETE, accept.trim_end_matches("/accept"), None).await;
        assert_eq!(kept.0, 409, "what was taken stays: {kept:?}");
        let other = report(admin, "b.csv", "артикул;производитель;тип\nX-1;HP;тонер".as_bytes()).await;
        admin.fill(&format!("{other}/drop"), &[]).await;
        assert_eq!(admin.get(&other).await.status(), 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_files_say_what_is_wrong_and_change_nothing() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        let before = catalogue(admin).await;

        // A header that names no maker.
        let page = refused(admin, "h.xlsx", &workbook(&[&["Артикул", "Остаток", "Цена"], &["TK-1", "5", "1"]])).await;
        for words in ["Нет столбца:", "Производитель", "manufacturer", "Остаток", "Цена"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        let header = "Артикул;Производитель;Тип;Цена;Ресурс\n";
        let report_of =
            async |name: &str, bytes: &[u8]| judged(admin, &report(admin, name, bytes).await, "wrong").await;

        // The same article twice: said alike it is wrong once, said differently both times.
        let twice = format!("{header}A-1;HP;тонер;1;\nB-1;HP;тонер;1;\na1;hp;тонер;1;\nB-1;HP;тонер;2;\n");
        let twice = report_of("d.csv", twice.as_bytes()).await;
        let expected = ["3: part_number contradicts", "4: part_number repeated", "5: part_number contradicts"];
        assert_eq!(faults(&twice), expected, "{twice}");

        // Windows-1251, decimal commas, spaces in numbers: read; words nobody knows: told.
        let odd = format!("{header}A-1;HP;картридж;1 234,50 р.;7 200 стр.\nA-2;HP;ботинок;дорого;7,5\n");
        let (cp1251, _, lost) = encoding_rs::WINDOWS_1251.encode(&odd);
        assert!(!lost);
        let to = report(admin, "o.csv", &cp1251).await;
        let wrong = judged(admin, &to, "wrong").await;
        let mut told = faults(&wrong);
        told.sort();
        assert_eq!(told, ["3: kind unknown-kind", "3: price bad-price", "3: yield_pages bad-number"]);
        let new = judged(admin, &to, "new").await.to_string();
        assert!(new.contains("123450") && new.contains("7200"), "{new}");

        // Formulas: their value counts, and one without a value is named.
        let formulas = workbook(&[
            &["part number", "maker", "kind", "price"],
            &["A-1", "HP", "toner", "=1000*2|2000"],
            &["A-2", "HP", "toner", "=1/0|#DIV/0!"],
        ]);
        let to = report(admin, "f.xlsx", &formulas).await;
        let wrong = judged(admin, &to, "wrong").await;
        assert_eq!(faults(&wrong), ["3: price cell-error"]);
        assert!(judged(admin, &to, "new").await.to_string().contains("200000"));

        let uncalculated = report_of("u.xlsx", &uncalculated()).await;
        assert_eq!(faults(&uncalculated), ["2: price formula-without-value"], "{uncalculated}");
        assert!(uncalculated.to_string().contains("=1000*3"));

        for (name, bytes, words) in [
            ("empty.csv", &b""[..], "Файл пуст"),
            ("old.xls", &[0xD0, 0xCF, 0x11, 0xE0, 0xA1][..], "старая книга"),
            ("cut.xlsx", &formulas[..formulas.len() / 2], "повреждена"),
            ("picture.png", &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "не таблица"),
        ] {
            let page = refused(admin, name, bytes).await;
            assert!(page.contains(words), "{name}: {page}");
        }
        let large = vec![b'x'; (16 << 20) + 1];
        assert!(refused(admin, "large.csv", &large).await.contains("16 МБ"));
        let none = admin.send("/settings/articles/import", &[]).await;
        assert_eq!(none.status(), 422, "no file");
        assert_eq!(catalogue(admin).await, before, "nothing was changed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_rows_and_not_one_more() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (c, head) in (0u16..).zip(["Артикул", "Производитель", "Тип", "Цена", "Подходит к"])
        {
            sheet.write_string(0, c, head).unwrap();
        }
        for r in 1..=20_000u32 {
            sheet.write_string(r, 0, format!("P-{r}")).unwrap();
            sheet.write_string(r, 1, "HP").unwrap();
            sheet.write_string(r, 2, if r == 777 { "?" } else { "тонер" }).unwrap();
            sheet.write_number(r, 3, f64::from(r) / 4.0).unwrap();
            sheet.write_string(r, 4, "m404*; m428*").unwrap();
        }
        let whole = book.save_to_buffer().unwrap();
        let to = report(admin, "20000.xlsx", &whole).await;
        assert_eq!(faults(&judged(admin, &to, "wrong").await), ["778: kind unknown-kind"]);
        assert!(admin.page(&format!("{to}?page=200")).await.contains("P-9999"));
        assert_eq!(count(&server.store, "article").await, 1);
        admin.fill(&format!("{to}/accept"), &[("good_only", "1")]).await;
        assert_eq!(count(&server.store, "article").await, 20_000);
        assert!(admin.page("/settings/articles?q=P-1234&sort=-price").await.contains("P-12345"));

        sheet_with_one_more(&mut book);
        let page = refused(admin, "20001.xlsx", &book.save_to_buffer().unwrap()).await;
        assert!(page.replace(['\u{a0}', '\u{202f}'], " ").contains("Больше 20 000 строк"), "{page}");
    })
    .await;
}

fn sheet_with_one_more(book: &mut Workbook) {
    let sheet = book.worksheet_from_index(0).unwrap();
    sheet.write_string(20_001, 0, "P-20001").unwrap();
    sheet.write_string(20_001, 1, "HP").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_template_reads_back_as_nothing_new() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        let file = admin.get("/settings/articles.xlsx").await.bytes().await.unwrap();
        let to = report(admin, "articles.xlsx", &file).await;
        let counts = judged(admin, &to, "").await["import"]["counts"].clone();
        assert_eq!(
            (&counts["same"], &counts["new"], &counts["changed"]),
            (&json!(1), &json!(0), &json!(0)),
            "{counts}"
        );
        let empty = admin.get("/settings/articles.xlsx?empty=1").await.bytes().await.unwrap();
        assert!(refused(admin, "empty.xlsx", &empty).await.contains("нет ни одной строки"));
    })
    .await;
}
