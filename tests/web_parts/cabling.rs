//! Documented cabling through its pages and its API: the sheet of a branch is sent, shown, taken, taken back; an outlet is
//! found however it is written, and its path is told with what the switch says of its port.

use super::*;

const SHEET: &str = "розетка;этаж;кабинет;патч-панель;порт;коммутатор;порт;кабель;категория;длина;устройство\n\
                     2.14-А;2 этаж;каб. 214;PP1;07;sw2;7;L-214A;6;38,5;mfu-1\n\
                     2.14-B;2 этаж;каб. 214;PP1;8;sw2;Gi0/8;L-214B;6;39;\n\
                     2.15;2 этаж;каб. 215;PP1;7;;;;;;\n";

/// A switch with eight ports; somebody is heard on the seventh.
async fn switch(server: &Server) {
    let port = |n: u32| Port {
        if_index: n,
        name: format!("Gi0/{n}"),
        type_number: Some(6),
        admin: Some("up".into()),
        oper: Some(if n == 7 { "up" } else { "down" }.into()),
        speed_bps: if n == 7 { 1_000_000_000 } else { 0 },
        physical: true,
        ..Port::default()
    };
    let facts = Facts {
        kind: Some(DeviceKind::Switch),
        sys_name: Some("sw2".into()),
        serial: Some("SW000002".into()),
        base_mac: Some("00:aa:00:00:02:00".into()),
        ports: Some((1..=8).map(port).collect()),
        ..Facts::default()
    };
    let subject = Subject::Discovered { site: 1, credential: None, range: None };
    server.give_from([192, 0, 2, 20], subject, ProbeClass::Inventory, facts.clone()).await;
    let device = DeviceId(2);
    let ports = Facts { ports: facts.ports, ..Facts::default() };
    server.give_from([192, 0, 2, 20], Subject::Known { device }, ProbeClass::Interfaces, ports).await;
    let heard = FdbEntry {
        mac: "00:1b:a9:01:02:03".into(),
        if_index: Some(7),
        port: Some("Gi0/7".into()),
        vlan: Some(20),
        status: Some("learned".into()),
    };
    let facts = Facts { fdb: Some(vec![heard]), links: Some(Vec::new()), ..Facts::default() };
    server.give_from([192, 0, 2, 20], Subject::Known { device }, ProbeClass::Neighbors, facts).await;
}

async fn send(admin: &Person, sheet: &str) -> i64 {
    let sent = admin.request(Method::POST, "/api/v1/sites/1/cabling/sheets?name=k.csv").body(sheet.to_owned());
    let answer = sent.send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let done: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    done["id"].as_i64().unwrap()
}

async fn accept(admin: &Person, sheet: i64, good_only: bool) -> (u16, Value) {
    let body = json!({ "good_only": good_only });
    admin.api(Method::POST, &format!("/api/v1/cabling/sheets/{sheet}/accept"), Some(body)).await
}

