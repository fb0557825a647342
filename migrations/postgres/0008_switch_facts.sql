-- More of a switch: details of its ports, and which MAC answers at which address.

-- Duplex, aggregate, capability, PoE, spanning tree, counters: model::PortDetail as JSON.
ALTER TABLE port ADD COLUMN detail TEXT NOT NULL DEFAULT '{}';

-- ARP and ND caches: who had an address, from when to when.
CREATE TABLE arp (
    device_id BIGINT NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    mac TEXT NOT NULL,
    if_index BIGINT,
    kind TEXT,                          -- dynamic, static, local, other
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    PRIMARY KEY (device_id, address, mac)
);
CREATE INDEX arp_address ON arp (address);
CREATE INDEX arp_mac ON arp (mac);
