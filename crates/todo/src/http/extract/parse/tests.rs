use proptest::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::parse;
use crate::http::extract::schema::Shape;
use crate::http::value::{Notes, Order, Title, TodoId};

/// A type with one field of each form.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it can be read matters")]
struct Sample {
    title: Title,
    notes: Option<Notes>,
    #[serde(default)]
    completed: bool,
    order: Option<Order>,
    count: Option<u8>,
    inner: Option<Inner>,
    inners: Option<Vec<Inner>>,
    colour: Option<Colour>,
    wrapped: Option<Wrapped>,
    pair: Option<Pair>,
    unit: Option<Unit>,
    todo_id: Option<TodoId>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it can be read matters")]
struct Inner {
    completed: Option<bool>,
    inner: Option<Box<Leaf>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it can be read matters")]
struct Leaf {
    count: Option<i64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Colour {
    Red,
    Green,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only whether it can be read matters")]
struct Wrapped(Leaf);

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only whether it can be read matters")]
struct Pair(u8, bool);

#[derive(Debug, Deserialize, JsonSchema)]
struct Unit;

fn scalars() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-3_i16..300).prop_map(|number| json!(f64::from(number))),
        (-1e17..1e17).prop_map(|number: f64| json!(number)),
        "[ \\t\\n\u{0}a-cé\u{2003}\u{85}🥛\u{200b}\u{3164}\u{202e}\u{2800}]{0,4}"
            .prop_map(Value::from),
        (498..503_usize, "[ ax]").prop_map(|(n, text)| Value::from(text.repeat(n))),
        "Red|Green|Blue".prop_map(Value::from),
        "(urn:uuid:|[{])?0191B2a4-?5c00-?7000-?8000-?0000000000a{1,2}[}]?".prop_map(Value::from),
    ]
}

/// Arbitrary nested arrays and objects, with names that the sample type knows and one that it does
/// not.
fn values() -> impl Strategy<Value = Value> {
    let names =
        "title|notes|completed|order|count|inner|inners|colour|wrapped|pair|unit|todo_id|Red|more";
    scalars().prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(names, inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn refusals(body: &[u8]) -> Value {
    let problem = parse::<Sample>(body).unwrap_err();
    serde_json::to_value(problem.errors()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// The published schema and the request types accept the same texts, and each refusal names a
    /// field.
    #[test]
    fn the_schema_accepts_what_the_types_accept(mut value in values(), titled: bool) {
        if let (true, Some(fields)) = (titled, value.as_object_mut()) {
            fields.insert("title".to_owned(), json!("x"));
        }
        let mistakes = Shape::of::<Sample>().unwrap().mistakes(&value);
        let read = parse::<Sample>(value.to_string().as_bytes());
        prop_assert_eq!(read.is_ok(), mistakes.is_empty(), "{} {:?} {:?}", value, mistakes, read);
        for mistake in mistakes {
            prop_assert!(!mistake.pointer.is_empty() || !value.is_object(), "{:?}", mistake);
        }
    }

    #[test]
    fn no_body_breaks_the_reader(body: Vec<u8>) {
        let _ = parse::<Sample>(&body);
    }
}

#[track_caller]
fn check(body: &str, pointer: &str, detail: &str) {
    let errors = refusals(body.as_bytes());
    assert_eq!(errors[0]["pointer"], pointer, "{body}: {errors}");
    let found = errors[0]["detail"].as_str().unwrap();
    assert!(found.starts_with(detail), "{body}: {errors}");
}

#[test]
fn only_an_object_is_an_object_at_every_depth() {
    let array = "must be an object, not an array";
    check(r#"["buy milk","buy bread"]"#, "", array);
    check("[]", "", array);
    check(r#"{"title":"x","inners":[[]]}"#, "/inners/0", array);
    check(
        r#"{"title":"x","inners":[{"inner":[1]}]}"#,
        "/inners/0/inner",
        "must be an object or null",
    );
    check(
        r#"{"title":"x","wrapped":[1]}"#,
        "/wrapped",
        "must be an object or null",
    );
    check(
        r#"{"title":"x","inner":[true,null]}"#,
        "/inner",
        "must be an object or null",
    );
    check(r#"{"title":"x","colour":{"Red":null}}"#, "/colour", "");
    check(r#"{"title":"x","unit":[]}"#, "/unit", "");
}

#[test]
fn a_field_that_is_there_twice_is_named_wherever_it_stands() {
    let twice = "must be given only once";
    check(r#"{"title":"a","title":"b"}"#, "/title", twice);
    check(
        r#"{"title":"a","inners":[{},{"completed":true,"completed":true}]}"#,
        "/inners/1/completed",
        twice,
    );
    check(r#"{"title":"a","a/b":1,"a/b":1}"#, "/a~1b", twice);
}

#[test]
fn a_rule_that_the_schema_cannot_state_names_its_field_too() {
    // An invisible character above U+FFFF, which the published pattern does not exclude.
    let hint = "must be one line with a character that can be seen";
    check("{\"title\":\"\u{e0041}\"}", "/title", hint);
}

#[test]
fn an_integer_is_a_number_without_a_fraction() {
    for body in [
        r#"{"title":"x","count":14.0}"#,
        r#"{"title":"x","count":1e2}"#,
        r#"{"title":"x","count":-0}"#,
        r#"{"title":"x","inner":{"inner":{"count":-3.0}}}"#,
    ] {
        parse::<Sample>(body.as_bytes()).unwrap();
    }
    check(
        r#"{"title":"x","count":14.5}"#,
        "/count",
        "must be an integer or null, not a number",
    );
    check(
        r#"{"title":"x","count":256.0}"#,
        "/count",
        "must be at most 255",
    );
}

#[test]
fn what_no_value_can_hold_is_named_where_it_stands() {
    check(
        r#"{"title":"x","order":1e999}"#,
        "/order",
        "is a number too large",
    );
    check(
        r#"{"title":"\ud800"}"#,
        "/title",
        "must not contain half of a surrogate pair",
    );
    check(
        r#"{"title":"\udc00\ud800"}"#,
        "/title",
        "must not contain half of a surrogate pair",
    );
    let deep = format!(
        r#"{{"title":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    check(&deep, "/title", "must be a string, not an array");
}

#[test]
fn malformed_json_says_where_it_stops_being_json() {
    for (body, expected) in [
        (&b""[..], "the body is empty"),
        (b" \r\n\t", "the body is empty"),
        (
            b"{\"title\":",
            "the body ends in the middle of a value (line 1, column 9)",
        ),
        (
            b"{\"title\":\n\"x\"} more",
            "more follows after the end of the value (line 2, column 6)",
        ),
        (
            b"\n{\"title\":\"\xff\"}",
            "the body is not UTF-8 (line 2, column 11)",
        ),
        (
            b"\xef\xbb\xbf{}",
            "the body begins with a byte order mark; send it without (line 1, column 1)",
        ),
        (
            b"\xfe\xff\0{\0}",
            "the body is not UTF-8 (line 1, column 1)",
        ),
        (
            b"{\"title\":\"x\",}",
            "a comma is followed by nothing (line 1, column 14)",
        ),
        (
            b"{title:1}",
            "a field's name must be a string in double quotes (line 1, column 2)",
        ),
        (
            b"{\"order\":NaN}",
            "no JSON value begins here (line 1, column 10)",
        ),
        (
            b"{\"order\":01}",
            "a number is not written as JSON writes numbers (line 1, column 11)",
        ),
        (
            b"{\"title\":\"a\tb\"}",
            "a string has a control character that must be escaped (line 1, column 12)",
        ),
        (
            b"{\"title\":\"\\x\"}",
            "a string has an escape that JSON does not know (line 1, column 12)",
        ),
        (
            b"{\"title\" 1}",
            "a colon is missing after a field's name (line 1, column 10)",
        ),
        (
            b"{\"\\ud800\":1}",
            "a string has half of a surrogate pair (line 1, column 9)",
        ),
        (
            b"1e999",
            "a number is too large to be read (line 1, column 5)",
        ),
    ] {
        let problem = parse::<Sample>(body).unwrap_err();
        assert_eq!(problem.detail(), expected, "{}", body.escape_ascii());
    }
}
