//! What a stock document moves, and what it may not: balances, counts, transfers, reversals, receipts of orders.
//!
//! Pure: the engine loads balances, asks here, and writes document and moves in one transaction. Every move belongs to a
//! document; nothing is ever taken from the books but by an opposite move. To add a kind of document, give it its moves in
//! `post` and its place in the property tests.

use std::collections::BTreeMap;

use crate::model::{
    ArticleId, DocumentKind, DocumentOrigin, DocumentStatus, Millis, OrderLine, OrderLineId, ReceivedLine,
    SAME_REPLACEMENT_MS, StockDocument, StockLine, StockMove, StoreId,
};

/// The store a branch gets by itself; a record, so it keeps the language it was made in.
pub fn main_store_name(language: &str) -> &'static str {
    if language == "en" { "Main store" } else { "Основной склад" }
}

/// Pieces of one line; more is a typing error.
pub const MAX_QUANTITY: i64 = 10_000;
/// Lines of one document.
pub const MAX_LINES: usize = 1_000;

/// Pieces by (store, article, used).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Balances(BTreeMap<(StoreId, ArticleId, bool), i64>);

impl Balances {
    pub fn of(&self, store: StoreId, article: ArticleId, used: bool) -> i64 {
        self.0.get(&(store, article, used)).copied().unwrap_or(0)
    }
    pub fn set(&mut self, store: StoreId, article: ArticleId, used: bool, pieces: i64) {
        self.0.insert((store, article, used), pieces);
    }
    pub fn apply(&mut self, moves: &[StockMove]) {
        for m in moves {
            *self.0.entry((m.store, m.article, m.used)).or_default() += m.delta;
        }
    }
    pub fn total(&self, article: ArticleId, used: bool) -> i64 {
        self.0.iter().filter(|((_, a, u), _)| *a == article && *u == used).map(|(_, n)| n).sum()
    }
    /// Without what is zero: two books that say the same are equal.
    pub fn trimmed(mut self) -> Balances {
        self.0.retain(|_, n| *n != 0);
        self
    }
}

/// Why a document is not posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    NoLines,
    TooManyLines,
    BadQuantity {
        article: ArticleId,
    },
    /// A transfer needs two stores that differ.
    OtherStore,
    /// The article stands on two lines.
    Twice {
        article: ArticleId,
    },
    NotEnough {
        store: StoreId,
        article: ArticleId,
        on_hand: i64,
        wanted: i64,
    },
    /// Somebody posted while it was counted.
    BooksMoved {
        article: ArticleId,
        expected: i64,
        now: i64,
    },
    WrongStatus,
}

/// Lines as they may stand on a document.
pub fn check(
    kind: DocumentKind,
    store: StoreId,
    to_store: Option<StoreId>,
    lines: &[StockLine],
) -> Result<(), Refusal> {
    if lines.is_empty() {
        return Err(Refusal::NoLines);
    }
    if lines.len() > MAX_LINES {
        return Err(Refusal::TooManyLines);
    }
    if (kind == DocumentKind::Transfer) != to_store.is_some_and(|t| t != store) {
        return Err(Refusal::OtherStore);
    }
    let least = i64::from(kind != DocumentKind::Count);
    for (n, line) in lines.iter().enumerate() {
        if !(least..=MAX_QUANTITY).contains(&line.quantity) {
            return Err(Refusal::BadQuantity { article: line.article });
        }
        if lines[..n].iter().any(|l| l.article == line.article) {
            return Err(Refusal::Twice { article: line.article });
        }
    }
    Ok(())
}

/// What posting (of a transfer: sending) moves. `seen`: the replacement was detected, so the piece is gone whatever the books
/// say; a balance below zero then tells that something was taken without record.
pub fn post(
    kind: DocumentKind,
    store: StoreId,
    to_store: Option<StoreId>,
    lines: &[StockLine],
    held: &Balances,
    seen: bool,
) -> Result<Vec<StockMove>, Refusal> {
    check(kind, store, to_store, lines)?;
    let used = kind.of_empties();
    let mut moves = Vec::with_capacity(lines.len());
    for line in lines {
        let now = held.of(store, line.article, used);
        let delta = match kind {
            DocumentKind::Receipt | DocumentKind::Surplus | DocumentKind::Return => line.quantity,
            DocumentKind::Issue | DocumentKind::WriteOff | DocumentKind::HandOver | DocumentKind::Transfer => {
                -line.quantity
            }
            DocumentKind::Count => {
                if let Some(expected) = line.expected.filter(|e| *e != now) {
                    return Err(Refusal::BooksMoved { article: line.article, expected, now });
                }
                line.quantity - now
            }
            DocumentKind::Reversal => return Err(Refusal::WrongStatus),
        };
        moves.push(StockMove { store, article: line.article, used, delta });
    }
    if !seen && kind != DocumentKind::Count {
        enough(&moves, held)?;
    }
    moves.retain(|m| m.delta != 0);
    Ok(moves)
}

