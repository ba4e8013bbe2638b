//! The alphabet of canonical encodings: how numbers, texts and values become bytes, and back.
//!
//! One content has exactly one encoding: integers are minimal, maps are sorted, nothing is
//! optional. Reading refuses every other spelling, so that bytes which decode are the bytes that
//! would be encoded, and a hash of bytes is a hash of content. Reading trusts nothing: no length is
//! believed before the bytes are there, and damage is `Corruption`, never a panic. What a record
//! consists of is said by each modality in its own `codec.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ContentHash, Error, Kind, Modality, Result, Timestamp, Value, limit};

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const TEXT: u8 = 5;
const TIME: u8 = 6;
const VECTOR: u8 = 7;
const LIST: u8 = 8;
const MAP: u8 = 9;

/// What an unread length may make a reader reserve at once; the rest grows with the bytes read.
const RESERVE: usize = 1024;

/// The first byte of a record: which modality it belongs to and in which version of its format.
pub fn tag(modality: Modality, version: u8) -> u8 {
    debug_assert!(version < 16, "the version is the low half of a byte");
    ((modality as u8) << 4) | version
}

/// Appends an unsigned number: seven bits a byte, low ones first.
pub fn put_uint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push((n as u8) | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Appends a signed number, small ones of either sign short.
pub fn put_int(out: &mut Vec<u8>, n: i64) {
    put_uint(out, ((n << 1) ^ (n >> 63)) as u64);
}

/// Appends a text with its length.
pub fn put_text(out: &mut Vec<u8>, text: &str) {
    put_uint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Appends a text that may be absent.
pub fn put_opt_text(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        None => out.push(0),
        Some(text) => {
            out.push(1);
            put_text(out, text);
        }
    }
}

/// Appends an instant that may be absent.
pub fn put_opt_time(out: &mut Vec<u8>, at: Option<Timestamp>) {
    match at {
        None => out.push(0),
        Some(at) => {
            out.push(1);
            put_int(out, at.0);
        }
    }
}

/// Appends a float, every bit of it.
pub fn put_f64(out: &mut Vec<u8>, x: f64) {
    out.extend_from_slice(&x.to_le_bytes());
}

/// Appends the numbers of a vector, every bit of them, without their count.
pub fn put_f32s(out: &mut Vec<u8>, numbers: &[f32]) {
    out.reserve(numbers.len() * 4);
    for x in numbers {
        out.extend_from_slice(&x.to_le_bytes());
    }
}

/// Appends a value with its type.
pub fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(NULL),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Int(n) => {
            out.push(INT);
            put_int(out, *n);
        }
        Value::Float(x) => {
            out.push(FLOAT);
            put_f64(out, *x);
        }
        Value::Text(text) => {
            out.push(TEXT);
            put_text(out, text);
        }
        Value::Time(at) => {
            out.push(TIME);
            put_int(out, at.0);
        }
        Value::Vector(numbers) => {
            out.push(VECTOR);
            put_uint(out, numbers.len() as u64);
            put_f32s(out, numbers);
        }
        Value::List(items) => {
            out.push(LIST);
            put_uint(out, items.len() as u64);
            for item in items {
                put_value(out, item);
            }
        }
        Value::Map(map) => {
            out.push(MAP);
            put_map(out, map);
        }
    }
}

/// Appends names with values, sorted by name.
pub fn put_map(out: &mut Vec<u8>, map: &BTreeMap<String, Value>) {
    put_uint(out, map.len() as u64);
    for (name, value) in map {
        put_text(out, name);
        put_value(out, value);
    }
}

