//! Labels of devices over real HTTP: codes are made once, a stranger who scans one reports in three fields, and learns no more
//! than the label says; too many reports and wrong codes are slowed down.

use super::*;

/// The path under the code of the device's label.
async fn path_of(server: &Server) -> String {
    let codes = anykey::store::tag::of_devices(server.store.db(), &[DeviceId(1)]).await.unwrap();
    format!("/t/{}", codes[0].1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_reports_by_the_label() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        let stranger = server.visitor();
        assert!(
            admin.page("/labels").await.contains("name=\"device\"") || count(&server.store, "device_tag").await == 0
        );
        assert_eq!(stranger.send("/labels", &[]).await.status(), 303, "a stranger makes no codes: sign in first");
        assert_eq!(count(&server.store, "device_tag").await, 0);
        assert_eq!(admin.send("/labels", &[]).await.status(), 303);
        let path = path_of(server).await;
        assert_eq!(admin.send("/labels", &[("device", "1")]).await.status(), 303);
        assert_eq!(path_of(server).await, path, "a code that is stuck on stays");
        assert!(admin.page("/labels").await.contains("class=\"qr\""));

        let before = count(&server.store, "ticket").await;
        let page = stranger.page(&path).await;
        assert!(page.contains("mfu-1") && !page.contains("192.0.2.7") && !page.contains("VXL0012345"), "{page}");
        for (fields, why) in [
            (vec![("reporter", "Иванова")], "no fault chosen"),
            (vec![("fault", "other"), ("reporter", "Иванова")], "nothing said"),
        ] {
            assert_eq!(stranger.send(&path, &fields).await.status(), 422, "{why}");
        }
        assert_eq!(count(&server.store, "ticket").await, before);
        let fields = [("fault", "jam"), ("reporter", "Иванова, 4-17"), ("text", "<b>жуёт</b>")];
        assert_eq!(stranger.send(&path, &fields).await.status(), 200);
        let (_, ticket) = admin.api(Method::GET, &format!("/api/v1/tickets/{}", before + 1), None).await;
        assert_eq!(ticket["ticket"]["class"], "reported");
        assert!(ticket["ticket"]["title"].as_str().unwrap().contains("Замятие"), "{ticket}");
        assert_eq!(ticket["events"][0]["author"], "label");
        assert_eq!(ticket["clock"]["response"]["state"], "running", "a report is no answer: {ticket}");
        let page = admin.page(&format!("/tickets/{}", before + 1)).await;
        assert!(page.contains("жуёт") && !page.contains("<b>жуёт"), "{page}");

        // The second one is told that it is known, and adds to it, or opens another.
        assert!(stranger.page(&path).await.contains("name=\"same\""));
        let again = [("fault", "jam"), ("reporter", "Петров"), ("same", "1")];
        assert_eq!(stranger.send(&path, &again).await.status(), 200);
        assert_eq!(count(&server.store, "ticket").await, before + 1);
        assert_eq!(stranger.send(&path, &[("fault", "quality")]).await.status(), 200);
        assert_eq!(count(&server.store, "ticket").await, before + 2);
        for _ in 0..2 {
            assert_eq!(stranger.send(&path, &[("fault", "quality"), ("same", "1")]).await.status(), 200);
        }
        assert_eq!(stranger.send(&path, &[("fault", "quality")]).await.status(), 429);
        assert_eq!(count(&server.store, "ticket").await, before + 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_not_guessed() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        admin.send("/labels", &[]).await;
        let path = path_of(server).await;
        let stranger = server.visitor();
        let status = async |path: &str| stranger.request(Method::GET, path).send().await.unwrap().status().as_u16();
        assert_eq!(status(&path.to_lowercase()).await, 200, "as people type it");
        for n in 0..50 {
            assert_eq!(status(&format!("/t/222222{:02}", 22 + n % 7)).await, 404);
        }
        assert_eq!(status(&path).await, 404, "who tries codes gets none for a while");
    })
    .await;
}
