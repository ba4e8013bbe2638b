//! Where a list goes on, as text that only this database makes: opaque, and refused when it was touched.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::server::problem::Problem;

/// Bytes of the seal.
const SEAL: usize = 16;

/// Makes and reads cursors of one database.
#[derive(Clone, Debug)]
pub struct Cursors([u8; 32]);

impl Cursors {
    /// Those of the database with this identity.
    pub fn of(database: [u8; 16]) -> Self {
        Self(blake3::derive_key("vql 2026 cursors of lists", &database))
    }

    /// The cursor of a place in a list; `list` says which list, and in which order.
    pub fn make(&self, list: &str, place: u32) -> String {
        let mut bytes = place.to_be_bytes().to_vec();
        bytes.extend(self.seal(list, place));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place that a cursor of `list` names.
    pub fn read(&self, list: &str, text: &str) -> Result<u32, Problem> {
        let wrong = || {
            Problem::malformed("the cursor is not one of this list")
                .hint("take `next_cursor` of the page before, with the same parameters")
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let (place, seal) = bytes.split_first_chunk::<4>().ok_or_else(wrong)?;
        let place = u32::from_be_bytes(*place);
        if seal == self.seal(list, place) { Ok(place) } else { Err(wrong()) }
    }

    fn seal(&self, list: &str, place: u32) -> [u8; SEAL] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&place.to_be_bytes()).update(list.as_bytes());
        let mut seal = [0; SEAL];
        hasher.finalize_xof().fill(&mut seal);
        seal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_made_is_read() {
        let cursors = Cursors::of([1; 16]);
        let text = cursors.make("hexads desc", 77);
        assert_eq!(cursors.read("hexads desc", &text).unwrap(), 77);
        assert!(cursors.read("hexads asc", &text).is_err());
        assert!(Cursors::of([2; 16]).read("hexads desc", &text).is_err());
        for at in 0..text.len() {
            let mut touched = text.clone().into_bytes();
            touched[at] = if touched[at] == b'A' { b'B' } else { b'A' };
            let touched = String::from_utf8(touched).unwrap();
            // The last digit of base64 has bits that mean nothing; those must be zero.
            assert!(cursors.read("hexads desc", &touched).is_err(), "{at}");
        }
        for text in ["", "a", "é", "AAAA", "AAAAAAAA"] {
            assert!(cursors.read("hexads desc", text).is_err());
        }
    }
}
