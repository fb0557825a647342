//! Who may do what: the one place that decides. Everything not named here is refused.
//!
//! A route asks for a `Permission`, a command is mapped to one by `of`; neither ever looks at a role. To add a
//! command, give it its permission in `of` (the compiler asks); to add a permission, name the roles that hold it in
//! `holders`.

use crate::model::{Command, Role, UserId};

/// A right, as fine as the roles of the product need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Devices, needs, orders, tickets, articles, suppliers: reading.
    View,
    /// Ranges, names of credentials, what the sweep met.
    ViewDiscovery,
    /// People, API tokens, mail state, database.
    ViewSettings,
    /// Name, place, poll now, retire.
    ManageDevices,
    ManageNeeds,
    /// Change, approve, cancel, receive.
    ManageOrders,
    /// Stores, stock documents, reservations.
    ManageStock,
    ManageTickets,
    /// Places, racks, panels, outlets, cables, and what is done about findings.
    ManageCabling,
    /// What the branch owns, its warranty and repair.
    ManageAssets,
    /// Articles and what they fit.
    ManageArticles,
    /// Suppliers: where the orders and the money go.
    ManageSuppliers,
    /// Ask for a sweep of a known range.
    Scan,
    /// Ranges, credentials, branches.
    ManageDiscovery,
    /// People, API tokens, settings.
    ManageSettings,
    /// One's own password.
    ManageSelf,
}

impl Permission {
    pub const ALL: [Permission; 16] = [
        Self::View,
        Self::ViewDiscovery,
        Self::ViewSettings,
        Self::ManageDevices,
        Self::ManageNeeds,
        Self::ManageOrders,
        Self::ManageStock,
        Self::ManageTickets,
        Self::ManageCabling,
        Self::ManageAssets,
        Self::ManageArticles,
        Self::ManageSuppliers,
        Self::Scan,
        Self::ManageDiscovery,
        Self::ManageSettings,
        Self::ManageSelf,
    ];
}

/// Does this role hold this right?
pub fn may(role: Role, permission: Permission) -> bool {
    holders(permission).contains(&role)
}

/// May this role give this command? `own` is the person giving it: their own password is theirs to change.
pub fn may_command(role: Role, own: Option<UserId>, command: &Command) -> bool {
    match command {
        Command::SetPassword { user, .. } if own == Some(*user) => may(role, Permission::ManageSelf),
        _ => may(role, of(command)),
    }
}

fn holders(permission: Permission) -> &'static [Role] {
    use Permission as P;
    match permission {
        P::View | P::ManageSelf => &[Role::Administrator, Role::Technician, Role::ReadOnly],
        P::ViewDiscovery
        | P::ManageDevices
        | P::ManageNeeds
        | P::ManageOrders
        | P::ManageStock
        | P::ManageTickets
        | P::ManageCabling
        | P::ManageAssets
        | P::ManageArticles
        | P::Scan => &[Role::Administrator, Role::Technician],
        P::ViewSettings | P::ManageSuppliers | P::ManageDiscovery | P::ManageSettings => &[Role::Administrator],
    }
}

