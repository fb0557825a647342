//! Station addresses as numbers, and which of them belong to no single station.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// EUI-48 in the low 48 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub u64);

impl Mac {
    /// Twelve hexadecimal digits with any separators.
    pub fn parse(text: &str) -> Option<Self> {
        let mut value = 0u64;
        let mut digits = 0;
        for c in text.chars() {
            match c.to_digit(16) {
                Some(d) if digits < 12 => {
                    value = value << 4 | u64::from(d);
                    digits += 1;
                }
                Some(_) => return None,
                None if matches!(c, ':' | '-' | '.' | ' ') => {}
                None => return None,
            }
        }
        (digits == 12).then_some(Mac(value))
    }

    /// One station's: not zero, not a group's, not shared by a pair of routers. Tables learn sources only, so the bit of a
    /// group alone is a badly made address; groups are those whose beginning is given to them.
    pub fn is_station(self) -> bool {
        let group = matches!(self.0 >> 40, 0x01 | 0x03 | 0x09 | 0x0B | 0x33 | 0xAB | 0xCF | 0xFF);
        self.0 != 0 && !group && !self.is_virtual_router()
    }

    /// VRRP and CARP (RFC 5798), HSRP 1, HSRP 2 and its IPv6 form, GLBP.
    pub fn is_virtual_router(self) -> bool {
        let vrrp = matches!(self.0 >> 8, 0x00_00_5E_00_01 | 0x00_00_5E_00_02);
        let hsrp = self.0 >> 8 == 0x00_00_0C_07_AC || self.0 >> 12 == 0xC9FF;
        let hsrp6 = self.0 >> 12 == 0x0057_3A00;
        let glbp = self.0 >> 16 == 0x00_07_B4_00;
        vrrp || hsrp || hsrp6 || glbp
    }

    /// Given by software, not by a factory: virtual machines, containers, telephones that hide.
    pub fn is_local(self) -> bool {
        self.0 >> 40 & 2 != 0
    }

    /// A card that a hypervisor made: VMware, Hyper-V, KVM, Xen, VirtualBox.
    pub fn is_virtual_machine(self) -> bool {
        matches!(self.0 >> 24, 0x00_0C_29 | 0x00_50_56 | 0x00_05_69 | 0x00_15_5D | 0x52_54_00 | 0x00_16_3E | 0x08_00_27)
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let b = self.0.to_be_bytes();
        write!(f, "{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", b[2], b[3], b[4], b[5], b[6], b[7])
    }
}

impl Serialize for Mac {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mac {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Mac::parse(&text).ok_or_else(|| serde::de::Error::custom("no station address"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_notation_and_nothing_else() {
        for text in ["00:1a:2B:3c:4d:5e", "001a.2b3c.4d5e", "00-1A-2B-3C-4D-5E", "001a2b3c4d5e"] {
            assert_eq!(Mac::parse(text), Some(Mac(0x001A_2B3C_4D5E)), "{text}");
        }
        for text in ["", "00:1a", "001a2b3c4d5e6f", "Gi1/0/1", "zz:1a:2b:3c:4d:5e"] {
            assert_eq!(Mac::parse(text), None, "{text}");
        }
        assert_eq!(Mac(0x001A_2B3C_4D5E).to_string(), "00:1a:2b:3c:4d:5e");
    }

    #[test]
    fn addresses_of_more_than_one() {
        let station = |t: &str| Mac::parse(t).unwrap().is_station();
        for text in ["00:00:00:00:00:00", "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "00:00:5e:00:01:0a"] {
            assert!(!station(text), "{text}");
        }
        for text in ["00:00:0c:07:ac:05", "00:00:0c:9f:f0:05", "00:05:73:a0:00:05", "00:07:b4:00:01:02"] {
            assert!(!station(text), "{text}");
        }
        assert!(station("00:00:0c:83:d9:a8") && station("02:42:ac:11:00:02"));
    }
}