/// Nothing is taken that is not there.
fn enough(moves: &[StockMove], held: &Balances) -> Result<(), Refusal> {
    let mut after = held.clone();
    after.apply(moves);
    for m in moves.iter().filter(|m| m.delta < 0) {
        if after.of(m.store, m.article, m.used) < 0 {
            let on_hand = held.of(m.store, m.article, m.used);
            return Err(Refusal::NotEnough { store: m.store, article: m.article, on_hand, wanted: -m.delta });
        }
    }
    Ok(())
}

/// The other end of a transfer.
pub fn receive(document: &StockDocument) -> Result<Vec<StockMove>, Refusal> {
    let (Some(to), DocumentStatus::InTransit) = (document.to_store, document.status) else {
        return Err(Refusal::WrongStatus);
    };
    let into = |l: &StockLine| StockMove { store: to, article: l.article, used: false, delta: l.quantity };
    Ok(document.lines.iter().map(into).collect())
}

/// The opposite of what a document moved so far. A reversal itself is not taken back: the thing is written anew.
pub fn reverse(document: &StockDocument, moved: &[StockMove], held: &Balances) -> Result<Vec<StockMove>, Refusal> {
    let stands = matches!(document.status, DocumentStatus::Posted | DocumentStatus::InTransit);
    if !stands || document.kind == DocumentKind::Reversal {
        return Err(Refusal::WrongStatus);
    }
    let moves: Vec<StockMove> = moved.iter().map(|m| StockMove { delta: -m.delta, ..*m }).collect();
    // What made the books negative may always be given back.
    enough(&moves, held)?;
    Ok(moves)
}

/// An issue as the detection of replacements must know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownIssue {
    pub id: crate::model::DocumentId,
    pub origin: DocumentOrigin,
    pub status: DocumentStatus,
    /// It already stands for a detected replacement.
    pub matched: bool,
    pub at: Millis,
}

fn near(a: Millis, b: Millis) -> bool {
    a.since(b).abs() <= SAME_REPLACEMENT_MS
}

/// The issue a person wrote of a replacement that is detected within `slack` of `at`, the nearest one: the detection adds
/// nothing.
pub fn told_already(issues: &[KnownIssue], at: Millis, slack: i64) -> Option<&KnownIssue> {
    let fits = |i: &&KnownIssue| {
        i.origin == DocumentOrigin::Person
            && i.status == DocumentStatus::Posted
            && !i.matched
            && i.at.since(at).abs() <= SAME_REPLACEMENT_MS + slack
    };
    issues.iter().filter(fits).min_by_key(|i| i.at.since(at).abs())
}

/// The detected issue of the replacement a person tells now: to be posted, or posted already.
pub fn detected_already(issues: &[KnownIssue], at: Millis) -> Option<&KnownIssue> {
    let stands = |s| matches!(s, DocumentStatus::Draft | DocumentStatus::Posted);
    issues.iter().find(|i| i.origin == DocumentOrigin::Detection && stands(i.status) && near(i.at, at))
}

/// Why goods of an order are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptRefusal {
    Nothing,
    BadQuantity(OrderLineId),
    /// More than was ordered, and nobody said that it is so.
    More {
        line: OrderLineId,
        left: i64,
    },
    NoLine(OrderLineId),
}

