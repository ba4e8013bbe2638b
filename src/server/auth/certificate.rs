//! Certificates of clients: the handshake has made sure that one of our authorities signed it; here it
//! is said whose it is.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::engine::auth::Principal;

/// Which certificate is whose.
///
/// By the SHA-256 of the certificate in hexadecimal (`sha256:..`), by a name in it for DNS
/// (`dns:..`), for e-mail (`email:..`) or a URI (`uri:..`). A fingerprint goes before names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificates(BTreeMap<String, String>);

impl Certificates {
    /// From what is written in the settings: certificate, and who it is.
    pub fn of(written: &BTreeMap<String, String>) -> Result<Self, String> {
        let mut all = BTreeMap::new();
        for (certificate, name) in written {
            let Some((kind, value)) = certificate.split_once(':') else {
                return Err(format!("`{certificate}` names no certificate"));
            };
            let value = value.trim().to_ascii_lowercase().replace(':', "");
            let value = match kind {
                "sha256" if value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()) => {
                    value
                }
                "dns" | "email" | "uri" if !value.is_empty() => certificate
                    .split_once(':')
                    .map(|(_, v)| v.trim().to_ascii_lowercase())
                    .unwrap_or(value),
                _ => return Err(format!("`{certificate}` names no certificate")),
            };
            Principal::named(name.as_str()).map_err(|error| error.to_string())?;
            all.insert(format!("{kind}:{value}"), name.clone());
        }
        Ok(Self(all))
    }

    /// True when none is anybody's.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose a certificate is, as DER.
    pub fn principal(&self, der: &[u8]) -> Option<Principal> {
        let known = |key: &str| self.0.get(key).cloned();
        let print = fingerprint(der);
        let name = known(&format!("sha256:{print}")).or_else(|| {
            let (rest, certificate) = X509Certificate::from_der(der).ok()?;
            if !rest.is_empty() {
                return None;
            }
            let names = certificate.subject_alternative_name().ok()??;
            names.value.general_names.iter().find_map(|name| match name {
                GeneralName::DNSName(name) => known(&format!("dns:{}", name.to_ascii_lowercase())),
                GeneralName::RFC822Name(name) => {
                    known(&format!("email:{}", name.to_ascii_lowercase()))
                }
                GeneralName::URI(name) => known(&format!("uri:{}", name.to_ascii_lowercase())),
                _ => None,
            })
        })?;
        let who = Principal::named(name).ok()?;
        let short = print.get(..16).unwrap_or_default();
        Some(who.known_by(format!("certificate {short}")))
    }
}

/// The SHA-256 of a certificate, in hexadecimal.
pub fn fingerprint(der: &[u8]) -> String {
    use std::fmt::Write as _;
    digest(&SHA256, der).as_ref().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes any text");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(names: &[&str]) -> Vec<u8> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        rcgen::generate_simple_self_signed(names).unwrap().cert.der().to_vec()
    }

    fn map(key: String) -> Certificates {
        Certificates::of(&BTreeMap::from([(key, "ada".to_owned())])).unwrap()
    }

    #[test]
    fn a_certificate_is_whose_its_fingerprint_or_its_name_is() {
        let der = certificate(&["client.example"]);
        let print = fingerprint(&der);
        for key in [
            format!("sha256:{print}"),
            format!("sha256:{}", print.to_ascii_uppercase()),
            "dns:Client.Example".to_owned(),
        ] {
            let who = map(key.clone()).principal(&der).unwrap_or_else(|| panic!("{key}"));
            assert_eq!(who.name(), Some("ada"));
            assert!(who.by().starts_with("certificate "));
        }
        let other = certificate(&["other.example"]);
        assert!(map(format!("sha256:{print}")).principal(&other).is_none());
        assert!(map("dns:client.example".to_owned()).principal(&other).is_none());
        assert!(map("dns:client.example".to_owned()).principal(b"nonsense").is_none());
        assert!(Certificates::default().principal(&der).is_none());
    }

    #[test]
    fn what_names_no_certificate_is_refused() {
        for key in ["ada", "sha256:12", "dns:", "cn:ada", "sha256:zz"] {
            let written = BTreeMap::from([(key.to_owned(), "ada".to_owned())]);
            assert!(Certificates::of(&written).is_err(), "{key}");
        }
        let nobody = BTreeMap::from([("dns:a".to_owned(), String::new())]);
        assert!(Certificates::of(&nobody).is_err());
    }
}
