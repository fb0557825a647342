//! Encryption of the scoped PDU: CBC-DES (RFC 3414, section 8) and CFB128-AES (RFC 3826, draft-blumenthal-aes-usm-04).
//!
//! It proves nothing of the sender: call it only after the digest of the message was found right.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::{Block, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use des::Des;

use super::keys::PrivProtocol;

/// Bytes of msgPrivacyParameters, whatever the algorithm.
pub const SALT: usize = 8;
const DES_BLOCK: usize = 8;

/// What an encryption depends on beside key and text.
#[derive(Debug, Clone, Copy)]
pub struct Nonce {
    /// snmpEngineBoots and snmpEngineTime as the message says them.
    pub boots: u32,
    pub time: u32,
    /// Never the same twice under one key.
    pub salt: [u8; SALT],
}

impl Nonce {
    /// From a number that only grows. DES wants the boots in the salt's first half.
    pub fn new(protocol: PrivProtocol, boots: u32, time: u32, number: u64) -> Self {
        let salt = match protocol {
            PrivProtocol::Des => (u64::from(boots) << 32 | (number & 0xFFFF_FFFF)).to_be_bytes(),
            _ => number.to_be_bytes(),
        };
        Nonce { boots, time, salt }
    }
    fn aes_iv(&self) -> [u8; 16] {
        let mut iv = [0; 16];
        iv[..4].copy_from_slice(&self.boots.to_be_bytes());
        iv[4..8].copy_from_slice(&self.time.to_be_bytes());
        iv[8..].copy_from_slice(&self.salt);
        iv
    }
    fn des_iv(&self, pre_iv: &[u8]) -> [u8; DES_BLOCK] {
        let mut iv = self.salt;
        iv.iter_mut().zip(pre_iv).for_each(|(a, b)| *a ^= b);
        iv
    }
}

/// Bytes are appended to a multiple of the block where the algorithm needs it. `None`: the key has not the right length.
pub fn encrypt(protocol: PrivProtocol, key: &[u8], nonce: &Nonce, text: &mut Vec<u8>) -> Option<()> {
    macro_rules! aes {
        ($cipher:ty) => {
            cfb_mode::Encryptor::<$cipher>::new_from_slices(key, &nonce.aes_iv()).ok()?.encrypt(text)
        };
    }
    match protocol {
        PrivProtocol::Des => {
            text.resize(text.len().next_multiple_of(DES_BLOCK), 0);
            let (key, pre_iv) = key.split_at_checked(DES_BLOCK)?;
            let mut mode = cbc::Encryptor::<Des>::new_from_slices(key, &nonce.des_iv(pre_iv)).ok()?;
            for block in text.chunks_exact_mut(DES_BLOCK) {
                mode.encrypt_block(<&mut Block<cbc::Encryptor<Des>>>::try_from(block).ok()?);
            }
        }
        PrivProtocol::Aes128 => aes!(Aes128),
        PrivProtocol::Aes192 | PrivProtocol::Aes192C => aes!(Aes192),
        PrivProtocol::Aes256 | PrivProtocol::Aes256C => aes!(Aes256),
    }
    Some(())
}

/// In place; appended bytes stay. `None`: not what this algorithm produces.
pub fn decrypt(protocol: PrivProtocol, key: &[u8], nonce: &Nonce, text: &mut [u8]) -> Option<()> {
    macro_rules! aes {
        ($cipher:ty) => {
            cfb_mode::Decryptor::<$cipher>::new_from_slices(key, &nonce.aes_iv()).ok()?.decrypt(text)
        };
    }
    match protocol {
        PrivProtocol::Des => {
            if !text.len().is_multiple_of(DES_BLOCK) {
                return None;
            }
            let (key, pre_iv) = key.split_at_checked(DES_BLOCK)?;
            let mut mode = cbc::Decryptor::<Des>::new_from_slices(key, &nonce.des_iv(pre_iv)).ok()?;
            for block in text.chunks_exact_mut(DES_BLOCK) {
                mode.decrypt_block(<&mut Block<cbc::Decryptor<Des>>>::try_from(block).ok()?);
            }
        }
        PrivProtocol::Aes128 => aes!(Aes128),
        PrivProtocol::Aes192 | PrivProtocol::Aes192C => aes!(Aes192),
        PrivProtocol::Aes256 | PrivProtocol::Aes256C => aes!(Aes256),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_nothing_else() {
        for p in PrivProtocol::ALL {
            for len in [0, 1, 7, 8, 9, 15, 16, 17, 100, 1400] {
                let plain: Vec<u8> = (0..len).map(|i| i as u8).collect();
                let key: Vec<u8> = (0..p.key_len()).map(|i| 200 - i as u8).collect();
                let nonce = Nonce::new(p, 3, 70_000, 0x0102_0304_0506_0708);
                let mut text = plain.clone();
                encrypt(p, &key, &nonce, &mut text).unwrap();
                assert!(len < 8 || text[..len as usize] != plain[..]);
                let other = Nonce { time: nonce.time + 1, ..nonce };
                let mut back = text.clone();
                decrypt(p, &key, &nonce, &mut back).unwrap();
                assert_eq!(back[..len as usize], plain[..], "{p} {len}");
                decrypt(p, &key, &other, &mut text).unwrap();
                // DES does not look at the time.
                assert_eq!(text == back, p == PrivProtocol::Des || len == 0);
            }
            assert!(encrypt(p, &[1; 5], &Nonce::new(p, 1, 1, 1), &mut vec![1; 8]).is_none());
        }
        assert!(decrypt(PrivProtocol::Des, &[1; 16], &Nonce::new(PrivProtocol::Des, 1, 1, 1), &mut [0; 9]).is_none());
    }
}
