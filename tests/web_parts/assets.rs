//! Assets over real HTTP: added from the device's page, warned about on the ticket, sent as a table and taken.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_device_becomes_an_asset_and_its_warranty_is_seen() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        assert!(admin.page("/assets").await.contains("/assets/new"));
        let page = admin.page("/devices/1").await;
        assert!(page.contains("/assets/new?device=1") && !page.contains("warranty\""), "{page}");
        let form = admin.page("/assets/new?device=1").await;
        assert!(form.contains(r#"value="VXL0012345""#) && form.contains("ECOSYS M2040dn"), "{form}");
        admin.fill("/assets/centres/new", &[("name", "АСЦ Сервис-Т"), ("phone", "+7 843 200-00-00")]).await;
        let fields = [
            ("site", "1"),
            ("device", "1"),
            ("kind", "mfp"),
            ("inventory", "00-00123"),
            ("serial", "VXL0012345"),
            ("bought_on", "2026-01-15"),
            ("price_minor", "45 000,50"),
            ("warranty_until", "2099-01-15"),
            ("warranty_kind", "carry-in"),
            ("centre", "1"),
        ];
        let wrong: Vec<_> =
            fields.iter().map(|f| if f.0 == "bought_on" { ("bought_on", "вчера") } else { *f }).collect();
        let answer = admin.send("/assets/new", &wrong).await;
        assert_eq!(answer.status(), 422);
        let answer = answer.text().await.unwrap();
        assert!(answer.contains("e-bought_on") && answer.contains("00-00123"), "what was typed stays: {answer}");
        assert_eq!(admin.fill("/assets/new", &fields).await, "/assets/1");
        let (_, kept) = admin.api(Method::GET, "/api/v1/assets/1", None).await;
        assert_eq!(kept["asset"]["asset"]["price"], 4_500_050, "{kept}");
        assert!(admin.page("/assets?q=00-00123&warranty=running").await.contains("/assets/1"));
        assert!(admin.page("/assets/1").await.contains("45"));
        assert!(admin.page("/assets.csv").await.contains("00-00123"));
        assert!(admin.page("/devices/1").await.contains("+7 843 200-00-00"));
        let to = admin.fill("/tickets/new", &[("device", "1"), ("title", "Не печатает"), ("priority", "3")]).await;
        assert!(admin.page(&to).await.contains("+7 843 200-00-00"), "whom to call stands on the ticket");
        admin.fill("/assets/1/edit", &[("site", "1"), ("kind", "mfp"), ("inventory", "00-00123")]).await;
        assert!(!admin.page(&to).await.contains("+7 843 200-00-00"));
        assert!(admin.page("/assets/1").await.contains("2099"), "the history tells what was there");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_assets_is_taken_from_the_page() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        let send = async |name: &str, bytes: Vec<u8>| {
            let part = format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n",);
            let body = [part.into_bytes(), bytes, b"\r\n--x--\r\n".to_vec()].concat();
            let form =
                admin.request(Method::POST, "/assets/import").header("content-type", "multipart/form-data; boundary=x");
            form.body(body).send().await.unwrap()
        };
        let answer = send("a.csv", "Модель;Цвет\nX;красный".as_bytes().to_vec()).await;
        assert_eq!(answer.status(), 422);
        let table = "Инв. номер;Вид;Модель;Гарантия до\n1;Монитор;Philips;14.03.2027\n2;штука;;\n";
        let answer = send("a.csv", table.as_bytes().to_vec()).await;
        assert_eq!(answer.status(), 303);
        let to = answer.headers()["location"].to_str().unwrap().to_owned();
        let page = admin.page(&to).await;
        assert!(page.contains("good_only") && page.contains("штука"), "{page}");
        admin.fill(&format!("{to}/accept"), &[("good_only", "1")]).await;
        assert!(admin.page("/assets").await.contains("Philips"));
        // What we write reads back and changes nothing.
        let book = admin.get("/assets.xlsx").await.bytes().await.unwrap().to_vec();
        let to = send("b.xlsx", book).await.headers()["location"].to_str().unwrap().to_owned();
        assert!(!admin.page(&to).await.contains(&format!("{to}/accept")));
        admin.fill(&format!("{to}/drop"), &[]).await;
        assert_eq!(count(&server.store, "import_draft").await, 1);
    })
    .await;
}