async fn pieces(server: &Server) -> Vec<i64> {
    let sql = "SELECT (SELECT COUNT(*) FROM place), (SELECT COUNT(*) FROM unit), (SELECT COUNT(*) FROM jack), \
               (SELECT COUNT(*) FROM cable), (SELECT COUNT(*) FROM cable_end)";
    integers(&server.store, sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_shown_taken_found_and_taken_back() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        switch(server).await;
        assert!(admin.page("/cabling").await.contains("/cabling/import"), "an empty branch says the next step");
        let sheet = send(admin, SHEET).await;
        assert_eq!(pieces(server).await, [0; 5], "shown only");
        let (_, told) =
            admin.api(Method::GET, &format!("/api/v1/cabling/sheets?sheet={sheet}&verdict=wrong"), None).await;
        assert_eq!(told["rows"]["rows"][0]["row"], 4, "{told}");
        assert_eq!(told["rows"]["rows"][0]["faults"][0]["code"], "panel-port-taken");
        assert!(admin.page(&format!("/cabling/import/{sheet}")).await.contains("2.14-А"));
        assert_eq!(accept(admin, sheet, false).await.0, 422, "a wrong row refuses the whole");
        assert_eq!(accept(admin, sheet, true).await.0, 200);
        // 2 rooms would be 3 places with the floor; the wrong row left nothing behind.
        assert_eq!(pieces(server).await, [2, 5, 29, 5, 10]);
        assert_eq!(accept(admin, sheet, true).await.1["changed"], false, "taken once");
        let again = send(admin, SHEET).await;
        let (_, told) =
            admin.api(Method::GET, &format!("/api/v1/cabling/sheets?sheet={again}&verdict=same"), None).await;
        assert_eq!(told["rows"]["total"], 2, "{told}");

        // Found however it is written; one search is one step from the answer.
        let found = admin.get("/cabling?q=2.14a").await;
        assert_eq!(found.status(), 303);
        let path = found.headers()["location"].to_str().unwrap().to_owned();
        let page = admin.page(&path).await;
        for words in ["Gi0/7", "PP1", "mfu-1", "00:1b:a9:01:02:03", "L-214A", "каб. 214"] {
            assert!(page.contains(words), "{words} is missing");
        }
        assert!(page.contains("strip standing") && page.contains("strip lying"));
        let by_mac = admin.get("/cabling?q=001b.a901.0203").await;
        assert_eq!(by_mac.status(), 303, "a MAC leads to the port it is heard on");
        let (_, paths) = admin
            .api(Method::GET, &format!("/api/v1/cabling/trace?jack={}", path.rsplit('/').next().unwrap()), None)
            .await;
        assert_eq!(paths[0]["steps"].as_array().unwrap().len(), 9, "{paths}");
        assert_eq!((&paths[0]["ends"], &paths[0]["length_cm"]), (&json!(["active", "active"]), &json!(3_850)));
        let picture = admin.get(&format!("{path}.svg")).await;
        assert_eq!(picture.headers()["content-type"], "image/svg+xml");
        let first = picture.text().await.unwrap();
        assert_eq!(admin.get(&format!("{path}.svg")).await.text().await.unwrap(), first, "the same bytes");

        // What is written reads back as nothing new.
        let csv = admin.get("/cabling/sheet.csv").await.text().await.unwrap();
        let back = send(admin, &csv).await;
        let (_, told) = admin.api(Method::GET, &format!("/api/v1/cabling/sheets?sheet={back}"), None).await;
        assert!(told["rows"]["rows"].as_array().unwrap().iter().all(|r| r["verdict"] == "same"), "{told}");

        // A cord by hand; a socket that is taken is refused with who has it; the way back.
        let connect = format!("{path}/connect");
        assert_eq!(
            admin.send(&connect, &[("side", "front"), ("to", "PP1:9")]).await.status(),
            422,
            "the front has its device"
        );
        let changes = admin.api(Method::GET, "/api/v1/cabling/changes", None).await.1;
        let set = changes[0]["id"].as_i64().unwrap();
        assert_eq!(changes[0]["kind"], "import");
        assert_eq!(admin.api(Method::POST, &format!("/api/v1/cabling/changes/{set}/undo"), None).await.0, 200);
        assert_eq!(pieces(server).await, [0; 5], "as it was before");
        assert_eq!(admin.get("/cabling?q=2.14a").await.status(), 200);
        assert!(admin.page("/cabling/changes").await.contains("k.csv"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_rows_by_the_form_and_pieces_by_the_api() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        let mut rows = String::from("outlet,room,panel,port,switch,port\n");
        for n in 0..320 {
            let (panel, port) = (n / 24 + 1, n % 24 + 1);
            rows.push_str(&format!("1.{n:03},room {},PP{panel},{port},core-{},{}\n", n / 4, n / 48, n % 48 + 1));
        }
        let sheet = send(admin, &rows).await;
        assert_eq!(admin.fill(&format!("/cabling/import/{sheet}/accept"), &[]).await, format!("/cabling/import/{sheet}"));
        assert_eq!(pieces(server).await[3], 640, "a cable in the wall and a cord for each");
        assert!(admin.page("/cabling?page=3").await.contains("1.1"));
        for page in ["/cabling?show=units", "/cabling?show=cables", "/cabling.csv", "/cabling/sheet.xlsx"] {
            assert_eq!(admin.get(page).await.status(), 200, "{page}");
        }
        let unit = |label: &str, jacks: Value| {
            let unit = json!({"id": 0, "kind": "panel", "label": label, "place": null, "rack": null, "position": null,
                "height": 1, "device": null, "x": null, "y": null, "rows": 1, "note": ""});
            json!({"piece": "unit", "unit": unit, "jacks": jacks})
        };
        let save = async |body: Value| admin.api(Method::POST, "/api/v1/sites/1/cabling/pieces", Some(body)).await;
        let (status, error) = save(unit("РР1", json!([]))).await;
        assert_eq!((status, error["error"]["code"].as_str()), (422, Some("cabling-taken")), "a Cyrillic twin: {error}");
        let (status, done) = save(unit("PP-99", json!(["1", "2"]))).await;
        assert_eq!(status, 200, "{done}");
        let (_, documents) = admin.api(Method::GET, "/api/v1/sites/1/cabling", None).await;
        let jacks: Vec<i64> = documents["jacks"].as_array().unwrap().iter().filter(|j| j["unit"] == done["id"]).map(|j| j["id"].as_i64().unwrap()).collect();
        let cord = json!({"a": {"jack": jacks[0], "side": "rear"}, "b": {"jack": jacks[1], "side": "rear"}, "kind": "backbone", "label": "B-1"});
        let (status, done) = admin.api(Method::POST, "/api/v1/sites/1/cabling/cords", Some(cord.clone())).await;
        assert_eq!(status, 200, "{done}");
        let (status, error) = admin.api(Method::POST, "/api/v1/sites/1/cabling/cords", Some(cord.clone())).await;
        assert_eq!((status, error["error"]["code"].as_str()), (422, Some("cabling-occupied")), "{error}");
        let off = json!({"cable": done["id"], "status": "decommissioned"});
        assert_eq!(admin.api(Method::PUT, "/api/v1/sites/1/cabling/status", Some(off)).await.0, 200);
        assert_eq!(admin.api(Method::POST, "/api/v1/sites/1/cabling/cords", Some(cord)).await.0, 200, "the sockets are free again");
        let (_, found) = admin.api(Method::GET, "/api/v1/cabling/find?q=b-1", None).await;
        assert_eq!(found["hits"][0]["kind"], "cable", "{found}");
    })
    .await;
}

/// A switch that tells of the other by LLDP, over its eighth port.
async fn speaking(server: &Server, n: u8, other: u8) {
    let address = [192, 0, 2, 20 + n];
    let port = |i: u32| Port {
        if_index: i,
        name: format!("Gi0/{i}"),
        type_number: Some(6),
        oper: Some("up".into()),
        speed_bps: 1_000_000_000,
        physical: true,
        mac: Some(format!("00:aa:00:00:{n:02x}:{i:02x}")),
        ..Port::default()
    };
    let chassis = |n: u8| format!("00:aa:00:00:{n:02x}:00");
    let facts = Facts {
        kind: Some(DeviceKind::Switch),
        sys_name: Some(format!("sw-{n}")),
        serial: Some(format!("SW10000{n}")),
        base_mac: Some(chassis(n)),
        lldp_chassis: Some(chassis(n)),
        ..Facts::default()
    };
    let subject = Subject::Discovered { site: 1, credential: None, range: None };
    server.give_from(address, subject, ProbeClass::Inventory, facts).await;
    let sql = "SELECT MAX(id) FROM device";
    let device = DeviceId(integers(&server.store, sql).await[0]);
    let ports = Facts { ports: Some((1..=8).map(port).collect()), ..Facts::default() };
    server.give_from(address, Subject::Known { device }, ProbeClass::Interfaces, ports).await;
    let link = Link {
        local_if_index: Some(8),
        local_port: Some("Gi0/8".into()),
        protocol: "lldp".into(),
        remote_host: Some(format!("sw-{other}")),
        remote_chassis: Some(chassis(other)),
        remote_port: Some("Gi0/8".into()),
        capabilities: vec!["bridge".into()],
        ..Link::default()
    };
    let wiring = Wiring { bridge_addresses: vec![chassis(n)], ..Wiring::default() };
    let told = Facts { links: Some(vec![link]), wiring: Some(wiring), fdb: Some(Vec::new()), ..Facts::default() };
    server.give_from(address, Subject::Known { device }, ProbeClass::Neighbors, told).await;
}

async fn look(server: &Server) {
    anykey::app::observe::look_at(&server.store, SiteId(1), server.clock.now()).await.unwrap();
}

async fn findings(admin: &Person, state: &str) -> Vec<Value> {
    let (status, list) = admin.api(Method::GET, &format!("/api/v1/cabling/findings?state={state}"), None).await;
    assert_eq!(status, 200, "{list}");
    list.as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_seen_waits_for_a_person_and_can_be_taken_back() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        assert!(admin.page("/cabling/map").await.contains("class=\"empty\""));
        speaking(server, 1, 2).await;
        speaking(server, 2, 1).await;
        look(server).await;
        let (_, links) = admin.api(Method::GET, "/api/v1/cabling/links", None).await;
        assert_eq!((links[0]["a_port"].as_str(), links[0]["state"].as_str()), (Some("Gi0/8"), Some("live")), "{links}");
        let map = admin.page("/cabling/map").await;
        assert!(map.contains("sw-1") && map.contains("Gi0/8") && map.contains("<svg"), "the picture and its table");
        let svg = admin.get("/cabling/map.svg").await.text().await.unwrap();
        assert_eq!(admin.get("/cabling/map.svg").await.text().await.unwrap(), svg, "the same bytes twice");
        assert!(admin.get("/cabling/map.drawio").await.text().await.unwrap().contains("mxGraphModel"));
        assert_eq!(admin.get("/cabling/map.csv").await.status(), 200);
        assert_eq!(pieces(server).await, [0; 5], "nothing is documented by itself");
        let open = findings(admin, "open").await;
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!(open[0]["kind"], "undocumented-link");
        let id = open[0]["id"].as_i64().unwrap();
        let page = admin.page("/cabling/findings").await;
        assert!(page.contains("sw-1 · Gi0/8") && page.contains("accept-all"), "{page}");

        // Not told for a week, then told again; a ticket says both sides.
        admin.fill(&format!("/cabling/findings/{id}/ignore"), &[("days", "7")]).await;
        assert_eq!(findings(admin, "ignored").await.len(), 1);
        look(server).await;
        assert!(findings(admin, "open").await.is_empty(), "it stays ignored while it is seen");
        admin.fill(&format!("/cabling/findings/{id}/reopen"), &[]).await;
        let (_, done) = admin
            .api(Method::PUT, &format!("/api/v1/cabling/findings/{id}"), Some(json!({"decision": "work-order"})))
            .await;
        let ticket = admin.page(&format!("/tickets/{}", done["id"])).await;
        assert!(ticket.contains("sw-1 · Gi0/8"), "{ticket}");
        admin.fill(&format!("/cabling/findings/{id}/reopen"), &[]).await;

        // Accepted with all that are sure: one change set, one way back.
        admin.fill("/cabling/findings/accept-all", &[("site", "1")]).await;
        assert_eq!(pieces(server).await, [0, 2, 2, 1, 2]);
        look(server).await;
        assert!(findings(admin, "open").await.is_empty(), "documents and network agree");
        let (_, sets) = admin.api(Method::GET, "/api/v1/cabling/changes", None).await;
        assert_eq!((sets[0]["kind"].as_str(), sets[0]["who"].as_str()), (Some("accept"), Some("anna")), "{sets}");
        admin.fill(&format!("/cabling/changes/{}/undo", sets[0]["id"]), &[]).await;
        assert_eq!(pieces(server).await, [0; 5]);
        look(server).await;
        assert_eq!(findings(admin, "open").await.len(), 1, "it is a difference again");
        let audited = integers(&server.store, "SELECT COUNT(*) FROM audit WHERE command LIKE '%accept-all%'").await;
        assert_eq!(audited, [1]);
    })
    .await;
}
