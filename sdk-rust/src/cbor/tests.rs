use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use super::*;

const GOLDEN: &str = include_str!("../../../host-abi/golden/cbor.tsv");
const OTHER_FORMS: &str = include_str!("../../../host-abi/golden/cbor-other-forms.tsv");
const INVALID: &str = include_str!("../../../host-abi/golden/cbor-invalid.tsv");
const KEYS: &str = include_str!("../../../host-abi/golden/keys.tsv");

fn rows(table: &str) -> Vec<Vec<&str>> {
    let rows: Vec<_> = table
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect();
    assert!(rows.len() > 20);
    rows
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// The diagnostic notation of RFC 8949, section 8.
fn diagnostic(value: &Value) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match value {
        Value::Undefined => "undefined".into(),
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) if value.is_infinite() => {
            format!("{}Infinity", if *value < 0.0 { "-" } else { "" })
        }
        Value::Float(value) => format!("{value:?}"),
        Value::Text(text) => crate::json::Value::from(text).to_string(),
        Value::Bytes(bytes) => format!("h'{}'", hex(bytes)),
        Value::Array(items) => format!("[{}]", list(items.iter().map(diagnostic).collect())),
        Value::Map(entries) => format!(
            "{{{}}}",
            list(
                entries
                    .iter()
                    .map(|(k, v)| format!("{}: {}", diagnostic(k), diagnostic(v)))
                    .collect()
            )
        ),
        Value::Tag(tag, value) => format!("{tag}({})", diagnostic(value)),
    }
}

#[test]
fn the_golden_vectors_are_read_and_written() {
    for row in rows(GOLDEN) {
        let value: Value = from_slice(&unhex(row[0])).unwrap_or_else(|e| panic!("{row:?}: {e}"));
        assert_eq!(diagnostic(&value), row[2], "{row:?}");
        assert_eq!(hex(&to_vec(&value)), row[0], "{row:?}");
        let bytes = unhex(row[0]);
        let mut decoder = Decoder::new(&bytes);
        decoder.skip().unwrap();
        decoder.finish().unwrap();
    }
}

#[test]
fn other_forms_are_read_and_written_in_the_one_form() {
    for row in rows(OTHER_FORMS) {
        let value: Value = from_slice(&unhex(row[0])).unwrap_or_else(|e| panic!("{row:?}: {e}"));
        assert_eq!(hex(&to_vec(&value)), row[1], "{row:?}");
    }
}

#[test]
fn what_is_invalid_is_refused_in_full_and_when_passed_over() {
    for row in rows(INVALID) {
        let bytes = unhex(row[0]);
        assert!(from_slice::<Value>(&bytes).is_err(), "{row:?}");
        let mut decoder = Decoder::new(&bytes);
        assert!(
            decoder.skip().and_then(|()| decoder.finish()).is_err(),
            "{row:?}"
        );
    }
}

#[test]
fn keys_are_ordered_as_the_server_orders_them() {
    let keys: Vec<String> = rows(KEYS)
        .iter()
        .map(|row| String::from_utf8(unhex(row[0])).unwrap())
        .collect();
    assert!(keys.is_sorted());
    for (key, row) in keys.iter().zip(rows(KEYS)) {
        assert_eq!(
            crate::json::parse(row[1]).unwrap().as_str(),
            Some(key.as_str())
        );
    }
}

/// Writes a value, compares with the golden bytes, and reads it back.
fn same<T: Encode + Decode + PartialEq + std::fmt::Debug>(value: T, bytes: &str) {
    assert_eq!(hex(&to_vec(&value)), bytes, "{value:?}");
    assert_eq!(from_slice::<T>(&unhex(bytes)).unwrap(), value);
}

