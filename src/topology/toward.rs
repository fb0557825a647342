//! Through which lane a bridge sees another bridge.
//!
//! For each pair of lanes the tables are asked: does one see the other's own addresses there, and are the stations that
//! both know on the sides that would have to be so? What both have behind other lanes contradicts. Only a pair of lanes
//! that is better than every other counts; a tie says nothing.

use std::collections::BTreeMap;

use super::table::{Bridge, Tables};

/// Weight of a bridge's own address against that of a station, and of a contradiction.
const OWN: i64 = 4;
const CONTRADICTION: i64 = 3;
/// Domains up to this size compare all stations of each pair; larger ones only where own addresses do not decide.
const COMPARE_ALL: usize = 64;

/// What a pair of bridges knows of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sight {
    /// Lane of the first towards the second, and the other way.
    pub lanes: (Option<u16>, Option<u16>),
    /// Own addresses seen: by the first of the second's, and the other way.
    pub own: (u32, u32),
    /// Stations for it, on both sides together, and against it.
    pub support: u32,
    pub against: u32,
}

/// Sights of all pairs of one domain, by position in `members` (i < j).
#[derive(Debug, Default)]
pub struct Sights {
    pub members: Vec<usize>,
    pub pairs: BTreeMap<(usize, usize), Sight>,
    /// `lane[i][j]`: lane of i towards j; NONE where unknown.
    lane: Vec<Vec<u16>>,
    /// `behind[i][lane]`: bits of the members behind that lane.
    behind: Vec<Vec<Vec<u64>>>,
}

const NONE: u16 = u16::MAX;

impl Sights {
    pub fn of(tables: &Tables, members: Vec<usize>) -> Self {
        let n = members.len();
        let own = own_votes(tables, &members);
        let mut this = Sights { members, lane: vec![vec![NONE; n]; n], ..Sights::default() };
        let mut cells = Cells::default();
        for i in 0..n {
            for j in i + 1..n {
                let (Some(x), Some(y)) = (this.bridge(tables, i), this.bridge(tables, j)) else { continue };
                let told = |pair: (usize, usize)| own.get(&pair).map_or(&[][..], Vec::as_slice);
                let votes = (told((i, j)), told((j, i)));
                let compare = n <= COMPARE_ALL || !(clear(votes.0) && clear(votes.1));
                let Some(sight) = cells.sight(x, y, votes, compare) else { continue };
                this.set(i, j, sight.lanes.0);
                this.set(j, i, sight.lanes.1);
                this.pairs.insert((i, j), sight);
            }
        }
        this.sort_behind(tables);
        this
    }

    fn bridge<'a>(&self, tables: &'a Tables, i: usize) -> Option<&'a Bridge> {
        tables.bridges.get(*self.members.get(i)?)
    }

    fn set(&mut self, i: usize, j: usize, lane: Option<u16>) {
        if let (Some(lane), Some(slot)) = (lane, self.lane.get_mut(i).and_then(|r| r.get_mut(j))) {
            *slot = lane;
        }
    }

    fn sort_behind(&mut self, tables: &Tables) {
        let n = self.members.len();
        let words = n.div_ceil(64);
        self.behind = (0..n)
            .map(|i| {
                let lanes = self.bridge(tables, i).map_or(0, |b| b.lanes.len());
                let mut sets = vec![vec![0u64; words]; lanes];
                for (j, lane) in self.lane.get(i).into_iter().flatten().enumerate() {
                    if let Some(word) = sets.get_mut(usize::from(*lane)).and_then(|s| s.get_mut(j / 64)) {
                        *word |= 1 << (j % 64);
                    }
                }
                sets
            })
            .collect();
    }

    pub fn toward(&self, i: usize, j: usize) -> Option<u16> {
        self.lane.get(i)?.get(j).copied().filter(|l| *l != NONE)
    }

    /// A member between i and j: both see it on their lane to each other, and it sees them on different lanes.
    pub fn has_between(&self, i: usize, j: usize, lanes: (u16, u16)) -> bool {
        let side = |i: usize, lane: u16| self.behind.get(i).and_then(|s| s.get(usize::from(lane)));
        let (Some(a), Some(b)) = (side(i, lanes.0), side(j, lanes.1)) else { return false };
        for (at, (x, y)) in a.iter().zip(b).enumerate() {
            let mut both = x & y;
            while both != 0 {
                let z = at * 64 + both.trailing_zeros() as usize;
                both &= both - 1;
                if let (Some(to_i), Some(to_j)) = (self.toward(z, i), self.toward(z, j))
                    && to_i != to_j
                {
                    return true;
                }
            }
        }
        false
    }
}

