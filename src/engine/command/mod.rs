//! Commands of people: checked first, then carried out. A command that is refused has written nothing.
//!
//! One file a part of the work: `orders`, `tickets`, `devices`, `catalogue`, `network`, `access`, `stock`. To add a command: its
//! arm here, its function there, its secret fields in `audit_text`.

mod access;
mod assets;
mod cabling;
mod catalogue;
mod desk;
mod devices;
mod findings;
mod identities;
mod imports;
mod maintenance;
mod network;
mod orders;
pub(super) mod rma;
mod service;
mod stock;
mod supplies;
mod tags;
mod tickets;

use super::api::{Actor, CommandError, Done};
pub(super) use super::writer::Failure;
use super::writer::Work;
use crate::model::{AssetChange, CablingChange, Command};
use crate::store::{Keeper, Tx};
pub(super) use orders::approve;
pub(super) use stock::{main_store, not_replaced, replaced};

use Command as C;

pub(super) type Outcome = Result<Done, Failure>;

/// Longest text of a field a person fills in.
const MAX_TEXT: usize = 200;
/// Longest comment.
const MAX_COMMENT: usize = 10_000;

pub(super) async fn carry_out(work: &mut Work, tx: &mut Tx, keeper: &Keeper, actor: &Actor, c: Command) -> Outcome {
    match c {
        C::ApproveOrder { order } => orders::approve(work, tx, actor, order).await,
        C::CancelOrder { order } => orders::cancel(work, tx, order).await,
        C::ReceiveOrder { order } => orders::receive(work, tx, actor, order).await,
        C::SetLineQuantity { line, quantity } => orders::set_line_quantity(work, tx, line, quantity).await,
        C::BuyOverBudget { line, reason } => orders::buy_over_budget(work, tx, line, &reason).await,
        C::SetNeedArticle { need, article } => orders::set_need_article(work, tx, need, article).await,
        C::DismissNeed { need, reason } => orders::dismiss_need(work, tx, need, &reason).await,
        C::SetTicketStatus { ticket, status } => tickets::set_status(work, tx, actor, ticket, status).await,
        C::CommentTicket { ticket, text } => tickets::comment(work, tx, actor, ticket, &text).await,
        C::SetTicketPriority { ticket, priority } => tickets::set_priority(work, tx, actor, ticket, priority).await,
        C::MergeTicket { ticket, into } => tickets::merge(work, tx, actor, ticket, into).await,
        C::SetParent { device, parent } => devices::set_parent(work, tx, device, parent).await,
        C::PlanMaintenance { window } => maintenance::plan(work, tx, actor, window).await,
        C::EndMaintenance { window } => maintenance::end(work, tx, window).await,
        C::TagDevices { tags } => tags::add(work, tx, &tags).await,
        C::ReportFault { report } => tags::report(work, tx, actor, report).await,
        C::Service { change } => service::change(work, tx, change).await,
        c @ (C::Cabling { .. } | C::Asset { .. } | C::Rma { .. } | C::Desk { .. }) => things(work, tx, actor, c).await,
        C::OpenTicket { device, title, priority } => tickets::open(work, tx, actor, device, &title, priority).await,
        C::RenameDevice { device, name } => devices::rename(work, tx, device, &name).await,
        C::PlaceDevice { device, site, location } => devices::place(work, tx, device, site, location).await,
        C::RetireDevice { device } => devices::retire(work, tx, device).await,
        C::PollNow { device } => devices::poll_now(work, tx, device).await,
        C::MergeDevices { device, other } => identities::merge(work, tx, actor, device, other).await,
        C::SplitDevice { device: d, identifiers: i, address: a } => identities::split(work, tx, actor, d, &i, a).await,
        C::UndoIdentity { change } => identities::undo(work, tx, actor, change).await,
        C::AddArticle { article } => catalogue::save_article(work, tx, None, article).await,
        C::UpdateArticle { id, article } => catalogue::save_article(work, tx, Some(id), article).await,
        C::AddSupplier { name, email, language, currency, terms } => {
            catalogue::save_supplier(work, tx, None, [&name, &email, &language, &currency], terms).await
        }
        C::UpdateSupplier { supplier, name, email, language, currency, terms } => {
            catalogue::save_supplier(work, tx, Some(supplier), [&name, &email, &language, &currency], terms).await
        }
        C::AddRange { site: s, cidr: n, port: p, credential: c } => {
            network::add_range(work, tx, actor, s, &n, p, c).await
        }
        C::RemoveRange { range } => network::remove_range(work, tx, range).await,
        C::ScanRange { range } => network::scan_range(work, tx, range).await,
        C::AddCredential { name, version, community } => {
            network::add_credential(work, tx, keeper, &name, &version, &community).await
        }
        C::AddSnmpUser { name, user } => network::add_snmp_user(work, tx, keeper, &name, user).await,
        C::RemoveCredential { credential } => network::remove_credential(work, tx, credential).await,
        C::AddSite { name, time_zone } => network::add_site(work, tx, &name, &time_zone).await,
        C::AddUser { login, password_hash, role } => access::add_user(work, tx, &login, &password_hash, &role).await,
        C::SetPassword { user, password_hash } => access::set_password(work, tx, user, &password_hash).await,
        C::SetUserRole { user, role } => access::set_role(work, tx, user, &role).await,
        C::RemoveUser { user } => access::remove_user(work, tx, user).await,
        C::AddToken { name, token_hash, role } => access::add_token(work, tx, &name, &token_hash, &role).await,
        C::RemoveToken { token } => access::remove_token(work, tx, token).await,
        C::SetSetting { key, value } => access::set_setting(work, tx, &key, &value).await,
        C::AddStore { site, name } => stock::add_store(work, tx, site, &name).await,
        C::RenameStore { store, name } => stock::rename_store(work, tx, store, &name).await,
        C::ArchiveStore { store } => stock::archive_store(work, tx, store).await,
        C::PostStock { document } => stock::write(work, tx, actor, document).await,
        C::PostDraft { document } => stock::post_draft(work, tx, actor, document).await,
        C::SendTransfer { document } => stock::send(work, tx, actor, document).await,
        C::ReceiveTransfer { document } => stock::receive(work, tx, document).await,
        C::ReverseDocument { document, note } => stock::reverse(work, tx, actor, document, &note).await,
        C::DropDraft { document, found } => stock::drop_draft(work, tx, document, found).await,
        C::Reserve { reservation } => stock::reserve(work, tx, actor, reservation).await,
        C::Release { reservation } => stock::release(work, tx, reservation).await,
        C::ConfirmOrder { order, expected_at } => orders::confirm(work, tx, order, expected_at).await,
        C::ReceiveLines { order, lines, more, key } => {
            orders::receive_some(work, tx, actor, order, (&lines, more, key.as_deref())).await
        }
        C::CloseRest { order } => orders::close_rest(work, tx, order).await,
        C::AskSupplier { order } => orders::ask_supplier(work, tx, order).await,
        C::SetWebhookSecret { supplier: s, webhook_secret: w } => catalogue::set_secret(work, tx, keeper, s, &w).await,
        C::DraftImport { file_name, ignored, rows } => imports::draft(work, tx, actor, &file_name, ignored, rows).await,
        C::AcceptImport { import, good_only } => imports::accept(work, tx, import, good_only).await,
        C::RecheckImport { import } => imports::recheck(tx, import).await,
        C::DropImport { import } => imports::drop(tx, import).await,
        C::ConfirmSupplyArticle { supply, article } => supplies::confirm(work, tx, supply, article).await,
        C::RejectSupplyArticle { supply, article } => supplies::reject(work, tx, supply, article).await,
    }
}