#[test]
fn types_of_the_standard_library_have_their_forms() {
    same(0u8, "00");
    same(-1i8, "20");
    same(1000u16, "1903e8");
    same(u64::MAX, "1bffffffffffffffff");
    same(i64::MIN, "3b7fffffffffffffff");
    same(1u128 << 64, "c249010000000000000000");
    same(-(1i128 << 64) - 1, "c349010000000000000000");
    same(i128::MIN, "c3507fffffffffffffffffffffffffffffff");
    same(-(1i128 << 64), "3bffffffffffffffff");
    same(1.5f64, "fb3ff8000000000000");
    same(1.5f32, "fb3ff8000000000000");
    same(true, "f5");
    same((), "f6");
    same('ü', "62c3bc");
    same("a".to_owned(), "6161");
    same(vec![1u8, 2], "420102");
    same([1u8, 2], "420102");
    same(vec![1u16, 2], "820102");
    same([1i32, -1], "820120");
    same((1u32, "a".to_owned()), "82016161");
    same(Some(1u32), "01");
    same(None::<u32>, "f6");
    same(Box::new(1u32), "01");
    same(
        BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]),
        "a2616101616202",
    );
    same(BTreeMap::from([(1u32, 2u32)]), "d90103a10102");
    same(
        HashMap::<String, u32>::from([("a".to_owned(), 1)]),
        "a1616101",
    );
    same(BTreeSet::from([1u32, 2]), "d90102820102");
    same(std::collections::VecDeque::from([1u64, 2]), "820102");
    same(
        Date {
            millis: 1_363_896_240_000,
        },
        "c11a514b67b0",
    );
    same(
        Date {
            millis: 1_363_896_240_500,
        },
        "c1fb41d452d9ec200000",
    );
    same(Date { millis: -1500 }, "c1fbbff8000000000000");
    assert_eq!(hex(&to_vec("a")), "6161");
    assert_eq!(hex(&to_vec(&[1u8, 2][..])), "420102");
}

#[test]
fn dates_keep_their_milliseconds() {
    for millis in [
        0,
        1,
        -1,
        999,
        1_767_225_600_123,
        -62_135_596_799_999,
        253_402_300_799_999,
    ] {
        let date = Date { millis };
        assert_eq!(from_slice::<Date>(&to_vec(&date)).unwrap(), date);
    }
}

#[test]
fn integers_are_read_in_any_form_that_is_exact_and_in_range() {
    assert_eq!(from_slice::<u64>(&unhex("fb4008000000000000")).unwrap(), 3);
    assert_eq!(from_slice::<i64>(&unhex("fbc008000000000000")).unwrap(), -3);
    assert_eq!(from_slice::<u64>(&unhex("c24103")).unwrap(), 3);
    assert_eq!(from_slice::<f64>(&unhex("03")).unwrap(), 3.0);
    assert!(from_slice::<u64>(&unhex("fb3ff8000000000000")).is_err());
    assert!(from_slice::<u64>(&unhex("fb7ff8000000000000")).is_err());
    assert!(from_slice::<u64>(&unhex("fb7ff0000000000000")).is_err());
    assert!(from_slice::<u64>(&unhex("fb4341000000000000")).is_err());
    assert!(from_slice::<u64>(&unhex("20")).is_err());
    assert!(from_slice::<u8>(&unhex("190100")).is_err());
    assert!(from_slice::<i64>(&unhex("1b8000000000000000")).is_err());
    assert!(from_slice::<i8>(&unhex("3880")).is_err());
    assert!(from_slice::<u128>(&unhex("c25101000000000000000000000000000000ff")).is_err());
    assert!(from_slice::<i128>(&unhex("c25080000000000000000000000000000000")).is_err());
}

cbor_struct! {
    #[derive(Debug, PartialEq)]
    struct Mouse {
        name: String,
        toes: u8,
        nest: Option<String>,
    }
}

#[test]
fn a_struct_is_a_map_of_its_fields() {
    same(
        Mouse {
            name: "Nell".to_owned(),
            toes: 18,
            nest: None,
        },
        "a3646e616d65644e656c6c64746f65731264 6e657374f6"
            .replace(' ', "")
            .as_str(),
    );
    let grown = to_vec(&Value::Map(vec![
        (Value::Text("toes".into()), Value::Int(3)),
        (Value::Text("new".into()), Value::Array(vec![Value::Int(1)])),
        (Value::Text("name".into()), Value::Text("Judy".into())),
    ]));
    let mouse: Mouse = from_slice(&grown).unwrap();
    assert_eq!(
        mouse,
        Mouse {
            name: "Judy".to_owned(),
            toes: 3,
            nest: None
        }
    );
    let error = from_slice::<Mouse>(&unhex("a164746f657303")).unwrap_err();
    assert_eq!(error.to_string(), "the map has no field \"name\" at byte 0");
    let error = from_slice::<Mouse>(&unhex("a164746f65736161")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected an integer and found a text at byte 6"
    );
}

