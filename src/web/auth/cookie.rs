//! The session cookie, written and read by hand: one name, fixed attributes.

use axum::http::{HeaderMap, header};

pub const NAME: &str = "anykey_session";

/// `Set-Cookie` of a new session. `secure` only when the page came over https, or plain http sign-in on a LAN would
/// silently fail.
pub fn set(token: &str, max_age_seconds: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{NAME}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_seconds}{secure}")
}

/// `Set-Cookie` that removes it.
pub fn clear(secure: bool) -> String {
    set("", 0, secure)
}

/// The session token of a request, when it has the form of one.
pub fn get(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == NAME && is_token(value)).then_some(value))
}

/// The bearer token of an API request, when it has the form of one.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && is_token(token.trim())).then_some(token.trim())
}

fn is_token(value: &str) -> bool {
    value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_among_others() {
        let token = "ab".repeat(32);
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, format!("theme=dark; {NAME}={token}; x=y").parse().unwrap());
        assert_eq!(get(&headers), Some(token.as_str()));
    }

    #[test]
    fn nonsense_is_no_token() {
        for bad in ["", "short", &"zz".repeat(32)] {
            let mut headers = HeaderMap::new();
            headers.append(header::COOKIE, format!("{NAME}={bad}").parse().unwrap());
            headers.append(header::AUTHORIZATION, format!("Bearer {bad}").parse().unwrap());
            assert_eq!(get(&headers), None, "{bad:?}");
            assert_eq!(bearer(&headers), None, "{bad:?}");
        }
    }

    #[test]
    fn attributes() {
        let c = set("t", 60, false);
        assert!(c.contains("HttpOnly") && c.contains("SameSite=Lax") && !c.contains("Secure"), "{c}");
        assert!(set("t", 60, true).ends_with("; Secure"));
        assert!(clear(false).contains("Max-Age=0"));
    }
}
