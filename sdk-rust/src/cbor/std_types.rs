use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};

use super::{Decode, Decoder, Encode, Encoder, Error, Kind};

const DATE: u64 = 1;
const SET: u64 = 258;
const MAP: u64 = 259;

/// A point in time, as JavaScript's `Date` is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Milliseconds of Unix time.
    pub millis: i64,
}

impl Encode for Date {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.tag(DATE);
        if self.millis % 1000 == 0 {
            encoder.signed(self.millis / 1000);
        } else {
            encoder.float(self.millis as f64 / 1000.0);
        }
    }
}

impl Decode for Date {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.expect_tag(DATE)?;
        let seconds = decoder.float()?;
        if seconds.is_nan() {
            return Err(decoder.error("the date is invalid"));
        }
        Ok(Date {
            millis: (seconds * 1000.0).round() as i64,
        })
    }
}

macro_rules! integers {
    ($($type:ty: $encode:ident as $wide:ty),+) => {$(
        impl Encode for $type {
            fn encode(&self, encoder: &mut Encoder) {
                encoder.$encode(*self as $wide);
            }
        }
    )+};
}
integers!(u16: unsigned as u64, u32: unsigned as u64, u64: unsigned as u64, usize: unsigned as u64);
integers!(i8: signed as i64, i16: signed as i64, i32: signed as i64, i64: signed as i64);
integers!(isize: signed as i64, u128: unsigned_wide as u128, i128: signed_wide as i128);

macro_rules! narrow_integers {
    ($($type:ty: $decode:ident),+) => {$(
        impl Decode for $type {
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
                let start = decoder.position();
                <$type>::try_from(decoder.$decode()?)
                    .map_err(|_| Error::new("the integer is out of range", start))
            }
        }
    )+};
}
narrow_integers!(u16: unsigned, u32: unsigned, usize: unsigned);
narrow_integers!(i8: signed, i16: signed, i32: signed, isize: signed);

impl Decode for u64 {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.unsigned()
    }
}

impl Decode for i64 {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.signed()
    }
}

impl Decode for u128 {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let start = decoder.position();
        let integer = decoder.integer()?;
        if integer.negative {
            return Err(Error::new("the integer is out of range", start));
        }
        Ok(integer.magnitude)
    }
}

impl Decode for i128 {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let start = decoder.position();
        let integer = decoder.integer()?;
        match i128::try_from(integer.magnitude) {
            Ok(value) => Ok(if integer.negative { !value } else { value }),
            Err(_) => Err(Error::new("the integer is out of range", start)),
        }
    }
}

/// A byte alone is an integer; several are a byte string.
impl Encode for u8 {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.unsigned((*self).into());
    }

    fn encode_list(items: &[Self], encoder: &mut Encoder) {
        encoder.bytes(items);
    }
}

impl Decode for u8 {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let start = decoder.position();
        u8::try_from(decoder.unsigned()?)
            .map_err(|_| Error::new("the integer is out of range", start))
    }

    fn decode_list(decoder: &mut Decoder<'_>) -> Result<Vec<Self>, Error> {
        decoder.any_bytes().map(<[u8]>::to_vec)
    }
}

impl Encode for bool {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.bool(*self);
    }
}

impl Decode for bool {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.bool()
    }
}

impl Encode for f64 {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.float(*self);
    }
}

impl Decode for f64 {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.float()
    }
}

impl Encode for f32 {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.float((*self).into());
    }
}

impl Decode for f32 {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.float().map(|value| value as f32)
    }
}

impl Encode for () {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.null();
    }
}

impl Decode for () {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.null()
    }
}

impl Encode for str {
    const IS_TEXT: bool = true;

    fn encode(&self, encoder: &mut Encoder) {
        encoder.text(self);
    }
}

impl Encode for String {
    const IS_TEXT: bool = true;

    fn encode(&self, encoder: &mut Encoder) {
        encoder.text(self);
    }
}

impl Decode for String {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.any_text().map(Cow::into_owned)
    }
}

impl Encode for char {
    const IS_TEXT: bool = true;

    fn encode(&self, encoder: &mut Encoder) {
        encoder.text(self.encode_utf8(&mut [0; 4]));
    }
}

impl Decode for char {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let start = decoder.position();
        let mut chars = decoder.text()?.chars();
        match (chars.next(), chars.next()) {
            (Some(char), None) => Ok(char),
            _ => Err(Error::new("expected one character", start)),
        }
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    const IS_TEXT: bool = T::IS_TEXT;

    fn encode(&self, encoder: &mut Encoder) {
        (**self).encode(encoder);
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    const IS_TEXT: bool = T::IS_TEXT;

    fn encode(&self, encoder: &mut Encoder) {
        (**self).encode(encoder);
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.nested(T::decode).map(Box::new)
    }
}

impl<T: Encode + ToOwned + ?Sized> Encode for Cow<'_, T> {
    const IS_TEXT: bool = T::IS_TEXT;