/// A type that could nest without end.
#[derive(Debug)]
struct Chain(#[allow(dead_code)] Option<Box<Chain>>);

impl Decode for Chain {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        <(Option<Box<Chain>>,)>::decode(decoder).map(|(next,)| Chain(next))
    }
}

#[test]
fn recursive_types_are_bounded_in_depth() {
    assert!(from_slice::<Chain>(&unhex(&("81".repeat(50) + "f6"))).is_ok());
    assert!(from_slice::<Chain>(&unhex(&("81".repeat(1_000_000) + "f6"))).is_err());
}

#[test]
fn any_bytes_are_read_or_refused_and_nothing_else() {
    let mut state = 42u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..100_000 {
        let bytes: Vec<u8> = (0..next() % 24).map(|_| next() as u8).collect();
        if let Ok(value) = from_slice::<Value>(&bytes) {
            let again: Value = from_slice(&to_vec(&value)).unwrap();
            assert_eq!(to_vec(&again), to_vec(&value));
        }
        let _ = from_slice::<Mouse>(&bytes);
        let _ = from_slice::<crate::json::Value>(&bytes);
    }
}

/// What only JavaScript has, as its golden bytes are.
#[test]
fn objects_of_other_languages_are_read_as_what_they_mean() {
    let lone = unhex("d81b8264546578744400d86100");
    assert_eq!(from_slice::<String>(&lone).unwrap(), "\u{fffd}a");
    let json = crate::json::Value::from("\u{fffd}a");
    assert_eq!(from_slice::<crate::json::Value>(&lone).unwrap(), json);
    assert_eq!(
        from_slice::<Value>(&lone).unwrap().as_text().unwrap(),
        "\u{fffd}a"
    );

    let holed = unhex("8301d81b8164486f6c6503");
    let items: Vec<Option<u8>> = from_slice(&holed).unwrap();
    assert_eq!(items, [Some(1), None, Some(3)]);
    let json: crate::json::Value = from_slice(&holed).unwrap();
    assert_eq!(json.to_string(), "[1,null,3]");
    assert!(matches!(from_slice(&holed).unwrap(), Value::Array(items) if items[1].is_hole()));

    for bytes in [
        "d81b826b4172726179427566666572420102",
        "d81b82684461746156696577420102",
        "d844420102",
        "420102",
    ] {
        let bytes = unhex(bytes);
        assert_eq!(from_slice::<Vec<u8>>(&bytes).unwrap(), [1, 2]);
        assert_eq!(
            from_slice::<Value>(&bytes).unwrap().as_bytes(),
            Some(&[1, 2][..])
        );
    }

    let error = unhex("d81b84654572726f7269547970654572726f726d6e6f2073756368206d6f757365f6");
    let refusal = from_slice::<String>(&error).unwrap_err().to_string();
    assert_eq!(
        refusal,
        "expected a text and found the object Error at byte 0"
    );
    assert!(from_slice::<Vec<u8>>(&error).is_err());
    let value: Value = from_slice(&error).unwrap();
    let (name, items) = value.as_object().unwrap();
    assert_eq!(
        (name, items[1].as_text().unwrap()),
        ("Error", "no such mouse".into())
    );
    assert_eq!(
        (value.as_text(), value.as_bytes(), value.is_hole()),
        (None, None, false)
    );
    // No name, a name that is no text, and an end that comes too early.
    for broken in ["d81b80", "d81b8101", "d81b826454657874"] {
        assert!(from_slice::<String>(&unhex(broken)).is_err());
        assert!(from_slice::<Option<String>>(&unhex(broken)).is_err());
    }
}