/// What each line holds after these goods, and whether the order is complete.
pub fn receipt(
    lines: &[OrderLine],
    came: &[ReceivedLine],
    more: bool,
) -> Result<(Vec<(OrderLineId, i64)>, bool), ReceiptRefusal> {
    let mut after: BTreeMap<OrderLineId, i64> = BTreeMap::new();
    for c in came {
        let Some(line) = lines.iter().find(|l| l.id == c.line) else { return Err(ReceiptRefusal::NoLine(c.line)) };
        if !(0..=MAX_QUANTITY).contains(&c.quantity) {
            return Err(ReceiptRefusal::BadQuantity(c.line));
        }
        let received = after.entry(c.line).or_insert(line.received);
        *received += c.quantity;
        if *received > line.quantity && c.quantity > 0 && !more {
            return Err(ReceiptRefusal::More { line: c.line, left: (line.quantity - line.received).max(0) });
        }
    }
    after.retain(|id, n| lines.iter().any(|l| l.id == *id && l.received != *n));
    if after.is_empty() {
        return Err(ReceiptRefusal::Nothing);
    }
    let complete = lines.iter().all(|l| after.get(&l.id).copied().unwrap_or(l.received) >= l.quantity);
    Ok((after.into_iter().collect(), complete))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Article, DocumentId, Minor, OrderId, SupplyKind};
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    const STORES: i64 = 3;
    const ARTICLES: i64 = 4;

    /// The books as the engine keeps them: documents, their moves, and balances made of the moves alone.
    #[derive(Default)]
    struct Books {
        documents: Vec<(StockDocument, Vec<StockMove>)>,
        held: Balances,
        /// What entered or left the company's stores, by (article, used).
        outside: BTreeMap<(ArticleId, bool), i64>,
    }

    fn document(kind: DocumentKind, store: StoreId, to_store: Option<StoreId>, lines: Vec<StockLine>) -> StockDocument {
        StockDocument {
            id: DocumentId(0),
            number: String::new(),
            kind,
            status: DocumentStatus::Draft,
            store,
            to_store,
            order: None::<OrderId>,
            device: None,
            supply: None,
            reverses: None,
            origin: DocumentOrigin::Person,
            note: String::new(),
            created_at: Millis(0),
            lines,
        }
    }

    impl Books {
        fn post(&mut self, mut d: StockDocument, seen: bool) -> Result<usize, Refusal> {
            let moves = post(d.kind, d.store, d.to_store, &d.lines, &self.held, seen)?;
            d.status =
                if d.kind == DocumentKind::Transfer { DocumentStatus::InTransit } else { DocumentStatus::Posted };
            self.take(&moves);
            if d.kind == DocumentKind::Transfer {
                // In transit is still ours.
                for m in &moves {
                    *self.outside.entry((m.article, m.used)).or_default() -= m.delta;
                }
            }
            self.documents.push((d, moves));
            Ok(self.documents.len() - 1)
        }
        fn take(&mut self, moves: &[StockMove]) {
            self.held.apply(moves);
            for m in moves {
                *self.outside.entry((m.article, m.used)).or_default() += m.delta;
            }
        }
        fn receive(&mut self, n: usize) -> Result<(), Refusal> {
            let moves = receive(&self.documents[n].0)?;
            self.held.apply(&moves);
            self.documents[n].0.status = DocumentStatus::Posted;
            self.documents[n].1.extend(&moves);
            Ok(())
        }
        fn reverse(&mut self, n: usize) -> Result<(), Refusal> {
            let (d, moved) = &self.documents[n];
            let moves = reverse(d, moved, &self.held)?;
            let in_transit = d.status == DocumentStatus::InTransit;
            self.documents[n].0.status = DocumentStatus::Reversed;
            if in_transit {
                self.held.apply(&moves);
            } else {
                self.take(&moves);
            }
            let (store, lines) = (self.documents[n].0.store, self.documents[n].0.lines.clone());
            let mut r = document(DocumentKind::Reversal, store, None, lines);
            r.status = DocumentStatus::Posted;
            self.documents.push((r, moves));
            Ok(())
        }
        /// On hand is the sum of the moves of all documents, and nothing is lost: what came minus what went is held or on
        /// its way.
        fn hold(&self) {
            let mut sum = Balances::default();
            for (_, moves) in &self.documents {
                sum.apply(moves);
            }
            assert_eq!(sum.trimmed(), self.held.clone().trimmed());
            for article in (0..ARTICLES).map(ArticleId) {
                for used in [false, true] {
                    let in_transit: i64 = self
                        .documents
                        .iter()
                        .filter(|(d, _)| d.status == DocumentStatus::InTransit && !used)
                        .flat_map(|(d, _)| &d.lines)
                        .filter(|l| l.article == article)
                        .map(|l| l.quantity)
                        .sum();
                    let came = self.outside.get(&(article, used)).copied().unwrap_or(0);
                    assert_eq!(self.held.total(article, used) + in_transit, came, "{article} {used}");
                }
            }
        }
    }

    fn random(rng: &mut StdRng) -> StockDocument {
        let kind = DocumentKind::WRITTEN[rng.random_range(0..DocumentKind::WRITTEN.len())];
        let store = StoreId(rng.random_range(0..STORES));
        let to = (kind == DocumentKind::Transfer).then(|| StoreId(rng.random_range(0..STORES)));
        let mut lines = Vec::new();
        for article in (0..ARTICLES).map(ArticleId) {
            if rng.random_range(0..3) == 0 {
                let most = if kind == DocumentKind::Receipt { 9 } else { 4 };
                lines.push(StockLine::of(article, rng.random_range(0..=most)));
            }
        }
        document(kind, store, to, lines)
    }

    #[test]
    fn nothing_is_lost_over_random_lives() {
        for seed in 0..60 {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut books = Books::default();
            let (mut posted, mut refused) = (0, 0);
            for _ in 0..400 {
                let before = books.held.clone();
                let done = match rng.random_range(0..10) {
                    0..=6 => books.post(random(&mut rng), false).map(drop),
                    _ if books.documents.is_empty() => books.post(random(&mut rng), false).map(drop),
                    7 | 8 => {
                        let n = rng.random_range(0..books.documents.len());
                        books.receive(n)
                    }
                    _ => {
                        let n = rng.random_range(0..books.documents.len());
                        books.reverse(n)
                    }
                };
                match done {
                    Ok(()) => posted += 1,
                    Err(_) => {
                        refused += 1;
                        assert_eq!(before, books.held, "a refusal moves nothing");
                    }
                }
                books.hold();
                let negative = books.held.0.values().any(|n| *n < 0);
                assert!(!negative, "seed {seed}: below zero without a detected replacement");
            }
            assert!(posted > 40 && refused > 20, "seed {seed}: {posted} posted, {refused} refused");
        }
    }

    #[test]
    fn taking_anything_back_restores_the_books() {
        let mut rng = StdRng::seed_from_u64(7);
        let mut taken_back = 0;
        for _ in 0..3_000 {
            let mut books = Books::default();
            for store in (0..STORES).map(StoreId) {
                for article in (0..ARTICLES).map(ArticleId) {
                    for kind in [DocumentKind::Receipt, DocumentKind::Return] {
                        let pieces = rng.random_range(1..8);
                        books.post(document(kind, store, None, vec![StockLine::of(article, pieces)]), false).unwrap();
                    }
                }
            }
            let before = books.held.clone().trimmed();
            let Ok(n) = books.post(random(&mut rng), rng.random_range(0..2) == 0) else { continue };
            if rng.random_range(0..2) == 0 {
                let _ = books.receive(n);
            }
            books.reverse(n).unwrap();
            assert_eq!(books.held.clone().trimmed(), before, "{:?}", books.documents[n].0);
            books.hold();
            assert_eq!(books.reverse(n), Err(Refusal::WrongStatus), "once");
            let last = books.documents.len() - 1;
            assert_eq!(books.reverse(last), Err(Refusal::WrongStatus), "a reversal stands");
            taken_back += 1;
        }
        assert!(taken_back > 1_000, "{taken_back}");
    }

    #[test]
    fn what_is_not_there_is_not_given_unless_it_was_seen() {
        let (store, article) = (StoreId(1), ArticleId(2));
        let mut held = Balances::default();
        held.set(store, article, false, 1);
        let lines = [StockLine::of(article, 2)];
        let refused = post(DocumentKind::Issue, store, None, &lines, &held, false);
        assert_eq!(refused, Err(Refusal::NotEnough { store, article, on_hand: 1, wanted: 2 }));
        assert_eq!(post(DocumentKind::Issue, store, None, &lines, &held, true).unwrap()[0].delta, -2);
        // Used ones are counted apart.
        assert!(post(DocumentKind::HandOver, store, None, &[StockLine::of(article, 1)], &held, false).is_err());
        for bad in [0, -1, MAX_QUANTITY + 1, i64::MIN] {
            let lines = [StockLine::of(article, bad)];
            assert_eq!(check(DocumentKind::Receipt, store, None, &lines), Err(Refusal::BadQuantity { article }));
        }
        let twice = [StockLine::of(article, 1), StockLine::of(article, 1)];
        assert_eq!(check(DocumentKind::Receipt, store, None, &twice), Err(Refusal::Twice { article }));
        assert_eq!(check(DocumentKind::Transfer, store, Some(store), &lines), Err(Refusal::OtherStore));
        assert_eq!(check(DocumentKind::Transfer, store, None, &lines), Err(Refusal::OtherStore));
        assert_eq!(check(DocumentKind::Issue, store, Some(StoreId(9)), &lines), Err(Refusal::OtherStore));
        assert_eq!(check(DocumentKind::Count, store, None, &[]), Err(Refusal::NoLines));
    }

    #[test]
    fn a_count_posts_the_difference_to_the_books_it_was_made_on() {
        let (store, article) = (StoreId(1), ArticleId(2));
        let mut held = Balances::default();
        held.set(store, article, false, 5);
        let counted = |quantity, expected| [StockLine { expected, ..StockLine::of(article, quantity) }];
        let count = |quantity, expected| {
            post(DocumentKind::Count, store, None, &counted(quantity, expected), &held, false)
                .map(|m| m.iter().map(|m| m.delta).sum::<i64>())
        };
        assert_eq!(
            (count(3, Some(5)), count(5, None), count(0, None), count(9, Some(5))),
            (Ok(-2), Ok(0), Ok(-5), Ok(4))
        );
        assert_eq!(count(3, Some(4)), Err(Refusal::BooksMoved { article, expected: 4, now: 5 }));
    }

    fn order_line(id: i64, quantity: i64, received: i64) -> OrderLine {
        OrderLine {
            id: OrderLineId(id),
            article: Article {
                id: ArticleId(id),
                part_number: "TK".into(),
                name: String::new(),
                vendor: String::new(),
                kind: SupplyKind::Toner,
                color: None,
                yield_pages: None,
                price: Some(Minor(1)),
                vat_percent: 22,
                supplier: None,
                supplier_article: None,
            },
            quantity,
            price: None,
            need: None,
            received,
        }
    }

    #[test]
    fn goods_of_an_order_come_whole_or_in_part() {
        let lines = [order_line(1, 4, 1), order_line(2, 2, 0)];
        let came = |pairs: &[(i64, i64)]| -> Vec<ReceivedLine> {
            pairs.iter().map(|(l, q)| ReceivedLine { line: OrderLineId(*l), quantity: *q }).collect()
        };
        let take = |pairs: &[(i64, i64)], more| receipt(&lines, &came(pairs), more);
        assert_eq!(take(&[(1, 3), (2, 2)], false), Ok((vec![(OrderLineId(1), 4), (OrderLineId(2), 2)], true)));
        assert_eq!(take(&[(1, 2), (2, 0)], false), Ok((vec![(OrderLineId(1), 3)], false)));
        assert_eq!(take(&[(2, 3)], false), Err(ReceiptRefusal::More { line: OrderLineId(2), left: 2 }));
        assert_eq!(take(&[(2, 3)], true), Ok((vec![(OrderLineId(2), 3)], false)));
        assert_eq!(take(&[(1, 0)], false), Err(ReceiptRefusal::Nothing));
        assert_eq!(take(&[], false), Err(ReceiptRefusal::Nothing));
        assert_eq!(take(&[(2, -1)], true), Err(ReceiptRefusal::BadQuantity(OrderLineId(2))));
        assert_eq!(take(&[(9, 1)], true), Err(ReceiptRefusal::NoLine(OrderLineId(9))));
    }

    #[test]
    fn one_replacement_told_by_both_is_one() {
        let at = Millis(10 * Millis::DAY);
        let issue = |origin, status, matched, days: i64| KnownIssue {
            id: DocumentId(1),
            origin,
            status,
            matched,
            at: at.plus(-days * Millis::DAY),
        };
        use DocumentOrigin::{Detection, Person};
        use DocumentStatus::{Draft, Dropped, Posted, Reversed};
        assert!(told_already(&[issue(Person, Posted, false, 3)], at, 0).is_some());
        // The device was silent for a week: the moment is a guess.
        assert!(told_already(&[issue(Person, Posted, false, 8)], at, 7 * Millis::DAY).is_some());
        for other in [
            issue(Person, Posted, false, 4),
            issue(Person, Posted, true, 1),
            issue(Person, Reversed, false, 1),
            issue(Detection, Posted, true, 1),
        ] {
            assert!(told_already(&[other], at, 0).is_none(), "{other:?}");
        }
        assert!(detected_already(&[issue(Detection, Draft, true, 2)], at).is_some());
        assert!(detected_already(&[issue(Detection, Posted, true, 2)], at).is_some());
        assert!(detected_already(&[issue(Detection, Dropped, true, 2)], at).is_none());
        assert!(detected_already(&[issue(Detection, Draft, true, 5)], at).is_none());
    }
}
