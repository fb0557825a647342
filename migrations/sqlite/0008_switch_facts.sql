-- More of a switch: details of its ports, and which MAC answers at which address.

-- Duplex, aggregate, capability, PoE, spanning tree, counters: model::PortDetail as JSON.
ALTER TABLE port ADD COLUMN detail TEXT NOT NULL DEFAULT '{}';

-- ARP and ND caches: who had an address, from when to when.
CREATE TABLE arp (
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    mac TEXT NOT NULL,
    if_index INTEGER,
    kind TEXT,                          -- dynamic, static, local, other
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    PRIMARY KEY (device_id, address, mac)
) STRICT;
CREATE INDEX arp_address ON arp (address);
CREATE INDEX arp_mac ON arp (mac);
