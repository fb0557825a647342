//! Where in the MIBs people's words and addresses stand. Data for the redactor; it decides nothing.
//!
//! One more column of names goes into `NAMES`, one more table nobody needs into `LEFT_OUT`.

/// Columns and scalars that hold what people wrote: names, rooms, contacts, remarks.
pub const NAMES: [&[u32]; 28] = [
    &[1, 3, 6, 1, 2, 1, 1, 4],                             // sysContact
    &[1, 3, 6, 1, 2, 1, 1, 5],                             // sysName
    &[1, 3, 6, 1, 2, 1, 1, 6],                             // sysLocation
    &[1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18],                  // ifAlias
    &[1, 3, 6, 1, 2, 1, 17, 7, 1, 4, 3, 1, 1],             // dot1qVlanStaticName
    &[1, 3, 6, 1, 4, 1, 9, 9, 46, 1, 3, 1, 1, 4],          // vtpVlanName
    &[1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 14],               // entPhysicalAlias
    &[1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 15],               // entPhysicalAssetID
    &[1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 4],                   // prtGeneralCurrentOperator
    &[1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 5],                   // prtGeneralServicePerson
    &[1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 16],                  // prtGeneralPrinterName
    &[1, 3, 6, 1, 2, 1, 25, 3, 8, 1, 2],                   // hrFSMountPoint
    &[1, 3, 6, 1, 2, 1, 25, 3, 8, 1, 3],                   // hrFSRemoteMountPoint
    &[1, 3, 6, 1, 2, 1, 33, 1, 1, 5],                      // upsIdentName
    &[1, 3, 6, 1, 2, 1, 33, 1, 1, 6],                      // upsIdentAttachedDevices
    &[1, 0, 8802, 1, 1, 2, 1, 3, 3],                       // lldpLocSysName
    &[1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 8],                 // lldpRemPortDesc
    &[1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 9],                 // lldpRemSysName
    &[1, 3, 111, 2, 802, 1, 1, 13, 1, 4, 1, 1, 10],        // lldpV2RemPortDesc
    &[1, 3, 111, 2, 802, 1, 1, 13, 1, 4, 1, 1, 11],        // lldpV2RemSysName
    &[1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, 6],          // cdpCacheDeviceId
    &[1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, 17],         // cdpCacheSysName
    &[1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 3, 4],                // cdpGlobalDeviceId
    &[1, 3, 6, 1, 4, 1, 1991, 1, 1, 3, 20, 1, 2, 1, 1, 3], // snFdpCacheDeviceId
    &[1, 3, 6, 1, 4, 1, 14988, 1, 1, 11, 1, 1, 6],         // mtxrNeighborIdentity
    &[1, 3, 6, 1, 4, 1, 11863, 6, 35, 1, 2, 2, 1, 9],      // TP-Link's LLDP system name
    &[1, 3, 6, 1, 4, 1, 1602, 1, 1, 1, 2],                 // Canon: name given by a person
    &[1, 3, 6, 1, 4, 1, 10642, 1, 4],                      // Zebra: name given by a person
];
/// Tables that say who talks to whom or what a host runs, and serve no fact: connections, routes, processes, accounts.
pub const LEFT_OUT: [&[u32]; 23] = [
    // Tables indexed by IPv6 addresses.
    &[1, 3, 6, 1, 2, 1, 4, 32],
    &[1, 3, 6, 1, 2, 1, 4, 34],
    &[1, 3, 6, 1, 2, 1, 4, 36],
    &[1, 3, 6, 1, 2, 1, 4, 37],
    &[1, 3, 6, 1, 2, 1, 55],
    &[1, 3, 6, 1, 2, 1, 4, 21],
    &[1, 3, 6, 1, 2, 1, 4, 24],
    &[1, 3, 6, 1, 2, 1, 6],
    &[1, 3, 6, 1, 2, 1, 7],
    &[1, 3, 6, 1, 2, 1, 14],
    &[1, 3, 6, 1, 2, 1, 15],
    &[1, 3, 6, 1, 2, 1, 16, 4],
    &[1, 3, 6, 1, 2, 1, 16, 5],
    &[1, 3, 6, 1, 2, 1, 16, 6],
    &[1, 3, 6, 1, 2, 1, 16, 8],
    &[1, 3, 6, 1, 2, 1, 25, 4],
    &[1, 3, 6, 1, 2, 1, 25, 5],
    &[1, 3, 6, 1, 2, 1, 80],
    &[1, 3, 6, 1, 2, 1, 92],
    &[1, 3, 6, 1, 6],
    &[1, 3, 6, 1, 4, 1, 11, 2, 3, 9, 4, 2, 1, 1, 6], // HP: the job in work and its owner
    &[1, 3, 6, 1, 4, 1, 2699, 1, 1],                 // Job-Monitoring-MIB
    &[1, 3, 6, 1, 4, 1, 77, 1, 2],                   // LAN Manager: accounts and sessions
];
/// Tables with addresses in their index; elsewhere four arcs are an address only where that one is known.
pub const ADDRESSED: [&[u32]; 5] = [
    &[1, 3, 6, 1, 2, 1, 4, 20],
    &[1, 3, 6, 1, 2, 1, 4, 22],
    &[1, 3, 6, 1, 2, 1, 4, 35],
    &[1, 0, 8802, 1, 1, 2, 1, 3, 8],
    &[1, 0, 8802, 1, 1, 2, 1, 4, 2],
];
/// Columns of MACs and of ids that may be one.
pub const MACS: [&[u32]; 9] = [
    &[1, 3, 6, 1, 2, 1, 2, 2, 1, 6],
    &[1, 3, 6, 1, 2, 1, 4, 22, 1, 2],
    &[1, 3, 6, 1, 2, 1, 4, 35, 1, 4],
    &[1, 3, 6, 1, 2, 1, 17, 1, 1],
    &[1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 1],
    &[1, 0, 8802, 1, 1, 2, 1, 3],
    &[1, 0, 8802, 1, 1, 2, 1, 4, 1],
    &[1, 3, 111, 2, 802, 1, 1, 13, 1],
    &[1, 3, 6, 1, 4, 1, 14988, 1, 1, 11, 1, 1, 3],
];
/// cdpCacheAddress, snFdpCacheAddress: an address in octets.
pub const CDP_ADDRESS: [&[u32]; 2] =
    [&[1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, 4], &[1, 3, 6, 1, 4, 1, 1991, 1, 1, 3, 20, 1, 2, 1, 1, 5]];
/// Bit maps of ports: six octets of them are no MAC.
pub const BITMAPS: [&[u32]; 4] = [
    &[1, 3, 6, 1, 2, 1, 17, 7, 1, 4],
    &[1, 3, 6, 1, 2, 1, 17, 6],
    // Of a MAU's abilities.
    &[1, 3, 6, 1, 2, 1, 26, 2, 1, 1, 13],
    &[1, 3, 6, 1, 2, 1, 26, 5, 1, 1, 9],
];
