//! JSON as a sequence of pulls: the caller says what it expects, the scanner gives it or a fault.
//!
//! Strict RFC 8259, and no more recursion than the limit of nesting.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use crate::engine::base::{Fault, Kind, Value, limit};

/// Keys of one object that are looked through one by one before a set is made of them.
const FEW: usize = 24;

/// Reads one text from its beginning.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    fn expected(&self, what: &str) -> Fault {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let found: String = match rest.chars().next() {
            None => "the end of the line".to_owned(),
            Some(c) if c.is_alphanumeric() => {
                rest.chars().take_while(|c| c.is_alphanumeric()).take(20).collect()
            }
            Some(c) => format!("{c:?}"),
        };
        let column = self.text.get(..self.at).map_or(0, |before| before.chars().count()) + 1;
        fault(format!("expected {what} at column {column}, found {found}"))
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The first byte of what comes next, space passed over.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.byte() {
            let _: u8 = byte;
            self.at += 1;
        }
        self.byte()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// Takes `null` if it comes next.
    pub(super) fn null(&mut self) -> bool {
        self.peek() == Some(b'n') && self.word("null")
    }

    /// Fails unless the text is at its end.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.expected("the end of the line")),
        }
    }

    /// Where the next value begins, to come back to it.
    pub(super) fn mark(&mut self) -> usize {
        self.peek();
        self.at
    }

    /// Another scanner on the same text, at a mark.
    pub(super) fn at_mark(&self, mark: usize) -> Self {
        Self { text: self.text, at: mark, depth: self.depth }
    }

    fn enter(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > limit::DEPTH {
            let message = format!("nested more than {} levels deep", limit::DEPTH);
            return Err(Fault::new(Kind::NestingTooDeep, "", message));
        }
        Ok(())
    }

    /// An object: `each` reads the value of every key. A key said twice is a fault.
    pub(super) fn object(
        &mut self,
        mut each: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if !self.take(b'{') {
            return Err(self.expected("an object"));
        }
        self.enter()?;
        let mut few: Vec<Cow<'a, str>> = Vec::new();
        let mut many: HashSet<Cow<'a, str>> = HashSet::new();
        if !self.take(b'}') {
            loop {
                if self.peek() != Some(b'"') {
                    return Err(self.expected("a key"));
                }
                let key = self.string()?;
                if few.contains(&key) || many.contains(&key) {
                    return Err(fault("stated twice").within(&key));
                }
                if !self.take(b':') {
                    return Err(self.expected("`:`").within(&key));
                }
                each(self, key.clone()).map_err(|inner| inner.within(&key))?;
                if few.len() < FEW {
                    few.push(key);
                } else {
                    many.insert(key);
                }
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return Err(self.expected("`,` or `}`"));
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// An array: `each` reads every item.
    pub(super) fn array(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if !self.take(b'[') {
            return Err(self.expected("a list"));
        }
        self.enter()?;
        let mut index = 0_usize;
        if !self.take(b']') {
            loop {
                each(self).map_err(|inner| inner.within(&format!("[{index}]")))?;
                index += 1;
                if self.take(b']') {
                    break;
                }
                if !self.take(b',') {
                    return Err(self.expected("`,` or `]`"));
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// A text; borrowed when nothing in it is escaped.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        if !self.take(b'"') {
            return Err(self.expected("a text"));
        }
        let start = self.at;
        let stop = self.run();
        if stop == Some(b'"') {
            let text = &self.text[start..self.at];
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        let mut out = self.text[start..self.at].to_owned();
        loop {
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(out));
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                Some(control) if control < 0x20 => {
                    return Err(fault(format!(
                        "a text holds the bare control character U+{control:04X}"
                    )));
                }
                Some(_) => {
                    let start = self.at;
                    self.run();
                    out.push_str(&self.text[start..self.at]);
                }
                None => return Err(fault("a text is never closed")),
            }
        }
    }

    /// Passes over what stands for itself in a text.
    fn run(&mut self) -> Option<u8> {
        let bytes = &self.text.as_bytes()[self.at..];
        let length = bytes.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20));
        self.at += length.unwrap_or(bytes.len());
        self.byte()
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let byte = self.byte();
        self.at += usize::from(byte.is_some_and(|b| b.is_ascii()));
        Ok(match byte {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex4()?;
                let code = match first {
                    0xd800..0xdc00 if self.word("\\u") => {
                        let second = self.hex4()?;
                        if !(0xdc00..0xe000).contains(&second) {
                            return Err(fault("half a surrogate pair"));
                        }
                        0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                    }
                    _ => first,
                };
                char::from_u32(code).ok_or_else(|| fault("half a surrogate pair"))?
            }
            _ => return Err(fault("an unknown escape in a text")),
        })
    }

    fn hex4(&mut self) -> Result<u32, Fault> {
        let digits = self
            .text
            .get(self.at..self.at + 4)
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let digits = digits.ok_or_else(|| fault("an unknown escape in a text"))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| fault("an unknown escape in a text"))
    }

    /// A number as it is written, and what was seen of it on the way.
    fn number(&mut self) -> Result<Number<'a>, Fault> {
        self.peek();
        let start = self.at;
        let negative = self.byte() == Some(b'-');
        self.at += usize::from(negative);
        let mut number =
            Number { text: "", negative, digits: 0, mantissa: 0, exponent: 0, whole: true };
        let first = self.byte();
        let before = number.digits;
        self.digits(&mut number);
        let leading_zero = first == Some(b'0') && number.digits - before > 1;
        if number.digits == before || leading_zero {
            self.at = start;
            return Err(self.expected("a number"));
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            number.whole = false;
            let before = number.digits;
            self.digits(&mut number);
            if number.digits == before {
                return Err(self.expected("a digit"));
            }
            number.exponent = -((number.digits - before) as i32);
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            number.whole = false;
            self.exponent(&mut number)?;
        }
        number.text = &self.text[start..self.at];
        Ok(number)
    }

    fn digits(&mut self, number: &mut Number<'_>) {
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            number.mantissa =
                number.mantissa.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            number.digits += 1;
            self.at += 1;
        }
    }

    fn exponent(&mut self, number: &mut Number<'_>) -> Result<(), Fault> {
        let negative = self.byte() == Some(b'-');
        self.at += usize::from(matches!(self.byte(), Some(b'-' | b'+')));
        let start = self.at;
        let mut exponent = 0_i32;
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            exponent = exponent.saturating_mul(10).saturating_add(i32::from(digit - b'0'));
            self.at += 1;
        }
        if self.at == start {
            return Err(self.expected("a digit"));
        }
        let exponent = if negative { -exponent } else { exponent };
        number.exponent = number.exponent.saturating_add(exponent);
        Ok(())
    }

    /// A number as the nearest `f32`; infinite when it is too large for one.
    pub(super) fn f32(&mut self) -> Result<f32, Fault> {
        Ok(self.number()?.f32())
    }

    /// A finite number.
    pub(super) fn f64(&mut self) -> Result<f64, Fault> {
        let number = self.number()?;
        let x = number.f64();
        if x.is_finite() { Ok(x) } else { Err(fault("a number over the range of a double")) }
    }

    /// A whole number.
    pub(super) fn i64(&mut self) -> Result<i64, Fault> {
        let number = self.number()?;
        match number.text.parse() {
            Ok(n) if number.whole => Ok(n),
            _ => Err(fault(format!("expected a whole number of 64 bits, found {}", number.text))),
        }
    }

    /// Yes or no.
    pub(super) fn bool(&mut self) -> Result<bool, Fault> {
        self.peek();
        if self.word("true") {
            return Ok(true);
        }
        if self.word("false") { Ok(false) } else { Err(self.expected("true or false")) }
    }

    /// Anything.
    pub(super) fn value(&mut self) -> Result<Value, Fault> {
        match self.peek() {
            Some(b'{') => Ok(Value::Map(self.map()?)),
            Some(b'[') => {
                let mut items = Vec::new();
                self.array(|scanner| {
                    items.push(scanner.value()?);
                    Ok(())
                })?;
                Ok(Value::List(items))
            }
            Some(b'"') => Ok(Value::Text(self.string()?.into_owned())),
            Some(b't' | b'f') => Ok(Value::Bool(self.bool()?)),
            Some(b'n') if self.word("null") => Ok(Value::Null),
            Some(b'-' | b'0'..=b'9') => {
                let number = self.number()?;
                // A negative zero is no whole number.
                if number.whole
                    && number.text != "-0"
                    && let Ok(n) = number.text.parse()
                {
                    return Ok(Value::Int(n));
                }
                let x = number.f64();
                if x.is_finite() {
                    return Ok(Value::Float(x));
                }
                Err(fault("a number over the range of a double"))
            }
            _ => Err(self.expected("a value")),
        }
    }

    /// An object of anything.
    pub(super) fn map(&mut self) -> Result<BTreeMap<String, Value>, Fault> {
        let mut map = BTreeMap::new();
        self.object(|scanner, key| {
            let value = scanner.value()?;
            map.insert(key.into_owned(), value);
            Ok(())
        })?;
        Ok(map)
    }

    /// Passes over a value.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'{') => self.object(|scanner, _| scanner.skip()),
            Some(b'[') => self.array(Self::skip),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            _ => self.value().map(drop),
        }
    }
}

/// A fault at the value being read.
fn fault(message: impl Into<String>) -> Fault {
    Fault::new(Kind::InvalidInput, "", message)
}

/// A number on its way from text to a type.
struct Number<'a> {
    text: &'a str,
    negative: bool,
    /// How many digits the mantissa was made of; over 19 it is not to be used.
    digits: u32,
    mantissa: u64,
    exponent: i32,
    whole: bool,
}

/// Powers of ten an `f32` holds exactly.
const TENS: [f32; 11] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

impl Number<'_> {
    /// Both halves exact means one rounding, which is the nearest number; else the library does it.
    fn f32(&self) -> f32 {
        let power = self.exponent.unsigned_abs() as usize;
        match TENS.get(power) {
            Some(ten) if self.digits < 20 && self.mantissa <= 1 << 24 => {
                let m = self.mantissa as f32;
                let x = if self.exponent < 0 { m / ten } else { m * ten };
                if self.negative { -x } else { x }
            }
            _ => self.text.parse().unwrap_or(f32::INFINITY),
        }
    }

    fn f64(&self) -> f64 {
        self.text.parse().unwrap_or(f64::INFINITY)
    }
}
