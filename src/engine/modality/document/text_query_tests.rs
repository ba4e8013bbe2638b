//! What full-text queries mean, case by case.

use super::*;
use crate::engine::base::Value;

fn fox() -> Document {
    Document {
        title: Some("The Quick Fox".into()),
        body: Some("A brown fox jumps over lazy dogs.".into()),
        fields: [("tags".to_owned(), Value::List(vec!["animal tale".into()]))].into(),
    }
}

fn contains(query: &str) -> bool {
    TextQuery::parse(query, Mode::Contains).unwrap().matches(&fox())
}

fn refused(query: &str) -> String {
    let error = TextQuery::parse(query, Mode::Contains).unwrap_err();
    assert_eq!(error.kind, Kind::InvalidFullTextQuery);
    error.message
}

#[test]
fn words_beside_each_other_are_a_phrase() {
    assert!(contains("brown fox"));
    assert!(contains("BROWN, fox!"));
    assert!(!contains("fox brown"));
    assert!(!contains("quick fox brown"), "no phrase crosses from the title to the body");
    assert!(contains("animal tale"));
    assert!(contains("\"lazy dogs\""));
}

#[test]
fn operators_are_capitals_and_not_binds_closest() {
    assert!(contains("dogs AND quick"));
    assert!(contains("cat OR lazy dogs"));
    assert!(!contains("cat OR dogs lazy"));
    assert!(!contains("dogs and quick"));
    assert!(contains("NOT cat AND dogs"));
    assert!(!contains("NOT (cat OR dogs)"));
    assert!(contains("cat AND mouse OR fox"));
    assert!(!contains("cat AND (mouse OR fox)"));
    assert!(contains("\"brown fox\" \"quick fox\""));
    assert!(contains("NOT NOT fox"));
}

#[test]
fn a_star_ends_a_beginning_and_a_tilde_forgives() {
    assert!(contains("jum*"));
    assert!(contains("brown f*"));
    assert!(!contains("umps*"));
    assert!(contains("jumsp~2"));
    assert!(!contains("jumsp~1"));
    assert!(contains("foxx~"));
    assert!(contains("lazi~1 dogs"));
    assert!(!contains("\"jum*\""), "between quotes all is text");
}

#[test]
fn malformed_queries_say_where() {
    let end = "of the full-text query";
    assert_eq!(refused(""), format!("there is no word to search for at character 1 {end}"));
    assert_eq!(
        refused("fox AND ..."),
        format!("there is no word to search for at character 9 {end}")
    );
    assert_eq!(refused("a \"b"), format!("a quote is never closed at character 3 {end}"));
    assert_eq!(refused("(a OR b"), format!("a parenthesis is never closed at character 1 {end}"));
    assert_eq!(
        refused("a)"),
        format!("a parenthesis is closed that was never opened at character 2 {end}")
    );
    assert_eq!(
        refused("a OR"),
        format!("words are missing after the operator at character 5 {end}")
    );
    assert_eq!(
        refused("OR a"),
        format!("an operator stands where words belong at character 1 {end}")
    );
    assert_eq!(refused("a AND NOT"), format!("`NOT` has nothing to deny at character 7 {end}"));
    assert_eq!(
        refused("a*b"),
        format!("`*` stands only at the end of a word at character 1 {end}")
    );
    assert_eq!(refused("*"), format!("`*` and `~` need letters before them at character 1 {end}"));
    assert_eq!(refused("word~3"), format!("at most 2 edits may be asked for at character 1 {end}"));
    assert!(refused(&"(".repeat(100)).starts_with("parentheses are nested too deep"));
    assert!(refused("()").starts_with("`)` stands where words belong"));
}

#[test]
fn a_search_box_takes_any_word_and_never_complains_of_form() {
    let found = |text: &str| TextQuery::parse(text, Mode::SearchBox).unwrap().matches(&fox());
    assert!(found("cat fox"));
    assert!(found("AND \"lazy dogs\" cat"));
    assert!(!found("\"dogs lazy\" cat"));
    assert!(found("(fox"));
    assert!(found("\"fox"));
    assert!(found("jum*"));
    assert!(!found("cat*mouse"));
    assert!(TextQuery::parse(" ?! ", Mode::SearchBox).is_err());
}

#[test]
fn edits_are_counted_in_letters() {
    for (a, b, edits) in
        [("kitten", "sitting", 3), ("", "ab", 2), ("größe", "grosse", 3), ("a", "a", 0)]
    {
        assert!(within_edits(a, b, edits), "{a} {b}");
        assert!(edits == 0 || !within_edits(a, b, edits - 1), "{a} {b}");
    }
}
