//! `BEGIN`, `COMMIT`, `ROLLBACK`, `SAVEPOINT`, `RELEASE`.

use super::expected::Class;
use super::parser::Parser;
use crate::engine::base::Kind;
use crate::engine::lang::ast::{Begin, Isolation, Name, StatementKind as S, Transaction};
use crate::engine::lang::diag::Diagnostic;
use crate::engine::lang::kind::{Kw, SyntaxKind as K};

/// What `SYNC` takes.
const SYNC: [&str; 3] = ["full", "interval", "off"];

impl Parser<'_> {
    /// `transaction = "BEGIN" [ noise ] { begin_option } | "COMMIT" [ noise ] | ..`
    pub(super) fn transaction(&mut self, kw: Kw) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let transaction = match kw {
            Kw::Begin => {
                self.noise();
                self.begin_options().map(Transaction::Begin)
            }
            Kw::Commit => {
                self.noise();
                Some(Transaction::Commit)
            }
            Kw::Rollback => {
                self.noise();
                if self.eat(Kw::To) {
                    self.savepoint().map(|name| Transaction::Rollback(Some(name)))
                } else {
                    Some(Transaction::Rollback(None))
                }
            }
            Kw::Savepoint => self.name(Class::Name).map(Transaction::Savepoint),
            _ => self.savepoint().map(Transaction::Release),
        };
        self.close();
        transaction.map_or(S::Error, S::Transaction)
    }

    /// `noise = "TRANSACTION" | "WORK"`
    fn noise(&mut self) {
        if !self.eat(Kw::Transaction) {
            self.eat(Kw::Work);
        }
    }

    /// `[ "SAVEPOINT" ] name`
    fn savepoint(&mut self) -> Option<Name> {
        // A savepoint may be called so itself.
        if self.at(Kw::Savepoint) && self.nth_kind(1) == K::Word {
            self.bump_as(K::Keyword);
        }
        self.name(Class::Name)
    }

    /// `begin_option = "READ" ( "ONLY" | "WRITE" ) | "ISOLATION" "LEVEL" level | "SYNC" word`
    fn begin_options(&mut self) -> Option<Begin> {
        let mut begin = Begin::default();
        loop {
            let start = self.start();
            let twice = if self.eat(Kw::Read) {
                let read_only = self.eat(Kw::Only);
                if !read_only && !self.expect(Kw::Write) {
                    return None;
                }
                begin.read_only.replace(read_only).is_some()
            } else if self.eat(Kw::Isolation) {
                let level = self.expect(Kw::Level).then(|| self.isolation())??;
                begin.isolation.replace(level).is_some()
            } else if self.eat(Kw::Sync) {
                let mode = self.sync_mode()?;
                begin.sync.replace(mode).is_some()
            } else {
                return Some(begin);
            };
            if twice {
                let span = self.since(start);
                let message = "this option of BEGIN is given twice";
                self.note(Diagnostic::error(Kind::UnexpectedToken, span, message));
            }
            // Commas between the options are how others write it.
            let another = matches!(self.nth_kw(1), Some(Kw::Read | Kw::Isolation | Kw::Sync));
            if self.kind() == K::Comma && another {
                self.bump();
            }
        }
    }

    /// `level = "READ" "COMMITTED" | "REPEATABLE" "READ" | "SNAPSHOT" | "SERIALIZABLE"`
    fn isolation(&mut self) -> Option<Isolation> {
        if self.eat(Kw::Read) {
            return self.expect(Kw::Committed).then_some(Isolation::ReadCommitted);
        }
        if self.eat(Kw::Repeatable) {
            return self.expect(Kw::Read).then_some(Isolation::Snapshot);
        }
        if self.eat(Kw::Snapshot) {
            return Some(Isolation::Snapshot);
        }
        self.expect(Kw::Serializable).then_some(Isolation::Serializable)
    }

    fn sync_mode(&mut self) -> Option<Name> {
        self.want(Class::Name);
        let leaf = self.nth(0);
        let word = self.text_of(leaf);
        if leaf.kind == K::Word && SYNC.iter().any(|mode| word.eq_ignore_ascii_case(mode)) {
            return Some(self.bump_name(K::Name));
        }
        self.unexpected_but(&SYNC);
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::lang::ast::{Begin, Isolation, StatementKind, Transaction};
    use crate::engine::lang::parse;

    fn transaction(text: &str) -> Transaction {
        let parsed = parse(text);
        assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
        match parsed.script.statements.into_iter().next().map(|s| s.kind) {
            Some(StatementKind::Transaction(transaction)) => transaction,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn begin(text: &str) -> Begin {
        match transaction(text) {
            Transaction::Begin(begin) => begin,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn begin_takes_its_options_in_any_order() {
        assert_eq!(begin("BEGIN"), Begin::default());
        assert_eq!(begin("begin work"), Begin::default());
        let all = begin("BEGIN TRANSACTION SYNC OFF READ ONLY ISOLATION LEVEL READ COMMITTED");
        assert_eq!(all.read_only, Some(true));
        assert_eq!(all.isolation, Some(Isolation::ReadCommitted));
        assert!(all.sync.is_some_and(|mode| mode.is("off")));
        let commas = begin("BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE");
        assert_eq!(commas.isolation, Some(Isolation::Serializable));
        assert_eq!(commas.read_only, Some(false));
    }

    #[test]
    fn levels_have_their_names() {
        for level in Isolation::ALL {
            let text = format!("BEGIN ISOLATION LEVEL {}", level.name());
            assert_eq!(begin(&text).isolation, Some(level));
            assert_eq!(Isolation::from_name(&level.name().to_uppercase()), Some(level));
        }
        let repeatable = begin("BEGIN ISOLATION LEVEL REPEATABLE READ");
        assert_eq!(repeatable.isolation, Some(Isolation::Snapshot));
        assert_eq!(Isolation::from_name("read uncommitted"), None);
    }

    #[test]
    fn savepoints_may_be_called_like_keywords() {
        for (text, name) in [
            ("ROLLBACK TO a", "a"),
            ("ROLLBACK TO SAVEPOINT a", "a"),
            ("ROLLBACK WORK TO savepoint", "savepoint"),
            ("ROLLBACK TO SAVEPOINT savepoint", "savepoint"),
        ] {
            let Transaction::Rollback(Some(found)) = transaction(text) else { panic!("{text}") };
            assert_eq!(found.text, name);
        }
        assert_eq!(transaction("ROLLBACK"), Transaction::Rollback(None));
        assert_eq!(transaction("COMMIT WORK"), Transaction::Commit);
        assert!(matches!(transaction("RELEASE SAVEPOINT a"), Transaction::Release(_)));
    }

    #[test]
    fn what_is_malformed_is_said() {
        for text in [
            "BEGIN READ",
            "BEGIN ISOLATION LEVEL",
            "BEGIN ISOLATION LEVEL READ UNCOMMITTED",
            "BEGIN SYNC never",
            "BEGIN READ ONLY READ WRITE",
            "SAVEPOINT",
            "ROLLBACK TO",
        ] {
            assert!(!parse(text).diagnostics.is_empty(), "{text}");
        }
    }
}
