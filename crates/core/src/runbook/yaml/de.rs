//! From the tree to any type that serde can read, with a place for every mistake.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use super::at::AT;
use super::node::{Key, Kind, Map, Node};
use crate::runbook::diagnostic::{Place, suggest};

/// Reads one node.
#[derive(Clone, Copy)]
pub(super) struct NodeReader<'n>(pub(super) &'n Node);

/// Why a node is not what was wanted.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
    /// Where; set by the innermost node that knows.
    pub(super) place: Option<Place>,
    /// Positions from the faulty entry up to the root.
    pub(super) path: Vec<usize>,
    /// The key that is missing, if that is the mistake.
    pub(super) missing: Option<String>,
    /// The key or word that is not known, if that is the mistake.
    pub(super) unknown: Option<String>,
}

impl Fault {
    fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            message,
            suggestion: None,
            place: None,
            path: Vec::new(),
            missing: None,
            unknown: None,
        }
    }

    fn here(mut self, place: Place) -> Self {
        self.place.get_or_insert(place);
        self
    }

    fn through(mut self, step: usize) -> Self {
        self.path.push(step);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {found}"))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match found {
            Unexpected::Signed(number) => Self::new(format!("{number} is out of range")),
            Unexpected::Unsigned(number) => Self::new(format!("{number} is out of range")),
            found => Self::new(format!("expected {expected}, found {found}")),
        }
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        Self {
            suggestion: suggest(word, known.iter().copied()),
            unknown: Some(word.to_owned()),
            ..Self::new(format!("unknown word `{word}`; known are {}", listed(known)))
        }
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Self {
            suggestion: suggest(key, known.iter().copied()),
            unknown: Some(key.to_owned()),
            ..Self::new(format!("unknown key `{key}`"))
        }
    }

    fn missing_field(key: &'static str) -> Self {
        Self { missing: Some(key.to_owned()), ..Self::new(format!("the key `{key}` is missing")) }
    }
}

/// A mapping, in words.
const KEYS: &str = "keys with values";

/// `a`, `b` and `c`.
fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

impl Node {
    /// In words, for "found …".
    fn found(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Int(number) => format!("the number {number}"),
            Kind::Float(number) => format!("the number {number}"),
            Kind::Text(text) => {
                let short: String = text.chars().take(40).collect();
                format!("the text `{short}{}`", if short.len() < text.len() { "…" } else { "" })
            }
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => KEYS.to_owned(),
        }
    }

    fn expected(&self, what: &str) -> Fault {
        let hint = match (what, &self.kind) {
            ("text", Kind::Int(_) | Kind::Float(_) | Kind::Bool(_)) => "; put it in quotes",
            // `{{ x }}` without quotes is a mapping in a mapping to YAML.
            ("text", Kind::Map(_)) => "; a template wants quotes around it",
            _ => "",
        };
        let found = match (what, &self.kind) {
            // Where a section belongs, a bare text may be a secret that somebody put a level too high.
            (KEYS, Kind::Text(_)) => "a text".to_owned(),
            _ => self.found(),
        };
        Fault::new(format!("expected {what}, found {found}{hint}")).here(self.place)
    }
}

