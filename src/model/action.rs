//! Action: what a workflow wants done; Command: what a person or the API asks. The engine commits both.

use serde::{Deserialize, Serialize};

use super::{
    ArticleId, ArticleTerms, AssetChange, CablingChange, DeskChange, DeviceId, DocumentId, Event, FaultReport,
    FoundElsewhere, Identifier, ImportRow, Millis, NeedId, NeedReason, NewDocument, NewReservation, NewWindow, OrderId,
    OrderLineId, ProblemKey, ReceivedLine, ReservationId, RmaChange, ServiceChange, SiteId, SnmpUser, StoreId,
    SupplierId, SupplierTerms, SupplyId, TicketId, TicketStatus, UserId,
};

/// Decided by a pure workflow, applied by the engine in the transaction of its cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Action {
    /// Open, or add a reason to, the one open need with this key.
    OpenNeed {
        site: SiteId,
        pool: String,
        key: String,
        article: Option<ArticleId>,
        /// The whole quantity of the need after this, not a difference.
        quantity: i64,
        reason: NeedReason,
    },
    /// The supply is well again: drop its reason; a need without reasons closes, and so does its draft line.
    DropNeedReason {
        device: DeviceId,
        supply_index: String,
    },
    /// Put the need on the branch's one draft order to this supplier.
    AddDraftLine {
        site: SiteId,
        supplier: SupplierId,
        article: ArticleId,
        need_key: String,
        /// The line holds at least this many afterwards (a person's larger number stays).
        quantity: i64,
    },
    OpenTicket {
        device: DeviceId,
        problem: ProblemKey,
        title: String,
        priority: u8,
    },
    NoteTicket {
        ticket: TicketId,
        text: String,
    },
    /// The same problem came back within three days: the resolved ticket goes on.
    ReopenTicket {
        ticket: TicketId,
        text: String,
    },
    ResolveTicket {
        ticket: TicketId,
        automatic: bool,
    },
    /// It turned out to be another ticket's matter; `None`: that one is not open yet.
    MergeTicket {
        ticket: TicketId,
        into: Option<TicketId>,
        text: String,
    },
    Timeline {
        device: DeviceId,
        event: Event,
    },
}