/// The right a command needs.
pub fn of(command: &Command) -> Permission {
    use Permission as P;
    match command {
        Command::RenameDevice { .. }
        | Command::PlaceDevice { .. }
        | Command::RetireDevice { .. }
        | Command::MergeDevices { .. }
        | Command::SplitDevice { .. }
        | Command::UndoIdentity { .. }
        | Command::TagDevices { .. }
        | Command::SetParent { .. }
        | Command::PlanMaintenance { .. }
        | Command::EndMaintenance { .. }
        | Command::PollNow { .. } => P::ManageDevices,
        Command::SetNeedArticle { .. } | Command::DismissNeed { .. } => P::ManageNeeds,
        Command::ApproveOrder { .. }
        | Command::CancelOrder { .. }
        | Command::ReceiveOrder { .. }
        | Command::SetLineQuantity { .. }
        | Command::BuyOverBudget { .. }
        | Command::ConfirmOrder { .. }
        | Command::ReceiveLines { .. }
        | Command::CloseRest { .. }
        | Command::AskSupplier { .. } => P::ManageOrders,
        Command::AddStore { .. }
        | Command::RenameStore { .. }
        | Command::ArchiveStore { .. }
        | Command::PostStock { .. }
        | Command::PostDraft { .. }
        | Command::SendTransfer { .. }
        | Command::ReceiveTransfer { .. }
        | Command::ReverseDocument { .. }
        | Command::DropDraft { .. }
        | Command::Reserve { .. }
        | Command::Release { .. } => P::ManageStock,
        Command::SetTicketStatus { .. }
        | Command::SetTicketPriority { .. }
        | Command::ReportFault { .. }
        | Command::CommentTicket { .. }
        | Command::MergeTicket { .. }
        | Command::Desk { .. }
        | Command::OpenTicket { .. } => P::ManageTickets,
        Command::Asset { .. } | Command::Rma { .. } => P::ManageAssets,
        Command::AddArticle { .. }
        | Command::UpdateArticle { .. }
        | Command::DraftImport { .. }
        | Command::AcceptImport { .. }
        | Command::RecheckImport { .. }
        | Command::DropImport { .. }
        | Command::ConfirmSupplyArticle { .. }
        | Command::RejectSupplyArticle { .. } => P::ManageArticles,
        Command::AddSupplier { .. } | Command::UpdateSupplier { .. } | Command::SetWebhookSecret { .. } => {
            P::ManageSuppliers
        }
        Command::Cabling { .. } => P::ManageCabling,
        Command::ScanRange { .. } => P::Scan,
        Command::AddRange { .. }
        | Command::RemoveRange { .. }
        | Command::AddCredential { .. }
        | Command::AddSnmpUser { .. }
        | Command::RemoveCredential { .. }
        | Command::AddSite { .. } => P::ManageDiscovery,
        Command::AddUser { .. }
        | Command::SetPassword { .. }
        | Command::AddToken { .. }
        | Command::RemoveToken { .. }
        | Command::SetUserRole { .. }
        | Command::RemoveUser { .. }
        | Command::Service { .. }
        | Command::SetSetting { .. } => P::ManageSettings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::*;

    /// One of every command; the match in `of` is exhaustive, this list is held to it by its length and names.
    fn every_command() -> Vec<Command> {
        let article = NewArticle {
            part_number: String::new(),
            name: String::new(),
            vendor: String::new(),
            kind: String::new(),
            color: None,
            yield_pages: None,
            price_minor: None,
            vat_percent: 22,
            supplier: None,
            supplier_article: None,
            fits: Vec::new(),
            terms: ArticleTerms::default(),
        };
        let s = String::new;
        let document = NewDocument {
            kind: DocumentKind::Receipt,
            store: None,
            site: None,
            to_store: None,
            device: None,
            supply_index: None,
            note: s(),
            lines: Vec::new(),
            draft: false,
            key: None,
        };
        let reservation =
            NewReservation { store: StoreId(1), article: ArticleId(1), device: None, quantity: 1, note: s() };
        vec![
            Command::ApproveOrder { order: OrderId(1) },
            Command::CancelOrder { order: OrderId(1) },
            Command::ReceiveOrder { order: OrderId(1) },
            Command::SetLineQuantity { line: OrderLineId(1), quantity: 1 },
            Command::BuyOverBudget { line: OrderLineId(1), reason: s() },
            Command::SetTicketStatus { ticket: TicketId(1), status: TicketStatus::Closed },
            Command::SetTicketPriority { ticket: TicketId(1), priority: 2 },
            Command::TagDevices { tags: Vec::new() },
            Command::ReportFault {
                report: crate::model::FaultReport {
                    device: DeviceId(1),
                    title: s(),
                    text: s(),
                    reporter: s(),
                    ticket: None,
                },
            },
            Command::Service { change: crate::model::ServiceChange::Import { text: s() } },
            Command::Cabling { change: crate::model::CablingChange::Undo { change_set: 1 } },
            Command::Asset { change: crate::model::AssetChange::RecheckImport { import: 1 } },
            Command::Rma { change: crate::model::RmaChange::Note { rma: RmaId(1), text: s() } },
            Command::Desk { change: crate::model::DeskChange::RemoveNote { id: 1 } },
            Command::CommentTicket { ticket: TicketId(1), text: s() },
            Command::MergeTicket { ticket: TicketId(1), into: TicketId(2) },
            Command::SetParent { device: DeviceId(1), parent: None },
            Command::PlanMaintenance {
                window: NewWindow {
                    site: None,
                    device: None,
                    starts_at: Millis(0),
                    ends_at: Millis(1),
                    weekly: false,
                    reason: s(),
                },
            },
            Command::EndMaintenance { window: 1 },
            Command::OpenTicket { device: DeviceId(1), title: s(), priority: 3 },
            Command::SetNeedArticle { need: NeedId(1), article: ArticleId(1) },
            Command::DismissNeed { need: NeedId(1), reason: s() },
            Command::RenameDevice { device: DeviceId(1), name: s() },
            Command::PlaceDevice { device: DeviceId(1), site: SiteId(1), location: None },
            Command::RetireDevice { device: DeviceId(1) },
            Command::PollNow { device: DeviceId(1) },
            Command::MergeDevices { device: DeviceId(1), other: DeviceId(2) },
            Command::SplitDevice { device: DeviceId(1), identifiers: Vec::new(), address: None },
            Command::UndoIdentity { change: 1 },
            Command::AddArticle { article: article.clone() },
            Command::UpdateArticle { id: ArticleId(1), article },
            Command::AddSupplier {
                name: s(),
                email: s(),
                language: s(),
                currency: s(),
                terms: SupplierTerms::default(),
            },
            Command::UpdateSupplier {
                supplier: SupplierId(1),
                name: s(),
                email: s(),
                language: s(),
                currency: s(),
                terms: SupplierTerms::default(),
            },
            Command::ScanRange { range: 1 },
            Command::AddRange { site: SiteId(1), cidr: s(), port: 161, credential: None },
            Command::RemoveRange { range: 1 },
            Command::AddCredential { name: s(), version: s(), community: s() },
            Command::AddSnmpUser { name: s(), user: Default::default() },
            Command::RemoveCredential { credential: 1 },
            Command::AddSite { name: s(), time_zone: s() },
            Command::AddUser { login: s(), password_hash: s(), role: s() },
            Command::SetPassword { user: UserId(1), password_hash: s() },
            Command::AddToken { name: s(), token_hash: s(), role: s() },
            Command::RemoveToken { token: 1 },
            Command::SetUserRole { user: UserId(1), role: s() },
            Command::RemoveUser { user: UserId(1) },
            Command::SetSetting { key: s(), value: s() },
            Command::AddStore { site: SiteId(1), name: s() },
            Command::RenameStore { store: StoreId(1), name: s() },
            Command::ArchiveStore { store: StoreId(1) },
            Command::PostStock { document },
            Command::PostDraft { document: DocumentId(1) },
            Command::SendTransfer { document: DocumentId(1) },
            Command::ReceiveTransfer { document: DocumentId(1) },
            Command::ReverseDocument { document: DocumentId(1), note: s() },
            Command::DropDraft { document: DocumentId(1), found: None },
            Command::Reserve { reservation },
            Command::Release { reservation: ReservationId(1) },
            Command::ConfirmOrder { order: OrderId(1), expected_at: None },
            Command::ReceiveLines { order: OrderId(1), lines: Vec::new(), more: false, key: None },
            Command::CloseRest { order: OrderId(1) },
            Command::AskSupplier { order: OrderId(1) },
            Command::SetWebhookSecret { supplier: SupplierId(1), webhook_secret: s() },
            Command::DraftImport { file_name: s(), ignored: Vec::new(), rows: Vec::new() },
            Command::AcceptImport { import: 1, good_only: false },
            Command::RecheckImport { import: 1 },
            Command::DropImport { import: 1 },
            Command::ConfirmSupplyArticle { supply: SupplyId(1), article: ArticleId(1) },
            Command::RejectSupplyArticle { supply: SupplyId(1), article: ArticleId(1) },
        ]
    }

    /// What a technician may ask for, written out: the rest of the matrix follows.
    const TECHNICIAN: [&str; 52] = [
        "plan-maintenance",
        "end-maintenance",
        "merge-ticket",
        "set-parent",
        "desk",
        "rma",
        "asset",
        "approve-order",
        "cancel-order",
        "receive-order",
        "buy-over-budget",
        "set-line-quantity",
        "set-ticket-status",
        "set-ticket-priority",
        "tag-devices",
        "report-fault",
        "cabling",
        "comment-ticket",
        "open-ticket",
        "set-need-article",
        "dismiss-need",
        "rename-device",
        "place-device",
        "retire-device",
        "poll-now",
        "merge-devices",
        "split-device",
        "undo-identity",
        "add-article",
        "update-article",
        "scan-range",
        "add-store",
        "rename-store",
        "archive-store",
        "post-stock",
        "post-draft",
        "send-transfer",
        "receive-transfer",
        "reverse-document",
        "drop-draft",
        "reserve",
        "release",
        "confirm-order",
        "receive-lines",
        "close-rest",
        "ask-supplier",
        "draft-import",
        "accept-import",
        "recheck-import",
        "drop-import",
        "confirm-supply-article",
        "reject-supply-article",
    ];

    fn word(command: &Command) -> String {
        serde_json::to_value(command).unwrap()["command"].as_str().unwrap().to_owned()
    }

    #[test]
    fn commands_by_role() {
        let mut words = std::collections::BTreeSet::new();
        for command in every_command() {
            let word = word(&command);
            assert!(may_command(Role::Administrator, None, &command), "administrator: {word}");
            assert_eq!(
                may_command(Role::Technician, None, &command),
                TECHNICIAN.contains(&word.as_str()),
                "technician: {word}"
            );
            assert!(!may_command(Role::ReadOnly, None, &command), "read-only: {word}");
            words.insert(word);
        }
        assert_eq!(words.len(), every_command().len(), "each command once");
        assert!(TECHNICIAN.iter().all(|w| words.contains(*w)));
    }

    /// The list above names every variant of `Command` in the source, so a new one cannot be forgotten here.
    #[test]
    fn no_command_is_missing_from_the_matrix() {
        let source = include_str!("../../model/action.rs");
        let body = source.split("pub enum Command {").nth(1).unwrap().split("\n}").next().unwrap();
        let named = body.lines().filter(|l| l.starts_with("    ") && l.trim_start().starts_with(char::is_uppercase));
        let named: Vec<&str> = named.map(|l| l.trim().split([' ', ',', '{']).next().unwrap()).collect();
        assert_eq!(named.len(), every_command().len(), "variants in the source: {named:?}");
    }

    #[test]
    fn ones_own_password_only() {
        let mine = Command::SetPassword { user: UserId(7), password_hash: String::new() };
        for role in Role::ALL {
            assert!(may_command(role, Some(UserId(7)), &mine), "{role:?}");
            assert_eq!(may_command(role, Some(UserId(8)), &mine), role == Role::Administrator, "{role:?}");
        }
    }

    #[test]
    fn read_only_may_only_look() {
        let held: Vec<Permission> = Permission::ALL.into_iter().filter(|p| may(Role::ReadOnly, *p)).collect();
        assert_eq!(held, [Permission::View, Permission::ManageSelf]);
    }

    #[test]
    fn a_technician_does_not_touch_people_money_or_secrets() {
        for p in [
            Permission::ViewSettings,
            Permission::ManageSuppliers,
            Permission::ManageDiscovery,
            Permission::ManageSettings,
        ] {
            assert!(!may(Role::Technician, p), "{p:?}");
            assert!(may(Role::Administrator, p), "{p:?}");
        }
    }
}
