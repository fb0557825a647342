//! Small simulated agents for the collector's tests.

use std::net::SocketAddr;
use std::sync::Arc;

use anykey::protocol::snmp::{Oid, Value};
use anykey::simulator::{Agent, Counters, Network, Recorded, Server, Table};

/// Starts an agent with each set of objects at its address.
pub async fn lab(agents: impl IntoIterator<Item = (SocketAddr, Vec<(Oid, Value)>)>) -> Server {
    let counters = Arc::new(Counters::default());
    let agents = agents
        .into_iter()
        .map(|(at, rows)| {
            let device = Recorded::new(Table::new(&rows).0, Default::default());
            (at, Agent::new("public", Arc::new(device), counters.clone()))
        })
        .collect();
    Server::start(agents, Network::default()).await.expect("loopback addresses are free")
}

pub fn oid(text: &str) -> Oid {
    text.parse().unwrap()
}

/// sysDescr, sysObjectID, sysUpTime, sysName.
pub fn system_group(name: &str, object_id: &str) -> Vec<(Oid, Value)> {
    vec![
        (oid("1.3.6.1.2.1.1.1.0"), Value::OctetString(format!("Test device {name}").into_bytes())),
        (oid("1.3.6.1.2.1.1.2.0"), Value::Oid(oid(object_id))),
        (oid("1.3.6.1.2.1.1.3.0"), Value::TimeTicks(4711)),
        (oid("1.3.6.1.2.1.1.5.0"), Value::OctetString(name.as_bytes().to_vec())),
    ]
}
