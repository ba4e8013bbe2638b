//! What could stand at a place, noted down while the parser tries its alternatives.

use crate::engine::lang::kind::{Kw, SyntaxKind};

macro_rules! classes {
    ($($name:ident $words:literal,)*) => {
        /// A kind of thing that is neither one keyword nor one sign.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Class { $(#[doc = $words] $name,)* }

        impl Class {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// How a message names it.
            pub fn describe(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

classes! {
    Modality "a modality",
    Path "a field",
    Function "a function",
    Value "a value",
    Condition "a condition",
    Param "a parameter",
    Number "a number",
    Count "a whole number",
    String "a string",
    Instant "an instant",
    HexadId "a hexad id",
    StoreName "a store",
    PeerPath "a path such as `/universities/*`",
    Collection "a collection",
    LegacySource "a source such as `verisim:graph`",
    ContractName "a contract",
    ProofType "a proof type",
    Variable "a variable",
    EdgeType "an edge type",
    Setting "a setting",
    PreparedName "a prepared statement",
    SnapshotName "a snapshot",
    Actor "an actor",
    Comparison "a comparison",
    Name "a name",
    Array "an array",
    Statement "a statement",
}

/// A set of keywords, signs and classes.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    keywords: [u64; 4],
    signs: u128,
    classes: u64,
}

impl Expected {
    #[inline]
    pub(super) fn keyword(&mut self, kw: Kw) {
        let index = kw as usize;
        if let Some(bits) = self.keywords.get_mut(index / 64) {
            *bits |= 1 << (index % 64);
        }
    }

    #[inline]
    pub(super) fn sign(&mut self, kind: SyntaxKind) {
        self.signs |= 1 << (kind as u32);
    }

    #[inline]
    pub(super) fn class(&mut self, class: Class) {
        self.classes |= 1 << (class as u32);
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// True when the keyword could stand there.
    pub fn has_keyword(&self, kw: Kw) -> bool {
        let index = kw as usize;
        self.keywords.get(index / 64).is_some_and(|bits| bits & (1 << (index % 64)) != 0)
    }

    /// True when the sign could stand there.
    pub fn has_sign(&self, kind: SyntaxKind) -> bool {
        self.signs & (1 << (kind as u32)) != 0
    }

    /// True when something of the class could stand there.
    pub fn has(&self, class: Class) -> bool {
        self.classes & (1 << (class as u32)) != 0
    }

    /// The keywords, in alphabetical order.
    pub fn keywords(&self) -> impl Iterator<Item = Kw> {
        Kw::ALL.iter().copied().filter(|kw| self.has_keyword(*kw))
    }

    /// In words, for a message: classes, signs, keywords.
    pub fn words(&self) -> Vec<String> {
        const SIGNS: &[SyntaxKind] = &[
            SyntaxKind::LeftParen,
            SyntaxKind::RightParen,
            SyntaxKind::LeftBracket,
            SyntaxKind::RightBracket,
            SyntaxKind::LeftBrace,
            SyntaxKind::RightBrace,
            SyntaxKind::Comma,
            SyntaxKind::Semicolon,
            SyntaxKind::Colon,
            SyntaxKind::Dot,
            SyntaxKind::Star,
            SyntaxKind::Equal,
            SyntaxKind::Minus,
            SyntaxKind::Arrow,
            SyntaxKind::Bar,
            SyntaxKind::ElementOf,
        ];
        let classes = Class::ALL.iter().filter(|c| self.has(**c)).map(|c| c.describe().to_owned());
        let signs = SIGNS.iter().filter(|s| self.has_sign(**s)).map(|s| s.describe().to_owned());
        let keywords = self.keywords().map(|kw| kw.word().to_owned());
        classes.chain(signs).chain(keywords).collect()
    }
}