/// Reads canonical bytes from the front.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, called `what` in messages.
    pub fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    /// Reads a record of `modality` whose first byte must announce `version`.
    pub fn record(bytes: &'a [u8], modality: Modality, version: u8) -> Result<Self> {
        let mut reader = Self::new(bytes, modality.name());
        match reader.byte()? {
            found if found == tag(modality, version) => Ok(reader),
            _ => Err(reader.damaged("does not begin with its tag")),
        }
    }

    /// The error for bytes that cannot be what they should be.
    pub fn damaged(&self, how: &str) -> Error {
        Error::new(Kind::Corruption, format!("a stored {} record {how}", self.what))
    }

    /// Bytes not read yet.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Fails unless everything has been read.
    pub fn finish(self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.damaged("is followed by other bytes")) }
    }

    /// The next `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8]> {
        let Some((head, rest)) = self.rest.split_at_checked(n) else {
            return Err(self.damaged("ends too early"));
        };
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some((head, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.damaged("ends too early"));
        };
        self.rest = rest;
        Ok(*head)
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    /// A byte that may only be 0 or 1.
    pub fn flag(&mut self) -> Result<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.damaged("has a flag that is neither yes nor no")),
        }
    }

    /// An unsigned number.
    pub fn uint(&mut self) -> Result<u64> {
        let mut n = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            n |= bits << shift;
            if byte & 0x80 == 0 {
                let minimal = byte != 0 || shift == 0;
                return if minimal { Ok(n) } else { Err(self.damaged("spells a number too long")) };
            }
        }
        Err(self.damaged("has a number over 64 bits"))
    }

    /// A signed number.
    pub fn int(&mut self) -> Result<i64> {
        let n = self.uint()?;
        Ok(((n >> 1) as i64) ^ -((n & 1) as i64))
    }

    /// A number that must fit 32 bits.
    pub fn u32(&mut self) -> Result<u32> {
        u32::try_from(self.uint()?).map_err(|_| self.damaged("has a number over 32 bits"))
    }

    /// A count of things that take at least `size` bytes each; refused when they cannot be there.
    pub fn count(&mut self, size: usize) -> Result<usize> {
        let n = usize::try_from(self.uint()?).unwrap_or(usize::MAX);
        if n.saturating_mul(size) > self.rest.len() {
            return Err(self.damaged("announces more than it holds"));
        }
        Ok(n)
    }

    /// A text with its length.
    pub fn text(&mut self) -> Result<&'a str> {
        let length = self.count(1)?;
        let bytes = self.bytes(length)?;
        std::str::from_utf8(bytes).map_err(|_| self.damaged("has a text that is not UTF-8"))
    }

    /// A text that may be absent.
    pub fn opt_text(&mut self) -> Result<Option<&'a str>> {
        if self.flag()? { self.text().map(Some) } else { Ok(None) }
    }

    /// An instant that may be absent.
    pub fn opt_time(&mut self) -> Result<Option<Timestamp>> {
        if self.flag()? { Ok(Some(Timestamp(self.int()?))) } else { Ok(None) }
    }

    /// A float; NaN and infinities are damage.
    pub fn f64(&mut self) -> Result<f64> {
        let x = f64::from_le_bytes(self.array()?);
        if x.is_finite() { Ok(x) } else { Err(self.damaged("has a number that is not finite")) }
    }

    /// The numbers of a vector whose count is known.
    pub fn f32s(&mut self, count: usize) -> Result<Vec<f32>> {
        let size = count.checked_mul(4).ok_or_else(|| self.damaged("ends too early"))?;
        let numbers = f32s(self.bytes(size)?);
        if numbers.iter().all(|x| x.is_finite()) {
            Ok(numbers)
        } else {
            Err(self.damaged("has a number that is not finite"))
        }
    }

    /// A digest.
    pub fn hash(&mut self) -> Result<ContentHash> {
        Ok(ContentHash(self.array()?))
    }

    /// A value with its type.
    pub fn value(&mut self) -> Result<Value> {
        self.value_within(limit::DEPTH)
    }

    fn value_within(&mut self, depth: usize) -> Result<Value> {
        if depth == 0 {
            return Err(self.damaged("is nested over the limit"));
        }
        Ok(match self.byte()? {
            NULL => Value::Null,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            INT => Value::Int(self.int()?),
            FLOAT => Value::Float(self.f64()?),
            TEXT => Value::Text(self.text()?.to_owned()),
            TIME => Value::Time(Timestamp(self.int()?)),
            VECTOR => {
                let count = self.count(4)?;
                Value::Vector(Arc::from(self.f32s(count)?))
            }
            LIST => {
                let count = self.count(1)?;
                let mut items = Vec::with_capacity(count.min(RESERVE));
                for _ in 0..count {
                    items.push(self.value_within(depth - 1)?);
                }
                Value::List(items)
            }
            MAP => Value::Map(self.map_within(depth - 1)?),
            _ => return Err(self.damaged("has a value of no known type")),
        })
    }

    /// Names with values; the names must ascend.
    pub fn map(&mut self) -> Result<BTreeMap<String, Value>> {
        self.map_within(limit::DEPTH)
    }

    fn map_within(&mut self, depth: usize) -> Result<BTreeMap<String, Value>> {
        let count = self.count(2)?;
        let mut map = BTreeMap::new();
        let mut last: Option<&str> = None;
        for _ in 0..count {
            let name = self.text()?;
            if last.is_some_and(|last| last >= name) {
                return Err(self.damaged("has names out of order"));
            }
            last = Some(name);
            map.insert(name.to_owned(), self.value_within(depth)?);
        }
        Ok(map)
    }

    /// Passes over a value without building it; what is inside is not checked.
    pub fn skip_value(&mut self) -> Result<()> {
        self.skip_within(limit::DEPTH)
    }

    fn skip_within(&mut self, depth: usize) -> Result<()> {
        if depth == 0 {
            return Err(self.damaged("is nested over the limit"));
        }
        match self.byte()? {
            NULL | FALSE | TRUE => {}
            INT | TIME => {
                self.uint()?;
            }
            FLOAT => {
                self.bytes(8)?;
            }
            TEXT => self.skip_text()?,
            VECTOR => {
                let count = self.count(4)?;
                self.bytes(count * 4)?;
            }
            LIST => {
                for _ in 0..self.count(1)? {
                    self.skip_within(depth - 1)?;
                }
            }
            MAP => {
                for _ in 0..self.count(2)? {
                    self.skip_text()?;
                    self.skip_within(depth - 1)?;
                }
            }
            _ => return Err(self.damaged("has a value of no known type")),
        }
        Ok(())
    }

    /// Passes over a text; whether it is UTF-8 is not checked.
    pub fn skip_text(&mut self) -> Result<()> {
        let length = self.count(1)?;
        self.bytes(length)?;
        Ok(())
    }
}

