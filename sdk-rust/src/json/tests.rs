use super::*;
use crate::cbor;

fn round_trip(text: &str) {
    assert_eq!(parse(text).unwrap().to_string(), text);
}

#[test]
fn what_is_read_is_written_again() {
    for text in [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "9223372036854775807",
        "-9223372036854775808",
        "0.5",
        "-0",
        "1e300",
        "1.5e-7",
        "\"\"",
        "\"ä€😀\"",
        "\"\\\"\\\\\\n\\r\\t\\b\\f\\u0001\"",
        "[]",
        "[1,[2,[]]]",
        "{}",
        "{\"b\":1,\"a\":{\"c\":null}}",
    ] {
        round_trip(text);
    }
}

#[test]
fn spaces_and_escapes_are_understood() {
    let value =
        parse(" { \"a\" : [ 1 , 2.5e1 ] ,\n\"b\\u00e4\\/\": \"\\ud83d\\ude00\" } ").unwrap();
    assert_eq!(value["a"].as_array().unwrap()[1].as_f64(), Some(25.0));
    assert_eq!(value["bä/"].as_str(), Some("😀"));
}

#[test]
fn a_lone_surrogate_becomes_the_replacement_character() {
    assert_eq!(parse("\"\\ud83d\"").unwrap().as_str(), Some("\u{fffd}"));
    assert_eq!(
        parse("\"\\ud83d\\u0041\"").unwrap().as_str(),
        Some("\u{fffd}A")
    );
    assert_eq!(parse("\"\\ude00x\"").unwrap().as_str(), Some("\u{fffd}x"));
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    for text in [
        "",
        " ",
        "nul",
        "tru e",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "NaN",
        "'a'",
        "\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\n\"",
        "[1,]",
        "[1 2]",
        "[",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1,}",
        "1 2",
        "[]]",
    ] {
        assert!(parse(text).is_err(), "{text:?} was accepted");
    }
    assert_eq!(
        parse("[1,]").unwrap_err().to_string(),
        "not valid JSON: expected a value at byte 3"
    );
}

#[test]
fn nesting_is_bounded() {
    let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
    assert!(parse(&deep(MAX_DEPTH)).is_ok());
    assert!(parse(&deep(MAX_DEPTH + 1)).is_err());
    assert!(parse(&"[".repeat(1_000_000)).is_err());
}

#[test]
fn of_a_name_given_twice_the_last_value_counts() {
    round_trip("{\"a\":1,\"b\":2}");
    assert_eq!(
        parse("{\"a\":1,\"b\":2,\"a\":3}").unwrap().to_string(),
        "{\"a\":3,\"b\":2}"
    );
}

#[test]
fn numbers_beyond_64_bits_become_floats() {
    assert_eq!(
        parse("9223372036854775808").unwrap(),
        Value::Float(9223372036854775808.0)
    );
    assert_eq!(Value::Float(f64::NAN).to_string(), "null");
    assert_eq!(Value::from(1u64 << 40).to_string(), "1099511627776");
}

#[test]
fn json_is_stored_as_cbor_of_the_same_meaning() {
    let value = parse("{\"a\":[1,-2,0.5,null,true,\"x\"]}").unwrap();
    let bytes = cbor::to_vec(&value);
    assert_eq!(cbor::from_slice::<Value>(&bytes).unwrap(), value);
}
