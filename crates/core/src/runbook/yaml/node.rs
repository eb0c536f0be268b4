//! A YAML file as a tree whose every key and value knows its place.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Location, Spanned};

use crate::runbook::diagnostic::{Diagnostic, Place};

/// A value with its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

/// Keys with values, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Map {
    pub(super) entries: Vec<(Key, Node)>,
    /// Keys that were taken out because something in them was wrong.
    pub(super) lost: Vec<String>,
}

/// A key with its place.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) place: Place,
    pub(super) text: String,
}

/// Reads a file into a tree, within limits that no honest file reaches.
pub(super) fn parse(file: &str, source: &str) -> Result<Node, Diagnostic> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 200_000,
            max_nodes: 50_000,
            max_depth: 48,
            flow_nesting_limit: 48,
            max_aliases: 200,
            max_anchors: 200,
            max_documents: 1,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 20_000,
            max_replay_stack_depth: 8,
        },
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    };
    let nothing = source.lines().all(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line == "---"
    });
    if nothing {
        return Err(Diagnostic::at(file, Place::START, "the file is empty"));
    }
    serde_saphyr::from_str_with_options(source, options)
        .map_err(|error| Diagnostic::from_yaml_error(file, source, &error))
}

impl Node {
    /// Takes the entry at a path of positions out of the tree. False for the tree itself.
    pub(super) fn take_out(&mut self, path: &[usize]) -> bool {
        let Some((last, way)) = path.split_last() else {
            return false;
        };
        let Some(parent) = self.descend_mut(way) else {
            return false;
        };
        match &mut parent.kind {
            Kind::List(items) if *last < items.len() => {
                items.remove(*last);
                true
            }
            Kind::Map(map) if *last < map.entries.len() => {
                let (key, _) = map.entries.remove(*last);
                map.lost.push(key.text);
                true
            }
            _ => false,
        }
    }

    /// Whether this key was taken out of the mapping at a path.
    pub(super) fn lost(&mut self, path: &[usize], key: &str) -> bool {
        self.descend_mut(path).is_some_and(|node| match &node.kind {
            Kind::Map(map) => map.lost.iter().any(|lost| lost == key),
            _ => false,
        })
    }

    /// The keys that were taken out of the tree's outermost mapping.
    pub(super) fn lost_keys(self) -> Vec<String> {
        match self.kind {
            Kind::Map(map) => map.lost,
            _ => Vec::new(),
        }
    }

    fn descend_mut(&mut self, path: &[usize]) -> Option<&mut Self> {
        path.iter().try_fold(self, |node, step| match &mut node.kind {
            Kind::List(items) => items.get_mut(*step),
            Kind::Map(map) => map.entries.get_mut(*step).map(|(_, value)| value),
            _ => None,
        })
    }
}

fn place(location: Location) -> Place {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let span = location.span();
    Place {
        line: number(location.line()),
        column: number(location.column()),
        start: span.byte_offset().map_or(0, number),
        len: span.byte_len().map_or(0, number),
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Kind>::deserialize(from)?;
        Ok(Self { place: place(spanned.referenced), kind: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Kind, D::Error> {
        from.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Int(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Int(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Kind, E> {
        Ok(Kind::Int(value))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Kind, E> {
        Ok(Kind::Int(i128::try_from(value).unwrap_or(i128::MAX)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        Ok(Kind::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Kind, E> {
        Ok(Kind::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Kind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Kind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<String>, Node>()? {
            entries.push((Key { place: place(key.referenced), text: key.value }, value));
        }
        Ok(Kind::Map(Map { entries, lost: Vec::new() }))
    }
}
