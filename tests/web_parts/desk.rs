//! Work on tickets over real HTTP: a file goes in and comes out harmless, tickets are merged, the board moves them.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn files_links_and_the_board() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        let open = async |title: &str| {
            let to = admin.fill("/tickets/new", &[("device", "1"), ("title", title), ("priority", "3")]).await;
            to.rsplit('/').next().unwrap().to_owned()
        };
        let (first, second) = (open("Не печатает").await, open("Жуёт").await);
        let send = async |name: &str, bytes: &[u8]| {
            let head = format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
            let body = [head.as_bytes(), bytes, b"\r\n--x--\r\n"].concat();
            let form = admin.request(Method::POST, &format!("/tickets/{first}/files"));
            form.header("content-type", "multipart/form-data; boundary=x").body(body).send().await.unwrap()
        };
        assert_eq!(send("x.html", b"<script>alert(1)</script>").await.status(), 303);
        assert_eq!(send("x.exe", b"MZ\0\0").await.status(), 303);
        assert_eq!(count(&server.store, "ticket_file").await, 1, "the second one is no file that is taken");
        let file = admin.get(&format!("/tickets/{first}/files/1")).await;
        assert_eq!(file.headers()["content-type"], "text/plain; charset=utf-8");
        assert!(file.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert_eq!(file.headers()["x-content-type-options"], "nosniff");
        assert_eq!(admin.get(&format!("/tickets/{second}/files/1")).await.status(), 404, "not of this ticket");
        assert_eq!(server.visitor().get(&format!("/tickets/{first}/files/1")).await.status(), 303);
        assert!(admin.page("/tickets/board").await.contains(&format!("/tickets/board/{second}")));
        admin.fill(&format!("/tickets/board/{second}"), &[("status", "waiting-parts")]).await;
        admin.fill(&format!("/tickets/{second}/merge"), &[("into", &first)]).await;
        let page = admin.page(&format!("/tickets/{first}")).await;
        assert!(page.contains("Жуёт") && page.contains("x.html"), "{page}");
        let fields = [("title", "Замятие"), ("vendor", "kyocera"), ("model", "ecosys*"), ("body", "Открыть\nВынуть")];
        admin.fill("/tickets/notes/new", &fields).await;
        assert!(admin.page(&format!("/tickets/{first}")).await.contains("Вынуть"));
        let tried = [("note", "1"), ("step", "1"), ("outcome", "worked")];
        admin.fill(&format!("/tickets/{first}/step"), &tried).await;
        let (_, work) = admin.api(Method::GET, &format!("/api/v1/tickets/{first}/work"), None).await;
        assert_eq!(work["steps"], json!([[1, 1, "worked"]]), "{work}");
        admin.fill(&format!("/tickets/{first}/files/1/remove"), &[]).await;
        assert_eq!(count(&server.store, "ticket_file").await, 0);
    })
    .await;
}