/// Asked by a person (web, API). `by` is who.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    ApproveOrder {
        order: OrderId,
    },
    CancelOrder {
        order: OrderId,
    },
    ReceiveOrder {
        order: OrderId,
    },
    SetLineQuantity {
        line: OrderLineId,
        quantity: i64,
    },
    /// Bought though the branch's month is spent, with the reason.
    BuyOverBudget {
        line: OrderLineId,
        reason: String,
    },
    SetTicketStatus {
        ticket: TicketId,
        status: TicketStatus,
    },
    /// 1 (branch stopped) to 5.
    SetTicketPriority {
        ticket: TicketId,
        priority: u8,
    },
    CommentTicket {
        ticket: TicketId,
        text: String,
    },
    OpenTicket {
        device: DeviceId,
        title: String,
        priority: u8,
    },
    /// The ticket is another one's matter.
    MergeTicket {
        ticket: TicketId,
        into: TicketId,
    },
    /// Failures are expected then: they are judged, and told afterwards if they stay.
    PlanMaintenance {
        window: NewWindow,
    },
    /// The window ends now, or does not come again.
    EndMaintenance {
        window: i64,
    },
    /// What the device is reached through, as people know it; `None`: as it is observed.
    SetParent {
        device: DeviceId,
        parent: Option<DeviceId>,
    },
    SetNeedArticle {
        need: NeedId,
        article: ArticleId,
    },
    DismissNeed {
        need: NeedId,
        reason: String,
    },
    RenameDevice {
        device: DeviceId,
        name: String,
    },
    PlaceDevice {
        device: DeviceId,
        site: SiteId,
        location: Option<String>,
    },
    RetireDevice {
        device: DeviceId,
    },
    PollNow {
        device: DeviceId,
    },
    /// The other device turns out to be this one; it can be taken back.
    MergeDevices {
        device: DeviceId,
        other: DeviceId,
    },
    /// These identifiers, and what answers at this address, are another device that was wrongly taken for this one.
    SplitDevice {
        device: DeviceId,
        identifiers: Vec<Identifier>,
        address: Option<String>,
    },
    /// Takes a merge or a split back.
    UndoIdentity {
        change: i64,
    },
    AddArticle {
        article: NewArticle,
    },
    UpdateArticle {
        id: ArticleId,
        article: NewArticle,
    },
    AddSupplier {
        name: String,
        email: String,
        language: String,
        currency: String,
        #[serde(default)]
        terms: SupplierTerms,
    },
    UpdateSupplier {
        supplier: SupplierId,
        name: String,
        email: String,
        language: String,
        currency: String,
        #[serde(default)]
        terms: SupplierTerms,
    },
    AddRange {
        site: SiteId,
        cidr: String,
        port: u16,
        credential: Option<i64>,
    },
    RemoveRange {
        range: i64,
    },
    ScanRange {
        range: i64,
    },
    AddCredential {
        name: String,
        version: String,
        community: String,
    },
    AddSnmpUser {
        name: String,
        user: SnmpUser,
    },
    RemoveCredential {
        credential: i64,
    },
    AddSite {
        name: String,
        time_zone: String,
    },
    /// The plain password never enters a command: `password_hash` is an argon2id PHC string.
    AddUser {
        login: String,
        password_hash: String,
        role: String,
    },
    SetPassword {
        user: UserId,
        password_hash: String,
    },
    SetUserRole {
        user: UserId,
        role: String,
    },
    RemoveUser {
        user: UserId,
    },
    /// `token_hash`: SHA-256 of the token, in hexadecimal; the token itself is shown once and forgotten.
    AddToken {
        name: String,
        token_hash: String,
        role: String,
    },
    RemoveToken {
        token: i64,
    },
    /// Hours, days, targets and pauses of the service agreement.
    Service {
        change: ServiceChange,
    },
    /// Documents of cabling: sheets, pieces, cables, and the way back.
    Cabling {
        change: CablingChange,
    },
    /// Assets, who repairs them, tables of assets.
    Asset {
        change: AssetChange,
    },
    /// Repairs at service centres.
    Rma {
        change: RmaChange,
    },
    /// Files, links, notes and their steps.
    Desk {
        change: DeskChange,
    },
    /// Codes for labels; devices that have one keep it.
    TagDevices {
        tags: Vec<(DeviceId, String)>,
    },
    /// By somebody who scanned a label.
    ReportFault {
        report: FaultReport,
    },
    SetSetting {
        key: String,
        value: String,
    },
    AddStore {
        site: SiteId,
        name: String,
    },
    RenameStore {
        store: StoreId,
        name: String,
    },
    /// Only an empty one.
    ArchiveStore {
        store: StoreId,
    },
    /// Writes a stock document and posts it (sends it, when it is a transfer), or keeps it as a draft.
    PostStock {
        document: NewDocument,
    },
    PostDraft {
        document: DocumentId,
    },
    SendTransfer {
        document: DocumentId,
    },
    ReceiveTransfer {
        document: DocumentId,
    },
    ReverseDocument {
        document: DocumentId,
        note: String,
    },
    /// With `found`: a cartridge was put in, and it came from no shelf.
    DropDraft {
        document: DocumentId,
        #[serde(default)]
        found: Option<FoundElsewhere>,
    },
    Reserve {
        reservation: NewReservation,
    },
    Release {
        reservation: ReservationId,
    },
    /// The supplier's word, with its day; again: a new day.
    ConfirmOrder {
        order: OrderId,
        expected_at: Option<Millis>,
    },
    /// Goods of an order, line by line; `more`: more than ordered is meant.
    ReceiveLines {
        order: OrderId,
        lines: Vec<ReceivedLine>,
        more: bool,
        key: Option<String>,
    },
    /// The rest is not waited for.
    CloseRest {
        order: OrderId,
    },
    /// "Where is the order?", to the supplier.
    AskSupplier {
        order: OrderId,
    },
    /// The secret that signs orders to the supplier's webhook; empty takes it away.
    SetWebhookSecret {
        supplier: SupplierId,
        webhook_secret: String,
    },
    /// Judges a table of articles against the catalogue and keeps it; changes nothing else.
    DraftImport {
        file_name: String,
        /// Columns that were not understood.
        #[serde(default)]
        ignored: Vec<String>,
        rows: Vec<ImportRow>,
    },
    /// Takes what was shown. `good_only`: leaves wrong rows out, else they refuse the whole.
    AcceptImport {
        import: i64,
        good_only: bool,
    },
    /// Judges it anew, because the catalogue has changed.
    RecheckImport {
        import: i64,
    },
    DropImport {
        import: i64,
    },
    /// This article refills this supply, says a person.
    ConfirmSupplyArticle {
        supply: SupplyId,
        article: ArticleId,
    },
    /// It does not, and is not proposed again.
    RejectSupplyArticle {
        supply: SupplyId,
        article: ArticleId,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewArticle {
    pub part_number: String,
    pub name: String,
    pub vendor: String,
    pub kind: String,
    pub color: Option<String>,
    pub yield_pages: Option<i64>,
    pub price_minor: Option<i64>,
    pub vat_percent: i64,
    pub supplier: Option<i64>,
    pub supplier_article: Option<String>,
    /// Device models it fits, as `Fit::parse` reads them.
    pub fits: Vec<String>,
    #[serde(default)]
    pub terms: ArticleTerms,
}