macro_rules! whole_numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.0.kind {
                Kind::Int(_) => self.deserialize_any(visitor),
                _ => Err(self.0.expected("a whole number")),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for NodeReader<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let read = match &self.0.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Int(number) => match (u64::try_from(*number), i64::try_from(*number)) {
                (Ok(number), _) => visitor.visit_u64(number),
                (_, Ok(number)) => visitor.visit_i64(number),
                _ => Err(Fault::new(format!("{number} is out of range"))),
            },
            Kind::Float(number) => visitor.visit_f64(*number),
            Kind::Text(text) => visitor.visit_str(text),
            Kind::List(items) => visitor.visit_seq(Items { items, next: 0 }),
            Kind::Map(map) => visitor.visit_map(EntriesOf { map, next: 0 }),
        };
        read.map_err(|fault| fault.here(self.0.place))
    }

    whole_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0.kind {
            Kind::Bool(_) => self.deserialize_any(visitor),
            _ => Err(self.0.expected("true or false")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0.kind {
            Kind::Text(_) => self.deserialize_any(visitor),
            _ => Err(self.0.expected("text")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        // An empty `approval:` must not pass for "no approval".
        if matches!(self.0.kind, Kind::Null) {
            let message = "nothing stands here; give it a value or leave the key out";
            return Err(Fault::new(message).here(self.0.place));
        }
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0.kind {
            Kind::List(_) => self.deserialize_any(visitor),
            _ => Err(self.0.expected("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0.kind {
            Kind::Map(_) => self.deserialize_any(visitor),
            _ => Err(self.0.expected(KEYS)),
        }
    }

    /// Every unknown key is a mistake, and is told with its own place.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if let Kind::Map(map) = &self.0.kind {
            let unknown =
                map.entries.iter().position(|(key, _)| !known.contains(&key.text.as_str()));
            if let Some(step) = unknown {
                let Key { text, place } = &map.entries[step].0;
                return Err(Fault::unknown_field(text, known).here(*place).through(step));
            }
        }
        self.deserialize_map(visitor)
    }

    /// A word, or one key with a value.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let read = match &self.0.kind {
            Kind::Text(word) => {
                let word: StrDeserializer<'_, Fault> = word.as_str().into_deserializer();
                visitor.visit_enum(word)
            }
            Kind::Map(map) if map.entries.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(EntriesOf { map, next: 0 }))
            }
            // Its one key was wrong and was taken out: told already.
            Kind::Map(map) if map.entries.is_empty() && !map.lost.is_empty() => {
                Err(Fault { missing: map.lost.first().cloned(), ..Fault::new("") })
            }
            _ => return Err(self.0.expected("a word, or one key with a value")),
        };
        read.map_err(|fault| fault.here(self.0.place))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == AT {
            visitor.visit_seq(Placed { place: self.0.place, next: 0, value: self })
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
        ignored_any
    }
}

/// The items of a list.
struct Items<'n> {
    items: &'n [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.items.get(self.next) else {
            return Ok(None);
        };
        let step = self.next;
        self.next += 1;
        seed.deserialize(NodeReader(node))
            .map(Some)
            .map_err(|fault| fault.here(node.place).through(step))
    }
}

/// The entries of a mapping.
struct EntriesOf<'n> {
    map: &'n Map,
    next: usize,
}

impl<'de> MapAccess<'de> for EntriesOf<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((key, _)) = self.map.entries.get(self.next) else {
            return Ok(None);
        };
        self.next += 1;
        seed.deserialize(KeyReader(key))
            .map(Some)
            .map_err(|fault| fault.here(key.place).through(self.next - 1))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let step = self.next - 1;
        let node = &self.map.entries[step].1;
        seed.deserialize(NodeReader(node)).map_err(|fault| fault.here(node.place).through(step))
    }
}

/// Reads a key.
#[derive(Clone, Copy)]
struct KeyReader<'n>(&'n Key);

impl<'de> Deserializer<'de> for KeyReader<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(&self.0.text)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == AT {
            visitor.visit_seq(Placed { place: self.0.place, next: 0, value: self })
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let word: StrDeserializer<'_, Fault> = self.0.text.as_str().into_deserializer();
        visitor.visit_enum(word)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// What [`At`](super::At) reads: four numbers, then the value.
struct Placed<R> {
    place: Place,
    next: usize,
    value: R,
}

impl<'de, R: Deserializer<'de, Error = Fault> + Copy> SeqAccess<'de> for Placed<R> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Place { line, column, start, len } = self.place;
        let number = [line, column, start, len].get(self.next).copied();
        self.next += 1;
        match number {
            Some(number) => seed.deserialize(number.into_deserializer()).map(Some),
            None => seed.deserialize(self.value).map(Some),
        }
    }
}
