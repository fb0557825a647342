//! Figures of service over real HTTP: what was not seen is not up, every number opens its rows, the workbook holds them.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn figures_open_their_rows() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        let to = admin.fill("/tickets/new", &[("device", "1"), ("title", "Не печатает"), ("priority", "3")]).await;
        admin.fill(&format!("{to}/status"), &[("status", "in-progress")]).await;
        admin.fill(&format!("{to}/status"), &[("status", "resolved")]).await;
        let (status, kpi) = admin.api(Method::GET, "/api/v1/kpi?group=device", None).await;
        assert_eq!(status, 200, "{kpi}");
        assert_eq!((&kpi["rows"][0]["key"], &kpi["total"]["devices"]), (&json!("1"), &json!(1)), "{kpi}");
        assert_eq!((&kpi["total"]["desk"]["resolved"], &kpi["total"]["desk"]["in_time"]), (&json!(1), &json!(1)));
        assert_eq!(kpi["total"]["availability"]["failures"], 0, "{kpi}");
        let page = admin.page("/kpi").await;
        assert!(page.contains("/kpi/rows?what=backlog"), "{page}");
        for group in ["branch", "model", "device"] {
            admin.page(&format!("/kpi?group={group}")).await;
        }
        let rows = admin.page("/kpi/rows?what=resolved&group=device&key=1").await;
        assert!(rows.contains(&to), "{rows}");
        assert!(!admin.page("/kpi/rows?what=late&group=device&key=1").await.contains(&format!("href=\"{to}\"")));
        admin.page("/kpi/rows?what=failures&group=branch&key=1").await;
        admin.page("/kpi?month=2020-01").await;
        assert!(admin.get("/kpi.xlsx").await.bytes().await.unwrap().starts_with(b"PK"));
        assert_eq!(admin.api(Method::GET, "/api/v1/kpi?month=yesterday", None).await.0, 422);
    })
    .await;
}
