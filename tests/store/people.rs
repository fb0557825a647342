//! Users, sessions, tokens, the set-up link, settings, audit.

use anykey::model::{Millis, Role};
use anykey::store::testing::for_each_database;
use anykey::store::{audit, setting, user};

use super::{NOON, count};

#[tokio::test]
async fn people_sign_in_and_out() {
    for_each_database(|store| async move {
        let db = store.db();
        assert!(!user::any(db).await.unwrap());
        let mut tx = store.begin().await.unwrap();
        let anna = user::add(&mut tx, "anna", "phc1", Role::Administrator, NOON).await.unwrap();
        let boris = user::add(&mut tx, "boris", "phc2", Role::Technician, NOON).await.unwrap();
        assert!(user::login_taken(&mut tx, "anna").await.unwrap());
        assert!(!user::login_taken(&mut tx, "clara").await.unwrap());
        assert_eq!(user::other_administrators(&mut tx, anna).await.unwrap(), 0);
        user::set_role(&mut tx, boris, Role::Administrator).await.unwrap();
        assert_eq!(user::other_administrators(&mut tx, anna).await.unwrap(), 1);
        assert_eq!(user::load(&mut tx, boris).await.unwrap().unwrap().role, Role::Administrator);
        tx.commit().await.unwrap();
        assert!(user::any(db).await.unwrap());
        user::set_language(&store, anna, "en").await.unwrap();
        let u = user::by_login(db, "anna").await.unwrap().unwrap();
        assert_eq!((u.id, u.password_hash.as_str(), u.language.as_deref()), (anna, "phc1", Some("en")));
        assert_eq!(user::by_login(db, "nobody").await.unwrap(), None);

        let later = NOON.plus(Millis::HOUR);
        user::start_session(&store, "hash", anna, NOON, later).await.unwrap();
        let (who, until) = user::of_session(db, "hash", NOON).await.unwrap().unwrap();
        assert_eq!((who.id, until), (anna, later));
        assert!(user::of_session(db, "other", NOON).await.unwrap().is_none());
        assert!(user::of_session(db, "hash", later).await.unwrap().is_none(), "over");
        user::extend_session(&store, "hash", later.plus(1)).await.unwrap();
        assert!(user::of_session(db, "hash", later).await.unwrap().is_some());
        user::end_session(&store, "hash").await.unwrap();
        assert!(user::of_session(db, "hash", NOON).await.unwrap().is_none());

        user::start_session(&store, "hash", anna, NOON, later).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        user::set_password(&mut tx, anna, "phc3").await.unwrap();
        tx.commit().await.unwrap();
        assert!(user::of_session(db, "hash", NOON).await.unwrap().is_none(), "a new password ends sessions");

        user::start_session(&store, "hash", boris, NOON, later).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        user::remove(&mut tx, boris).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((count(&store, "app_user").await, count(&store, "web_session").await), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn tokens_and_the_set_up_link() {
    for_each_database(|store| async move {
        let db = store.db();
        let mut tx = store.begin().await.unwrap();
        let id = user::add_token(&mut tx, "grafana", "h", Role::ReadOnly, NOON).await.unwrap();
        assert!(user::token_name_taken(&mut tx, "grafana").await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(user::of_token(db, "h").await.unwrap(), Some(("grafana".into(), Role::ReadOnly)));
        let mut tx = store.begin().await.unwrap();
        assert!(user::remove_token(&mut tx, id).await.unwrap());
        assert!(!user::remove_token(&mut tx, id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(user::of_token(db, "h").await.unwrap(), None);

        let later = NOON.plus(Millis::HOUR);
        user::offer_setup(&store, "old", later).await.unwrap();
        user::offer_setup(&store, "link", later).await.unwrap();
        assert!(!user::setup_is_offered(db, "old", NOON).await.unwrap(), "only the newest counts");
        assert!(user::setup_is_offered(db, "link", NOON).await.unwrap());
        assert!(!user::setup_is_offered(db, "link", later).await.unwrap());
        assert_eq!(user::finish_setup(&store, "link", "anna", "phc", later).await.unwrap(), None);
        assert!(user::finish_setup(&store, "link", "anna", "phc", NOON).await.unwrap().is_some());
        assert_eq!(user::finish_setup(&store, "link", "eve", "phc", NOON).await.unwrap(), None, "once");
        assert_eq!(user::by_login(db, "anna").await.unwrap().unwrap().role, Role::Administrator);
        assert_eq!(count(&store, "audit").await, 1);
    })
    .await;
}

#[tokio::test]
async fn settings_and_audit() {
    for_each_database(|store| async move {
        assert_eq!(setting::get(store.db(), "k").await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        setting::set(&mut tx, "k", "1").await.unwrap();
        setting::set(&mut tx, "k", "Юг").await.unwrap();
        assert_eq!(setting::get_in(&mut tx, "k").await.unwrap().as_deref(), Some("Юг"));
        audit::add(&mut tx, "anna", "web", "set-setting", "done", NOON).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(setting::get(store.db(), "k").await.unwrap().as_deref(), Some("Юг"));
    })
    .await;
}