/// The numbers of little-endian bytes, four to a number; a rest under four is left out.
pub fn f32s(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any value a record may hold.
    pub(crate) fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(Value::Float),
            ".{0,12}".prop_map(Value::Text),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::btree_map("[a-zé_]{1,6}", inner, 0..4).prop_map(Value::Map),
            ]
        })
    }

    /// Names with any values.
    pub(crate) fn any_map() -> impl Strategy<Value = BTreeMap<String, Value>> {
        prop::collection::btree_map("[a-zé_]{1,8}", any_value(), 0..5)
    }

    /// Damage to good bytes: a flipped bit, a cut, an insertion, or other bytes altogether.
    pub(crate) fn damage(bytes: &[u8], seed: &[(u16, u8)]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for (at, how) in seed {
            let at = if bytes.is_empty() { 0 } else { usize::from(*at) % bytes.len() };
            match how % 4 {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << (how >> 5),
                1 => bytes.truncate(at),
                2 => bytes.insert(at, *how),
                _ if !bytes.is_empty() => bytes[at] = 0xff,
                _ => bytes.push(*how),
            }
        }
        bytes
    }

    fn encoded(value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        put_value(&mut out, value);
        out
    }

    proptest! {
        #[test]
        fn a_value_reads_back_as_it_was(value in any_value()) {
            let bytes = encoded(&value);
            let mut reader = Reader::new(&bytes, "test");
            prop_assert_eq!(reader.value().unwrap(), value);
            prop_assert!(reader.finish().is_ok());
            let mut reader = Reader::new(&bytes, "test");
            reader.skip_value().unwrap();
            prop_assert_eq!(reader.remaining(), 0);
        }

        #[test]
        fn what_decodes_has_no_second_spelling(
            value in any_value(),
            seed in prop::collection::vec(any::<(u16, u8)>(), 1..4),
        ) {
            let bytes = damage(&encoded(&value), &seed);
            let mut reader = Reader::new(&bytes, "test");
            if let Ok(value) = reader.value() {
                let read = bytes.len() - reader.remaining();
                prop_assert_eq!(encoded(&value), &bytes[..read]);
            }
            let mut reader = Reader::new(&bytes, "test");
            drop(reader.skip_value());
        }

        #[test]
        fn whole_numbers_read_back(n in any::<i64>(), m in any::<u64>()) {
            let mut out = Vec::new();
            put_int(&mut out, n);
            put_uint(&mut out, m);
            let mut reader = Reader::new(&out, "test");
            prop_assert_eq!((reader.int().unwrap(), reader.uint().unwrap()), (n, m));
        }
    }

    #[test]
    fn the_bytes_of_a_value_never_change() {
        let map = BTreeMap::from([
            ("b".to_owned(), Value::List(vec![Value::Null, Value::Bool(true), Value::Int(-1)])),
            ("a".to_owned(), Value::Float(1.0)),
            ("c".to_owned(), Value::Vector(Arc::from([0.5_f32]))),
            ("d".to_owned(), Value::Time(Timestamp(300))),
        ]);
        let expected = b"\x09\x04\x01a\x04\0\0\0\0\0\0\xf0\x3f\x01b\x08\x03\0\x02\x03\x01\
            \x01c\x07\x01\0\0\0\x3f\x01d\x06\xd8\x04";
        assert_eq!(encoded(&Value::Map(map)), expected);
    }

    #[test]
    fn hostile_lengths_and_depths_are_damage() {
        let deep = [LIST, 1].repeat(100_000);
        let huge = [&[LIST][..], &[0xff; 9], &[1]].concat();
        let long_number = [INT, 0x80, 0x00];
        for bytes in [&deep[..], &huge, &long_number, &[TEXT, 5, b'a'], &[99], &[]] {
            let error = Reader::new(bytes, "test").value().unwrap_err();
            assert_eq!(error.kind, Kind::Corruption);
            assert!(Reader::new(bytes, "test").skip_value().is_err() || bytes == long_number);
        }
    }
}