/// Own addresses of member j that member i has seen, by lane.
fn own_votes(tables: &Tables, members: &[usize]) -> BTreeMap<(usize, usize), Vec<(u16, u32)>> {
    let by_device: BTreeMap<usize, usize> =
        members.iter().enumerate().filter_map(|(i, b)| Some((tables.bridges.get(*b)?.device, i))).collect();
    let mut votes: BTreeMap<(usize, usize), Vec<(u16, u32)>> = BTreeMap::new();
    for (i, bridge) in members.iter().enumerate().filter_map(|(i, b)| Some((i, tables.bridges.get(*b)?))) {
        for (station, lane) in &bridge.seen {
            let owner = tables.owner.get(*station as usize).copied().flatten();
            let Some(j) = owner.and_then(|d| by_device.get(&d)) else { continue };
            let list = votes.entry((i, *j)).or_default();
            match list.iter_mut().find(|(l, _)| l == lane) {
                Some((_, count)) => *count += 1,
                None => list.push((*lane, 1)),
            }
        }
    }
    votes
}

fn clear(votes: &[(u16, u32)]) -> bool {
    votes.len() == 1
}

/// Lane and how often.
type Votes<'a> = &'a [(u16, u32)];

/// Stations both bridges know, counted by pair of lanes; buffers are kept between pairs.
#[derive(Debug, Default)]
struct Cells {
    rows: Vec<u32>,
    columns: Vec<u32>,
    cells: Vec<u32>,
    width: usize,
    touched: Vec<(u16, u16)>,
    total: u32,
}

impl Cells {
    fn count(&mut self, x: &Bridge, y: &Bridge, compare: bool) {
        for (p, q) in self.touched.drain(..) {
            if let Some(cell) = self.cells.get_mut(usize::from(p) * self.width + usize::from(q)) {
                *cell = 0;
            }
        }
        self.total = 0;
        self.rows.clear();
        self.rows.resize(x.lanes.len(), 0);
        self.columns.clear();
        self.columns.resize(y.lanes.len(), 0);
        // Cells are all zero here, so a new width moves nothing.
        self.width = y.lanes.len();
        let needed = x.lanes.len() * y.lanes.len();
        if self.cells.len() < needed {
            self.cells.resize(needed, 0);
        }
        if !compare {
            return;
        }
        let (mut a, mut b) = (x.seen.iter().peekable(), y.seen.iter().peekable());
        while let (Some(&&(s, p)), Some(&&(t, q))) = (a.peek(), b.peek()) {
            match s.cmp(&t) {
                std::cmp::Ordering::Less => {
                    a.next();
                }
                std::cmp::Ordering::Greater => {
                    b.next();
                }
                std::cmp::Ordering::Equal => {
                    a.next();
                    b.next();
                    self.add(p, q);
                }
            }
        }
    }

    fn add(&mut self, p: u16, q: u16) {
        self.total += 1;
        if let Some(row) = self.rows.get_mut(usize::from(p)) {
            *row += 1;
        }
        if let Some(column) = self.columns.get_mut(usize::from(q)) {
            *column += 1;
        }
        if let Some(cell) = self.cells.get_mut(usize::from(p) * self.width + usize::from(q)) {
            if *cell == 0 {
                self.touched.push((p, q));
            }
            *cell += 1;
        }
    }

    fn cell(&self, p: u16, q: u16) -> u32 {
        self.cells.get(usize::from(p) * self.width + usize::from(q)).copied().unwrap_or(0)
    }

