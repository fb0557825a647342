//! A repair by its forms alone: opened from the ticket, a loaner lent, sent, replaced, back and closed.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_from_the_ticket_and_back() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        admin.fill("/assets/centres/new", &[("name", "АСЦ Сервис-Т"), ("phone", "+7 843 200-00-00")]).await;
        let own = [("site", "1"), ("device", "1"), ("kind", "mfp"), ("inventory", "1"), ("serial", "VXL0012345")];
        let terms =
            [("place", "каб. 214"), ("warranty_until", "2099-01-15"), ("centre", "1"), ("price_minor", "45000")];
        admin.fill("/assets/new", &[&own[..], &terms].concat()).await;
        let spare = [("site", "1"), ("kind", "mfp"), ("inventory", "2"), ("state", "in-stock")];
        admin.fill("/assets/new", &spare).await;
        let ticket = admin.fill("/tickets/new", &[("device", "1"), ("title", "C6000"), ("priority", "3")]).await;
        let number = ticket.rsplit('/').next().unwrap();
        let opener = format!("/assets/repairs/new?asset=1&amp;ticket={number}");
        assert!(admin.page(&ticket).await.contains(&opener));
        let form = admin.page(&opener.replace("&amp;", "&")).await;
        assert!(form.contains("C6000") && form.contains("+7 843 200-00-00"), "{form}");
        let open =
            |by, reason| [("asset", "1"), ("ticket", number), ("paid_by", by), ("fault", "C6000"), ("reason", reason)];
        assert_eq!(admin.send("/assets/repairs/new", &open("paid", "")).await.status(), 422, "the warranty runs");
        let case = admin.fill("/assets/repairs/new", &open("warranty", "")).await;
        assert!(admin.page(&ticket).await.contains(&format!("href=\"{case}\"")));
        admin.fill(&format!("{case}/loan"), &[("loaner", "2")]).await;
        let papers = [("centre", "1"), ("request_number", "СТ-1"), ("promised_on", "2020-01-01"), ("cost", "12 000")];
        admin.fill(&format!("{case}/papers"), &papers).await;
        let wrong = admin.send(&format!("{case}/papers"), &[("promised_on", "скоро"), ("tracking", "т-1")]).await;
        assert_eq!(wrong.status(), 422);
        assert!(wrong.text().await.unwrap().contains("т-1"), "what was typed stays");
        let step = |to| [("to", to), ("note", ""), ("on", "")];
        admin.fill(&format!("{case}/step"), &step("sent")).await;
        let (_, waits) = admin.api(Method::GET, &format!("/api/v1/tickets/{number}"), None).await;
        assert_eq!(waits["ticket"]["status"], "waiting-vendor", "{waits}");
        let list = admin.page("/assets/repairs").await;
        assert!(list.contains(&case) && list.contains("is-failure"), "late: {list}");
        admin.fill(&format!("{case}/step"), &step("at-service")).await;
        assert_eq!(admin.send(&format!("{case}/step"), &step("replaced")).await.status(), 422, "no new serial");
        admin.fill(&format!("{case}/step"), &[("to", "replaced"), ("new_serial", "VXL00777")]).await;
        admin.fill(&format!("{case}/step"), &step("returned")).await;
        admin.fill(&format!("{case}/step"), &step("closed")).await;
        let (_, kept) = admin.api(Method::GET, "/api/v1/assets/1", None).await;
        assert_eq!(kept["asset"]["asset"]["serial"], "VXL00777", "{kept}");
        let (_, spare) = admin.api(Method::GET, "/api/v1/assets/2", None).await;
        assert_eq!(spare["asset"]["asset"]["state"], "in-stock", "{spare}");
        let (_, goes_on) = admin.api(Method::GET, &format!("/api/v1/tickets/{number}"), None).await;
        assert_eq!(goes_on["ticket"]["status"], "in-progress", "{goes_on}");
        assert!(admin.page("/assets/repairs?state=done").await.contains(&case));
        assert!(admin.page(&case).await.contains("VXL00777"));
        assert!(admin.page("/assets/1").await.contains(&case));
        admin.fill(&format!("{case}/note"), &[("text", "акт подписан")]).await;
        assert!(admin.page(&case).await.contains("акт подписан"));
    })
    .await;
}