/// Cabling, what a branch owns, its repairs, and the work on tickets.
async fn things(work: &mut Work, tx: &mut Tx, actor: &Actor, c: Command) -> Outcome {
    match c {
        Command::Asset { change } => assets::change(work, tx, actor, change).await,
        Command::Rma { change } => rma::change(work, tx, actor, change).await,
        Command::Desk { change } => desk::change(work, tx, actor, change).await,
        Command::Cabling { change } => cabling::change(work, tx, actor, change).await,
        // One that `carry_out` passes here and nobody takes must not look done.
        _ => Err(CommandError::invalid("command", "not-allowed", "nothing carries this command out").into()),
    }
}

/// The command as it is written down: without its secrets.
pub(super) fn audit_text(command: &Command) -> String {
    if let Command::DraftImport { file_name, rows, .. } = command {
        // The rows are kept with the import.
        return serde_json::json!({ "command": "draft-import", "file_name": file_name, "rows": rows.len() })
            .to_string();
    }
    if let Command::Cabling { change: CablingChange::DraftSheet { site, file_name, rows, .. } } = command {
        let (what, rows) = ("cabling: draft-sheet", rows.len());
        return serde_json::json!({ "command": what, "site": site, "file_name": file_name, "rows": rows }).to_string();
    }
    if let Command::Asset { change: AssetChange::DraftImport { file_name, rows, .. } } = command {
        return serde_json::json!({ "command": "asset", "change": "draft-import", "file_name": file_name, "rows": rows.len() })
            .to_string();
    }
    let Ok(mut value) = serde_json::to_value(command) else { return "?".to_owned() };
    hide(&mut value);
    if let Some(user) = value.get_mut("user") {
        hide(user);
    }
    let text = value.to_string();
    text.chars().take(MAX_COMMENT).collect()
}

