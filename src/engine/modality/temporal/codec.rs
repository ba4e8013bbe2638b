//! The canonical bytes of one version.
//!
//! ```text
//! tag, number, instant, author, message?, valid from?, valid to?, changed, present
//! ```
//!
//! The last two are sets of modalities in one byte each.

use super::{ValidTime, Version};
use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, Modality, ModalitySet, Result, Timestamp};

const VERSION: u8 = 1;

/// The canonical bytes.
pub fn encode(version: &Version) -> Vec<u8> {
    let mut out = Vec::with_capacity(40 + version.author.len());
    out.push(codec::tag(Modality::Temporal, VERSION));
    codec::put_uint(&mut out, u64::from(version.number));
    codec::put_int(&mut out, version.at.0);
    codec::put_text(&mut out, &version.author);
    codec::put_opt_text(&mut out, version.message.as_deref());
    codec::put_opt_time(&mut out, version.valid.from);
    codec::put_opt_time(&mut out, version.valid.to);
    out.extend([version.changed.0, version.present.0]);
    out
}

/// The version these bytes are of.
pub fn decode(bytes: &[u8]) -> Result<Version> {
    let mut reader = Reader::record(bytes, Modality::Temporal, VERSION)?;
    let version = Version {
        number: reader.u32()?,
        at: Timestamp(reader.int()?),
        author: reader.text()?.to_owned(),
        message: reader.opt_text()?.map(str::to_owned),
        valid: ValidTime { from: reader.opt_time()?, to: reader.opt_time()? },
        changed: ModalitySet(reader.byte()?),
        present: ModalitySet(reader.byte()?),
    };
    reader.finish()?;
    Ok(version)
}

/// BLAKE3 of the canonical bytes.
pub fn content_hash(version: &Version) -> ContentHash {
    ContentHash::of(&encode(version))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::base::Kind;
    use crate::engine::base::codec::tests::damage;

    fn any_version() -> impl Strategy<Value = Version> {
        let times = (any::<i64>(), any::<Option<i64>>(), any::<Option<i64>>());
        (any::<u32>(), times, ".{0,8}", prop::option::of(".{0,8}"), any::<(u8, u8)>()).prop_map(
            |(number, (at, from, to), author, message, (changed, present))| Version {
                number,
                at: Timestamp(at),
                author,
                message,
                valid: ValidTime { from: from.map(Timestamp), to: to.map(Timestamp) },
                changed: ModalitySet(changed),
                present: ModalitySet(present),
            },
        )
    }

    proptest! {
        #[test]
        fn reads_back(version in any_version()) {
            prop_assert_eq!(decode(&encode(&version)).unwrap(), version);
        }

        #[test]
        fn damage_is_corruption_or_another_version(
            version in any_version(),
            seed in prop::collection::vec(any::<(u16, u8)>(), 1..4),
        ) {
            let bytes = damage(&encode(&version), &seed);
            match decode(&bytes) {
                Ok(other) => prop_assert_eq!(&encode(&other), &bytes),
                Err(error) => prop_assert_eq!(error.kind, Kind::Corruption),
            }
        }
    }

    #[test]
    fn the_bytes_never_change() {
        let version = Version {
            number: 2,
            at: Timestamp(-1),
            author: "ada".to_owned(),
            message: None,
            valid: ValidTime { from: Some(Timestamp(64)), to: None },
            changed: ModalitySet(16),
            present: ModalitySet(0x70),
        };
        assert_eq!(encode(&version), b"\x51\x02\x01\x03ada\x00\x01\x80\x01\x00\x10\x70");
    }
}
