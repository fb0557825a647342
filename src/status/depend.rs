//! What hangs behind what: from documents, from neighbours among switches and routers, from the port a device is seen at.
//!
//! Pure, and made anew when the observed network changes. It tells through which devices another is reached; whether those
//! are silent at a moment is the caller's knowledge. A network has one root in each connected part: the router or firewall,
//! else the switch with most neighbours; nothing lies before a root, so two switches never excuse each other.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::model::{DeviceId, DeviceKind, SiteId};

/// One device as far as its place matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    pub id: DeviceId,
    pub site: SiteId,
    pub kind: Option<DeviceKind>,
}

/// What was observed and what people wrote down.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    pub nodes: Vec<Node>,
    /// Between infrastructure, in any direction, in any order.
    pub links: Vec<(DeviceId, DeviceId)>,
    /// Device and the switch whose port it is seen at.
    pub hangs: Vec<(DeviceId, DeviceId)>,
    /// Device and what people say is before it.
    pub documented: Vec<(DeviceId, DeviceId)>,
}

/// Through what each device is reached.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// If all of these are silent, the device cannot be heard.
    before: HashMap<DeviceId, Vec<DeviceId>>,
    /// Infrastructure behind a device: when one of these is heard, so would the device be.
    behind: HashMap<DeviceId, Vec<DeviceId>>,
    roots: HashMap<SiteId, DeviceId>,
    sizes: HashMap<SiteId, usize>,
}

impl Network {
    pub fn of(seen: &Observed) -> Self {
        let nodes: BTreeMap<DeviceId, Node> = seen.nodes.iter().map(|n| (n.id, *n)).collect();
        let is_infra = |id: &DeviceId| nodes.get(id).is_some_and(|n| n.kind.is_some_and(DeviceKind::is_infrastructure));
        let mut near: BTreeMap<DeviceId, BTreeSet<DeviceId>> = BTreeMap::new();
        let between = seen.links.iter().chain(seen.hangs.iter().filter(|(a, _)| is_infra(a)));
        for (a, b) in between.filter(|(a, b)| a != b && is_infra(a) && is_infra(b)) {
            near.entry(*a).or_default().insert(*b);
            near.entry(*b).or_default().insert(*a);
        }
        let mut net = Network::default();
        for n in nodes.values() {
            *net.sizes.entry(n.site).or_default() += 1;
        }
        net.rank(&nodes, &near);
        for (device, switch) in seen.hangs.iter().filter(|(d, s)| d != s && !is_infra(d)) {
            if nodes.contains_key(device) && nodes.contains_key(switch) {
                net.before.insert(*device, vec![*switch]);
            }
        }
        for (device, parent) in &seen.documented {
            // A loop on paper excuses nobody.
            if nodes.contains_key(device) && nodes.contains_key(parent) && !net.leads_to(*parent, *device, seen) {
                net.before.insert(*device, vec![*parent]);
                net.behind.remove(device);
                if let Some(site) = nodes.get(device).map(|n| n.site)
                    && net.roots.get(&site) == Some(device)
                {
                    net.roots.insert(site, *parent);
                }
            }
        }
        net
    }

    /// Distances from the root of each part; before a device lie its neighbours that are not farther than itself.
    fn rank(&mut self, nodes: &BTreeMap<DeviceId, Node>, near: &BTreeMap<DeviceId, BTreeSet<DeviceId>>) {
        let rank = |id: &DeviceId| {
            let gate = matches!(nodes.get(id).and_then(|n| n.kind), Some(DeviceKind::Router | DeviceKind::Firewall));
            (!gate, std::cmp::Reverse(near.get(id).map_or(0, BTreeSet::len)), *id)
        };
        let mut left: BTreeSet<DeviceId> = near.keys().copied().collect();
        while let Some(root) = left.iter().copied().min_by_key(rank) {
            let mut distance: BTreeMap<DeviceId, usize> = BTreeMap::from([(root, 0)]);
            let mut queue = VecDeque::from([root]);
            while let Some(at) = queue.pop_front() {
                let next = distance.get(&at).map_or(0, |d| d + 1);
                for n in near.get(&at).into_iter().flatten() {
                    if !distance.contains_key(n) {
                        distance.insert(*n, next);
                        queue.push_back(*n);
                    }
                }
            }
            for (id, far) in &distance {
                left.remove(id);
                let neighbours = near.get(id).into_iter().flatten();
                let (before, behind): (Vec<DeviceId>, Vec<DeviceId>) =
                    neighbours.copied().partition(|n| distance.get(n).is_some_and(|d| d <= far));
                if *id != root {
                    self.before.insert(*id, before);
                    self.behind.insert(*id, behind);
                }
            }
            if let Some(site) = nodes.get(&root).map(|n| n.site) {
                self.better_root(site, root, near);
            }
        }
        // A router that announces nothing is still what the branch is reached through.
        for n in nodes.values().filter(|n| matches!(n.kind, Some(DeviceKind::Router | DeviceKind::Firewall))) {
            if !self.before.contains_key(&n.id) {
                self.roots.entry(n.site).or_insert(n.id);
            }
        }
    }

