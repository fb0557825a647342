//! Names of ports and devices as different protocols write them, brought to one form for comparison.

/// Long words first: "tengigabitethernet" ends in others.
const WORDS: [(&str, &str); 22] = [
    ("hundredgigabitethernet", "hu"),
    ("hundredgige", "hu"),
    ("twentyfivegigabitethernet", "twe"),
    ("twentyfivegige", "twe"),
    ("fortygigabitethernet", "fo"),
    ("fortygige", "fo"),
    ("tengigabitethernet", "te"),
    ("tengige", "te"),
    ("ten-gigabitethernet", "te"),
    ("xgigabitethernet", "te"),
    ("gigabitethernet", "gi"),
    ("gigaethernet", "gi"),
    ("gigabit", "gi"),
    ("fastethernet", "fa"),
    ("bridge-aggregation", "bagg"),
    ("port-channel", "po"),
    ("ethernet", "eth"),
    ("serial", "se"),
    ("tunnel", "tu"),
    ("vlan", "vl"),
    ("port", "port"),
    ("interface", "if"),
];

/// "GigabitEthernet 1/0/7" and "Gi1/0/7" are one; letters are lower case, separators of numbers are "/".
pub fn port(name: &str) -> String {
    let lower: String = name.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let (word, rest) = lower.split_at(lower.find(|c: char| c.is_ascii_digit()).unwrap_or(lower.len()));
    let bare = word.trim_end_matches(['-', '_', ':']);
    let short = WORDS.iter().find(|(long, _)| *long == bare).map_or(bare, |(_, short)| short);
    let numbers: String = rest.chars().map(|c| if matches!(c, '.' | ':' | '-' | '_') { '/' } else { c }).collect();
    format!("{short}{numbers}")
}

/// A name that says the interface is a tunnel, loopback or nothing.
pub fn is_tunnel(name: &str) -> bool {
    let lower = name.to_lowercase();
    let words = ["tunnel", "tu", "loopback", "lo", "null", "nu", "gre", "ipip", "wg", "tun", "vpn", "virtual-template"];
    words.iter().any(|w| lower.strip_prefix(w).is_some_and(|r| r.chars().all(|c| c.is_ascii_digit() || c == '.')))
}

/// Names a device comes with from the factory tell nothing of which one it is.
pub fn is_default(name: &str) -> bool {
    let lower = name.trim().to_lowercase();
    let defaults = [
        "",
        "switch",
        "router",
        "mikrotik",
        "localhost",
        "localhost.localdomain",
        "cisco",
        "ap",
        "hp",
        "d-link",
        "unknown",
        "default",
        "none",
        "noname",
        "not received",
        "(none)",
        "ubnt",
        "openwrt",
        "hostname",
        "huawei",
        "h3c",
        "system",
    ];
    defaults.contains(&lower.as_str()) || lower.len() < 2
}

/// Without the domain; an address stays whole.
pub fn short(name: &str) -> &str {
    if name.parse::<std::net::IpAddr>().is_ok() { name } else { name.split('.').next().unwrap_or(name) }
}

/// "sw1" and "sw1.example.org" may be one, "sw1.a.org" and "sw1.b.org" may not.
pub fn same_host(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim().to_lowercase(), b.trim().to_lowercase());
    a == b || (short(&a) == short(&b) && (a == short(&a) || b == short(&b)) && !short(&a).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_port_in_many_spellings() {
        let same = |a: &str, b: &str| assert_eq!(port(a), port(b), "{a} {b}");
        same("GigabitEthernet1/0/7", "Gi1/0/7");
        same("gigabitethernet 1/0/7", "Gi 1/0/7");
        same("TenGigabitEthernet1/1", "Te1/1");
        same("FastEthernet0/1", "Fa0/1");
        same("Port-channel1", "Po1");
        same("Ethernet1", "eth1");
        assert_ne!(port("Gi1/0/7"), port("Te1/0/7"));
        assert_ne!(port("ge-0/0/1"), port("xe-0/0/1"));
    }

    #[test]
    fn hosts_with_and_without_domain() {
        assert!(same_host("SW1", "sw1.example.org") && same_host("sw1.example.org", "SW1.example.org"));
        assert!(!same_host("sw1.a.org", "sw1.b.org") && !same_host("10.0.0.1", "10.0.0.2"));
        assert!(is_default("MikroTik") && is_default("switch") && !is_default("sw1"));
        assert!(is_tunnel("Tu0") && is_tunnel("Tunnel12") && !is_tunnel("twe1/0/1") && !is_tunnel("lan1"));
    }
}