    /// The best pair of lanes, as far as it is the only one.
    fn sight(&mut self, x: &Bridge, y: &Bridge, own: (Votes<'_>, Votes<'_>), compare: bool) -> Option<Sight> {
        self.count(x, y, compare);
        if self.total == 0 && own.0.is_empty() && own.1.is_empty() {
            return None;
        }
        // Penalty(p, q) = part(p) + part(q) + 3 cell(p, q) + 3 total: own addresses seen elsewhere, and stations that both
        // have behind other lanes.
        let part = |lane: u16, shared: u32, votes: &[(u16, u32)]| {
            let elsewhere: i64 = votes.iter().filter(|(l, _)| *l != lane).map(|(_, n)| i64::from(*n)).sum();
            OWN * elsewhere - CONTRADICTION * i64::from(shared)
        };
        let ranked = |counts: &[u32], votes: &[(u16, u32)]| {
            let mut list: Vec<(i64, u16)> = counts
                .iter()
                .enumerate()
                .map(|(lane, shared)| (lane_number(lane), *shared))
                .filter(|(lane, shared)| *shared > 0 || votes.iter().any(|(l, _)| l == lane))
                .map(|(lane, shared)| (part(lane, shared, votes), lane))
                .collect();
            list.sort_unstable();
            list
        };
        let (ps, qs) = (ranked(&self.rows, own.0), ranked(&self.columns, own.1));
        let best = self.best(&ps, &qs, !own.0.is_empty() || !own.1.is_empty());
        let mut sight = Sight { own: (votes(own.0), votes(own.1)), ..Sight::default() };
        sight.lanes = (best.p, best.q);
        if let (Some(p), Some(q)) = (best.p, best.q) {
            let (row, column, cell) = (self.row(p), self.column(q), self.cell(p, q));
            sight.support = (row - cell) + (column - cell);
            let elsewhere =
                |votes: &[(u16, u32)], lane: u16| votes.iter().filter(|(l, _)| *l != lane).map(|(_, n)| n).sum::<u32>();
            sight.against = self.total + cell - row - column + elsewhere(own.0, p) + elsewhere(own.1, q);
        } else if self.rows.is_empty() || self.columns.is_empty() {
            return None;
        }
        // One side alone: it sees the other's own address, and nothing contradicts.
        if sight.lanes.0.is_none() && own.0.len() == 1 {
            sight.lanes.0 = own.0.first().map(|(l, _)| *l);
        }
        if sight.lanes.1.is_none() && own.1.len() == 1 {
            sight.lanes.1 = own.1.first().map(|(l, _)| *l);
        }
        (sight.lanes != (None, None)).then_some(sight)
    }

    fn best(&self, ps: &[(i64, u16)], qs: &[(i64, u16)], has_own: bool) -> Best {
        let base = CONTRADICTION * i64::from(self.total);
        let mut best = Best::default();
        for (a, p) in ps {
            if qs.first().is_none_or(|(b, _)| best.is_under(a + b + base)) {
                break;
            }
            for (b, q) in qs {
                if best.is_under(a + b + base) {
                    break;
                }
                let cell = self.cell(*p, *q);
                let support = self.row(*p) + self.column(*q) - 2 * cell;
                if support > 0 || has_own {
                    let penalty = a + b + base + CONTRADICTION * i64::from(cell);
                    best.offer((-penalty, support, cell), *p, *q);
                }
            }
        }
        best
    }

    fn row(&self, lane: u16) -> u32 {
        self.rows.get(usize::from(lane)).copied().unwrap_or(0)
    }

    fn column(&self, lane: u16) -> u32 {
        self.columns.get(usize::from(lane)).copied().unwrap_or(0)
    }
}

fn votes(list: &[(u16, u32)]) -> u32 {
    list.iter().map(|(_, n)| n).sum()
}

fn lane_number(lane: usize) -> u16 {
    u16::try_from(lane).unwrap_or(NONE)
}

/// The best pair so far (least penalty, most support, most stations beyond both), and the lanes all of its kind share.
#[derive(Debug, Default)]
struct Best {
    score: Option<(i64, u32, u32)>,
    p: Option<u16>,
    q: Option<u16>,
}

impl Best {
    /// Nothing with at least this penalty can matter.
    fn is_under(&self, least: i64) -> bool {
        self.score.is_some_and(|(score, _, _)| -least < score)
    }

    fn offer(&mut self, score: (i64, u32, u32), p: u16, q: u16) {
        match self.score.map(|s| score.cmp(&s)) {
            None | Some(std::cmp::Ordering::Greater) => *self = Best { score: Some(score), p: Some(p), q: Some(q) },
            Some(std::cmp::Ordering::Equal) => {
                self.p = self.p.filter(|o| *o == p);
                self.q = self.q.filter(|o| *o == q);
            }
            Some(std::cmp::Ordering::Less) => {}
        }
    }
}