fn hide(value: &mut serde_json::Value) {
    for secret in ["community", "password_hash", "token_hash", "auth_password", "priv_password", "webhook_secret"] {
        if let Some(field) = value.get_mut(secret) {
            *field = "***".into();
        }
    }
}

/// A line of text a person must fill in.
fn required<'a>(field: &'static str, text: &'a str) -> Result<&'a str, CommandError> {
    let text = optional(field, text)?;
    if text.is_empty() { Err(CommandError::invalid(field, "required", "must not be empty")) } else { Ok(text) }
}

/// A line of text that may stay empty.
fn optional<'a>(field: &'static str, text: &'a str) -> Result<&'a str, CommandError> {
    let text = text.trim();
    if text.chars().count() > MAX_TEXT {
        return Err(CommandError::invalid(field, "too-long", format!("longer than {MAX_TEXT} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(CommandError::invalid(field, "not-a-line", "holds a line break or a control character"));
    }
    Ok(text)
}

/// A text of several lines.
fn comment<'a>(field: &'static str, text: &'a str) -> Result<&'a str, CommandError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CommandError::invalid(field, "required", "must not be empty"));
    }
    if text.chars().count() > MAX_COMMENT {
        return Err(CommandError::invalid(field, "too-long", format!("longer than {MAX_COMMENT} characters")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_written_down() {
        let text = audit_text(&Command::AddCredential {
            name: "office".into(),
            version: "2c".into(),
            community: "s3cret".into(),
        });
        assert!(text.contains("office") && !text.contains("s3cret"), "{text}");
        let user = crate::model::SnmpUser {
            user: "watch".into(),
            auth_password: "hidden one".into(),
            priv_password: "hidden two".into(),
            ..Default::default()
        };
        let text = audit_text(&Command::AddSnmpUser { name: "office".into(), user });
        assert!(text.contains("watch") && !text.contains("hidden"), "{text}");
        let text =
            audit_text(&Command::AddUser { login: "anna".into(), password_hash: "$argon2".into(), role: "x".into() });
        assert!(text.contains("anna") && !text.contains("argon2"), "{text}");
    }
}