    fn encode(&self, encoder: &mut Encoder) {
        (**self).encode(encoder);
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, encoder: &mut Encoder) {
        match self {
            Some(value) => value.encode(encoder),
            None => encoder.null(),
        }
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        match decoder.peek()? {
            Kind::Null | Kind::Undefined => decoder.null().map(|()| None),
            Kind::Tag if decoder.hole() => Ok(None),
            _ => T::decode(decoder).map(Some),
        }
    }

    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, encoder: &mut Encoder) {
        T::encode_list(self, encoder);
    }
}

impl<T: Encode, const N: usize> Encode for [T; N] {
    fn encode(&self, encoder: &mut Encoder) {
        T::encode_list(self, encoder);
    }
}

impl<T: Decode, const N: usize> Decode for [T; N] {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let start = decoder.position();
        <[T; N]>::try_from(T::decode_list(decoder)?).map_err(|items| {
            Error::new(
                format!("expected {N} items and found {}", items.len()),
                start,
            )
        })
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, encoder: &mut Encoder) {
        T::encode_list(self, encoder);
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        T::decode_list(decoder)
    }
}

impl<T: Encode> Encode for VecDeque<T> {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.array(self.len());
        for item in self {
            item.encode(encoder);
        }
    }
}

impl<T: Decode> Decode for VecDeque<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        T::decode_list(decoder).map(VecDeque::from)
    }
}

fn encode_map<'a, K: Encode + 'a, V: Encode + 'a>(
    entries: impl ExactSizeIterator<Item = (&'a K, &'a V)>,
    encoder: &mut Encoder,
) {
    if !K::IS_TEXT {
        encoder.tag(MAP);
    }
    encoder.map(entries.len());
    for (key, value) in entries {
        key.encode(encoder);
        value.encode(encoder);
    }
}

fn decode_map<K: Decode, V: Decode>(
    decoder: &mut Decoder<'_>,
    mut insert: impl FnMut(K, V),
) -> Result<(), Error> {
    decoder.nested(|decoder| {
        if decoder.peek()? == Kind::Tag {
            decoder.expect_tag(MAP)?;
        }
        for _ in 0..decoder.map()? {
            let key = K::decode(decoder)?;
            insert(key, V::decode(decoder)?);
        }
        Ok(())
    })
}

impl<K: Encode, V: Encode> Encode for BTreeMap<K, V> {
    fn encode(&self, encoder: &mut Encoder) {
        encode_map(self.iter(), encoder);
    }
}

impl<K: Decode + Ord, V: Decode> Decode for BTreeMap<K, V> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let mut map = BTreeMap::new();
        decode_map(decoder, |key, value| {
            map.insert(key, value);
        })?;
        Ok(map)
    }
}

impl<K: Encode, V: Encode, S> Encode for HashMap<K, V, S> {
    fn encode(&self, encoder: &mut Encoder) {
        encode_map(self.iter(), encoder);
    }
}

impl<K: Decode + Eq + Hash, V: Decode, S: BuildHasher + Default> Decode for HashMap<K, V, S> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let mut map = HashMap::default();
        decode_map(decoder, |key, value| {
            map.insert(key, value);
        })?;
        Ok(map)
    }
}

fn encode_set<'a, T: Encode + 'a>(
    items: impl ExactSizeIterator<Item = &'a T>,
    encoder: &mut Encoder,
) {
    encoder.tag(SET);
    encoder.array(items.len());
    for item in items {
        item.encode(encoder);
    }
}

fn decode_set<T: Decode>(
    decoder: &mut Decoder<'_>,
    mut insert: impl FnMut(T),
) -> Result<(), Error> {
    decoder.nested(|decoder| {
        decoder.expect_tag(SET)?;
        for _ in 0..decoder.array()? {
            insert(T::decode(decoder)?);
        }
        Ok(())
    })
}

impl<T: Encode> Encode for BTreeSet<T> {
    fn encode(&self, encoder: &mut Encoder) {
        encode_set(self.iter(), encoder);
    }
}

impl<T: Decode + Ord> Decode for BTreeSet<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let mut set = BTreeSet::new();
        decode_set(decoder, |item| {
            set.insert(item);
        })?;
        Ok(set)
    }
}

impl<T: Encode, S> Encode for HashSet<T, S> {
    fn encode(&self, encoder: &mut Encoder) {
        encode_set(self.iter(), encoder);
    }
}

impl<T: Decode + Eq + Hash, S: BuildHasher + Default> Decode for HashSet<T, S> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let mut set = HashSet::default();
        decode_set(decoder, |item| {
            set.insert(item);
        })?;
        Ok(set)
    }
}

macro_rules! tuples {
    ($($count:literal: $($name:ident $index:tt),+;)+) => {$(
        impl<$($name: Encode),+> Encode for ($($name,)+) {
            fn encode(&self, encoder: &mut Encoder) {
                encoder.array($count);
                $(self.$index.encode(encoder);)+
            }
        }

        impl<$($name: Decode),+> Decode for ($($name,)+) {
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
                decoder.nested(|decoder| {
                    let start = decoder.position();
                    let length = decoder.array()?;
                    if length != $count {
                        let expected = $count;
                        return Err(Error::new(
                            format!("expected {expected} items and found {length}"),
                            start,
                        ));
                    }
                    Ok(($($name::decode(decoder)?,)+))
                })
            }
        }
    )+};
}
tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
}
