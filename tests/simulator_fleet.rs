//! The virtual branch as our own profiles read it: every device is known, every way of telling a level survives.

use std::collections::{BTreeMap, BTreeSet};

use anykey::model::{DeviceKind, Facts, LevelState, Millis, ProbeClass, Source};
use anykey::profile::{Knowledge, Snapshot};
use anykey::simulator::fleet::Fleet;

/// A working morning.
const OPENING: Millis = Millis(1_794_983_400_000);

fn facts(fleet: &Fleet, knowledge: &Knowledge, classes: &[ProbeClass]) -> BTreeMap<&'static str, Facts> {
    let decoded = (0..fleet.len()).filter_map(|n| {
        let snapshot: Snapshot = fleet.objects(n)?.into_iter().collect();
        Some((fleet.card(n).name, knowledge.decode(&snapshot, classes)))
    });
    decoded.collect()
}

#[test]
fn profiles_recognise_every_device() {
    let knowledge = Knowledge::load(None).unwrap();
    let fleet = Fleet::new(1, OPENING.plus(-Millis::DAY), OPENING);
    let facts = facts(&fleet, &knowledge, &[ProbeClass::Inventory]);
    assert_eq!(facts.len(), 40);
    let mut kinds: BTreeMap<DeviceKind, usize> = BTreeMap::new();
    for (name, f) in &facts {
        *kinds.entry(f.kind.unwrap_or_else(|| panic!("{name} has no kind"))).or_default() += 1;
        assert!(f.notes.is_empty(), "{name}: {:?}", f.notes);
        assert!(f.identifiers().len() >= 2, "{name}: {:?}", f.identifiers());
        assert_eq!(f.sys_name.as_deref(), Some(*name));
    }
    use DeviceKind as K;
    let expected = [
        (K::Printer, 28),
        (K::Switch, 3),
        (K::Router, 1),
        (K::AccessPoint, 2),
        (K::Ups, 1),
        (K::Server, 1),
        (K::Storage, 1),
        (K::Phone, 3),
    ];
    assert_eq!(kinds, BTreeMap::from(expected));
    for (name, vendor, model, serial) in [
        ("sw-core", "Eltex", "MES2348P", "ES51018834"),
        ("sw-fl2", "D-Link", "DGS-1510-28", "RZC54K4001187"),
        ("buh-hp1", "HP", "LaserJet Pro M404dn", "VNC3K07714"),
        ("sklad-br", "Brother", "HL-L5100DN", "E78096K8N214407"),
        ("yur-ky", "Kyocera", "ECOSYS M2040dn", "VCF9407712"),
        ("kor1-xr", "Xerox", "VersaLink C7025", "3399205617"),
        ("teh-cn", "Canon", "LBP226dw", "2LB20944"),
        ("dir-rc", "Ricoh", "MP C2503", "E215R930184"),
        ("kor3-km", "Konica Minolta", "bizhub C250i", "AA2M021208841"),
        ("ohrana-pt", "Pantum", "BM5100ADN", "CB6A014418"),
        ("proizv-lx", "Lexmark", "MS421dn", "4601814HH2K"),
        ("otk-ss", "Samsung", "M4080FX", "ZDFBBJFK60021"),
        ("dizayn-ep", "Epson", "WF-C5790", "X3B4009712"),
        ("ekon-ok", "OKI", "B432", "AK5B013302"),
        ("sklad-zb", "Zebra", "ZT230", "52J171902214"),
        ("ups-serv", "Eaton", "9PX 1000i RT 2U", "GA10M22871"),
        ("gw-filial", "MikroTik", "RB5009UPr+S+", "HK30B2MZ4QF"),
    ] {
        let f = &facts[name];
        assert_eq!(f.vendor.as_deref(), Some(vendor), "{name}");
        assert!(f.model.as_deref().is_some_and(|m| m.contains(model)), "{name}: {:?}", f.model);
        assert_eq!(f.serial.as_deref(), Some(serial), "{name}");
    }
}

#[test]
fn levels_arrive_as_they_were_told() {
    let knowledge = Knowledge::load(None).unwrap();
    let mut fleet = Fleet::new(1, OPENING.plus(-Millis::DAY), OPENING);
    fleet.advance(OPENING);
    let facts = facts(&fleet, &knowledge, &[ProbeClass::Supplies]);
    let numbers: BTreeMap<_, _> = (0..fleet.len()).map(|n| (fleet.card(n).name, n)).collect();
    let (mut states, mut sources) = (BTreeSet::new(), BTreeSet::new());
    for (name, f) in &facts {
        let Some(printer) = fleet.printer(numbers[name]) else { continue };
        let supplies = f.supplies.as_ref().unwrap();
        assert_eq!(supplies.len(), printer.supplies.len(), "{name}");
        for told in supplies {
            let truth = printer.supplies.iter().find(|s| {
                // A maker's own place has numbers of its own.
                (told.source == Source::SnmpPrivate || s.reported().1 == told.level.unwrap())
                    && told
                        .description
                        .contains(s.spec.text.split([',', '{', '/']).next().unwrap().trim_end_matches(" S"))
            });
            let truth = truth.unwrap_or_else(|| panic!("{name}: {told:?}"));
            states.insert(told.level_state.as_str());
            sources.insert(format!("{:?}", told.source));
            if let Some(percent) = told.level_percent {
                // The coarsest step is a quarter, always rounded up.
                let error = percent - truth.remaining * 100.0;
                assert!(
                    (-1.0..=25.0).contains(&error),
                    "{name} {}: {percent} % of {}",
                    told.description,
                    truth.remaining
                );
            } else {
                assert_ne!(told.level_state, LevelState::Known);
            }
        }
    }
    assert!(states.len() >= 4, "{states:?}");
    assert_eq!(sources, BTreeSet::from([Source::Snmp, Source::SnmpPrivate].map(|s| format!("{s:?}"))));
}
