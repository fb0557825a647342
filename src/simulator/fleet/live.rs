//! The fleet on real UDP: every device an agent at its own loopback address, living by somebody's clock.
//!
//! The clock is an argument (this module may not read one). A question advances the fleet to now and is answered from
//! objects built at most once a minute of the fleet's time; a device that is off is silent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Fleet, Number};
use crate::model::Millis;
use crate::simulator::agent::{Agent, Counters, Device};
use crate::simulator::server::{Network, Server, StartError};
use crate::simulator::table::Table;

/// A fleet and its clock.
pub struct Live {
    fleet: Mutex<Fleet>,
    now: Box<dyn Fn() -> Millis + Send + Sync>,
    counters: Arc<Counters>,
}

impl Live {
    pub fn new(fleet: Fleet, now: impl Fn() -> Millis + Send + Sync + 'static) -> Arc<Live> {
        Arc::new(Live { fleet: Mutex::new(fleet), now: Box::new(now), counters: Arc::default() })
    }

    /// The fleet, advanced to now.
    pub fn with<T>(&self, look: impl FnOnce(&mut Fleet) -> T) -> T {
        // A poisoned fleet is still a consistent one: a panic while looking changed nothing.
        let mut fleet = self.fleet.lock().unwrap_or_else(PoisonError::into_inner);
        fleet.advance((self.now)());
        look(&mut fleet)
    }

    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Binds all devices to their addresses on this port.
    pub async fn serve(self: &Arc<Self>, port: u16, community: &str) -> Result<Server, StartError> {
        let cards: Vec<_> = self.with(|fleet| (0..fleet.len()).map(|n| fleet.card(n)).collect());
        let agents = cards.into_iter().enumerate().map(|(number, card)| {
            let device = Living { live: self.clone(), number, last: Mutex::default() };
            (SocketAddr::new(card.address.into(), port), Agent::new(community, Arc::new(device), self.counters.clone()))
        });
        Server::start(agents.collect(), Network::default()).await
    }
}

/// Objects as they were at a minute; nothing for a device that was off.
type Built = (Millis, Option<Arc<Table>>);

struct Living {
    live: Arc<Live>,
    number: Number,
    last: Mutex<Option<Built>>,
}

impl Device for Living {
    fn objects(&self, context: &[u8]) -> Option<Arc<Table>> {
        if !context.is_empty() {
            return None;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.live.with(|fleet| {
            if let Some((_, table)) = last.as_ref().filter(|(at, _)| *at == fleet.now()) {
                return table.clone();
            }
            let table = fleet.objects(self.number).map(|rows| Arc::new(Table::new(&rows).0));
            *last = Some((fleet.now(), table.clone()));
            table
        })
    }
}