    fn better_root(&mut self, site: SiteId, root: DeviceId, near: &BTreeMap<DeviceId, BTreeSet<DeviceId>>) {
        let degree = |id: &DeviceId| near.get(id).map_or(0, BTreeSet::len);
        let known = self.roots.entry(site).or_insert(root);
        if degree(&root) > degree(known) {
            *known = root;
        }
    }

    fn leads_to(&self, from: DeviceId, to: DeviceId, seen: &Observed) -> bool {
        let mut at = from;
        for _ in 0..=seen.documented.len() {
            if at == to {
                return true;
            }
            match seen.documented.iter().find(|(d, _)| *d == at) {
                Some((_, parent)) => at = *parent,
                None => return false,
            }
        }
        true
    }

    pub fn before(&self, id: DeviceId) -> &[DeviceId] {
        self.before.get(&id).map(Vec::as_slice).unwrap_or_default()
    }
    pub fn behind(&self, id: DeviceId) -> &[DeviceId] {
        self.behind.get(&id).map(Vec::as_slice).unwrap_or_default()
    }
    /// What a branch is reached through.
    pub fn root(&self, site: SiteId) -> Option<DeviceId> {
        self.roots.get(&site).copied()
    }
    /// Devices of a branch.
    pub fn size(&self, site: SiteId) -> usize {
        self.sizes.get(&site).copied().unwrap_or(0)
    }
    pub fn whole(&self) -> usize {
        self.sizes.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: SiteId = SiteId(1);

    fn observed(kinds: &[(i64, DeviceKind)], links: &[(i64, i64)], hangs: &[(i64, i64)]) -> Observed {
        let pair = |(a, b): &(i64, i64)| (DeviceId(*a), DeviceId(*b));
        Observed {
            nodes: kinds.iter().map(|(id, k)| Node { id: DeviceId(*id), site: SITE, kind: Some(*k) }).collect(),
            links: links.iter().map(pair).collect(),
            hangs: hangs.iter().map(pair).collect(),
            documented: Vec::new(),
        }
    }

    fn before(net: &Network, id: i64) -> Vec<i64> {
        let mut all: Vec<i64> = net.before(DeviceId(id)).iter().map(|d| d.0).collect();
        all.sort_unstable();
        all
    }

    use DeviceKind::{Printer, Router, Switch};

    /// ```text
    /// R1 --- S2 --- S3 --- P5
    ///          \--- S4
    /// ```
    #[test]
    fn a_tree_has_one_way_up() {
        let kinds = [(1, Router), (2, Switch), (3, Switch), (4, Switch), (5, Printer), (6, Printer)];
        let net = Network::of(&observed(&kinds, &[(3, 2), (2, 1), (2, 4)], &[(5, 3)]));
        assert_eq!(net.root(SITE), Some(DeviceId(1)));
        assert_eq!([1, 2, 3, 4, 5, 6].map(|d| before(&net, d)), [vec![], vec![1], vec![2], vec![2], vec![3], vec![]]);
        assert_eq!(net.behind(DeviceId(2)), [DeviceId(3), DeviceId(4)]);
        assert_eq!((net.size(SITE), net.whole()), (6, 6));
    }

    #[test]
    fn a_ring_has_two_ways() {
        let kinds = [(1, Switch), (2, Switch), (3, Switch), (4, Switch)];
        let mut seen = observed(&kinds, &[(1, 2), (1, 3), (2, 4), (3, 4), (2, 3)], &[]);
        let net = Network::of(&seen);
        // Switches 2 and 3 have most neighbours; the first is the root.
        assert_eq!(net.root(SITE), Some(DeviceId(2)));
        assert_eq!(before(&net, 4), [2, 3]);
        assert_eq!(before(&net, 2), Vec::<i64>::new());
        seen.documented = vec![(DeviceId(2), DeviceId(1)), (DeviceId(4), DeviceId(3))];
        let net = Network::of(&seen);
        assert_eq!((before(&net, 2), before(&net, 4), net.root(SITE)), (vec![1], vec![3], Some(DeviceId(1))));
    }

    #[test]
    fn forwarding_tables_join_switches_that_announce_nothing() {
        let net = Network::of(&observed(&[(1, Router), (2, Switch), (3, Switch)], &[(1, 2)], &[(3, 2)]));
        assert_eq!((before(&net, 3), before(&net, 2)), (vec![2], vec![1]));
    }

    #[test]
    fn a_loop_on_paper_excuses_nobody() {
        let mut seen = observed(&[(1, Switch), (2, Switch)], &[], &[]);
        seen.documented = vec![(DeviceId(1), DeviceId(2)), (DeviceId(2), DeviceId(1))];
        let net = Network::of(&seen);
        assert!(before(&net, 1).is_empty() && before(&net, 2).is_empty());
    }
}
