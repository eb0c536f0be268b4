//! Reading YAML so that *all* mistakes of a file are told at once, each with its place.
//!
//! serde stops at the first mistake. So a file is read in two steps:
//!
//! 1. `node`: YAML → a tree whose every key and value knows its place. What is not YAML ends here.
//! 2. `de`: tree → the wanted type, through its ordinary `Deserialize`. When that fails, the mistake
//!    is noted, the entry that holds it is taken out of the tree, and the rest is read again, until
//!    nothing fails.
//!
//! Unknown keys of structs are always mistakes here. [`At`] keeps the place of a value for checks
//! that come later, such as whether a name exists.

mod at;
mod de;
mod node;

pub use at::{At, Entries};

use serde::de::DeserializeOwned;

use super::diagnostic::{Diagnostic, Place};
use node::Node;

/// The largest file that is read, in bytes: far above any honest runbook or configuration.
pub const FILE_MAX_BYTES: usize = 512 * 1024;
/// More mistakes than anybody wants to read at once.
const MISTAKES_MAX: usize = 100;

/// What reading a file gave.
#[derive(Debug)]
pub struct Reading<'s, T> {
    /// The text of the file, if it is text.
    pub source: &'s str,
    /// What could be read. With mistakes it lacks the entries that hold them; `None` when not even
    /// the outermost level could be read.
    pub value: Option<T>,
    /// What is wrong, in the order of the file.
    pub mistakes: Vec<Diagnostic>,
    /// Outermost keys that stand in the file but not in `value`, because something in them is wrong.
    pub lost: Vec<String>,
}

/// Reads a file. `later` are keys and words that are designed and do not exist yet: they are refused
/// as such, not as misspelt.
#[must_use]
pub fn read<'s, T: DeserializeOwned>(
    file: &str,
    source: &'s [u8],
    later: &[&str],
) -> Reading<'s, T> {
    let text = match text_of(file, source) {
        Ok(text) => text,
        Err((text, mistake)) => {
            return Reading { source: text, value: None, mistakes: vec![mistake], lost: vec![] };
        }
    };
    let mut tree = match node::parse(file, text) {
        Ok(tree) => tree,
        Err(mistake) => {
            return Reading { source: text, value: None, mistakes: vec![mistake], lost: vec![] };
        }
    };
    let (value, mistakes) = read_tree(file, &mut tree, later);
    Reading { source: text, value, mistakes, lost: tree.lost_keys() }
}

/// The file as text, or the part of it that is text and why the rest is not.
fn text_of<'s>(file: &str, source: &'s [u8]) -> Result<&'s str, (&'s str, Diagnostic)> {
    if source.len() > FILE_MAX_BYTES {
        let message = format!("the file has {} bytes; {FILE_MAX_BYTES} are allowed", source.len());
        return Err(("", Diagnostic::at(file, Place::START, message)));
    }
    let text = std::str::from_utf8(source).map_err(|error| {
        let valid = std::str::from_utf8(&source[..error.valid_up_to()]).unwrap_or_default();
        let place = Place::of_bytes(valid, valid.len(), 0);
        (valid, Diagnostic::at(file, place, "this is not UTF-8 text"))
    })?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if let Some(at) = text.find('\0') {
        let place = Place::of_bytes(text, at, 1);
        return Err((text, Diagnostic::at(file, place, "a NUL character; this is not text")));
    }
    Ok(text)
}

/// Reads the tree again and again, each time without the entry that was wrong.
fn read_tree<T: DeserializeOwned>(
    file: &str,
    tree: &mut Node,
    later: &[&str],
) -> (Option<T>, Vec<Diagnostic>) {
    let mut mistakes: Vec<Diagnostic> = Vec::new();
    let value = loop {
        let fault = match T::deserialize(de::NodeReader(&*tree)) {
            Ok(value) => break Some(value),
            Err(fault) => fault,
        };
        let path: Vec<usize> = fault.path.iter().rev().copied().collect();
        // A key is missing only because it was taken out: told already.
        let told = fault.missing.as_deref().is_some_and(|key| tree.lost(&path, key));
        if !told {
            let place = fault.place.unwrap_or(tree.place);
            let too_early = fault.unknown.filter(|word| later.contains(&word.as_str()));
            let mistake = match too_early {
                Some(word) => Diagnostic::at(file, place, format!("`{word}` is not supported yet")),
                None => Diagnostic {
                    suggestion: fault.suggestion,
                    ..Diagnostic::at(file, place, fault.message)
                },
            };
            mistakes.push(mistake);
        }
        if mistakes.len() >= MISTAKES_MAX || !tree.take_out(&path) {
            break None;
        }
    };
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    (value, mistakes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: At<String>,
        #[serde(default)]
        count: Option<u8>,
        #[serde(default)]
        many: bool,
        #[serde(default)]
        parts: Vec<Part>,
        #[serde(default)]
        free: BTreeMap<String, Part>,
        #[serde(default)]
        order: Option<Order>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Part {
        size: u32,
        #[serde(default)]
        with: Entries,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Order {
        Listed,
        Parallel(usize),
    }

    fn sample(source: &str) -> (Option<Sample>, Vec<String>) {
        let reading = read::<Sample>("f", source.as_bytes(), &["sooner"]);
        (reading.value, reading.mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_right_file_is_read_with_places() {
        let (value, mistakes) = sample(
            "name: 'x'\ncount: 3\nmany: true\nparts:\n  - { size: 1, with: { a: '{{ b }}' } }\nfree: { k: { size: 2 } }\norder: { parallel: 4 }\n",
        );
        assert_eq!(mistakes, [""; 0]);
        let value = value.unwrap();
        assert_eq!((value.name.value.as_str(), value.name.place.column), ("x", 7));
        assert_eq!((value.count, value.many, value.parts[0].size), (Some(3), true, 1));
        let (key, entry) = &value.parts[0].with.0[0];
        assert_eq!((key.value.as_str(), key.place.line, key.place.column), ("a", 5, 24));
        assert_eq!(
            (entry.value.as_str(), entry.place.line, entry.place.column),
            ("{{ b }}", 5, 27)
        );
        assert_eq!(value.free["k"].size, 2);
        assert_eq!(value.order, Some(Order::Parallel(4)));
        assert_eq!(sample("name: x\norder: listed\n").0.unwrap().order, Some(Order::Listed));
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let (value, mistakes) = sample(
            "name: x\nnmae: y\ncount: 300\nmany: yes\nparts:\n  - size: big\n  - size: 2\n    with: [1]\n  - {}\n  - text\norder: sideways\nfree:\n  a: { size: 1, sise: 2 }\n",
        );
        assert_eq!(
            mistakes,
            [
                "f:2:1: unknown key `nmae`. Did you mean `name`?",
                "f:3:8: 300 is out of range",
                "f:4:7: expected true or false, found the text `yes`",
                "f:6:11: expected a whole number, found the text `big`",
                "f:8:11: expected keys with values, found a list",
                "f:9:5: the key `size` is missing",
                "f:10:5: expected keys with values, found a text",
                "f:11:8: unknown word `sideways`; known are `listed` and `parallel`",
                "f:13:17: unknown key `sise`. Did you mean `size`?",
            ]
        );
        // What is right is still there.
        let value = value.unwrap();
        assert_eq!((value.name.value.as_str(), value.parts.len()), ("x", 1));
    }

    #[test]
    fn a_lost_key_is_not_told_twice() {
        assert_eq!(
            sample("name: 5\n").1,
            ["f:1:7: expected text, found the number 5; put it in quotes"]
        );
        assert_eq!(sample("parts: []\n").1, ["f:1:1: the key `name` is missing"]);
    }

    #[test]
    fn what_does_not_exist_yet_is_refused_as_such() {
        assert_eq!(
            sample("name: x\nsooner: 1\norder: sooner\n").1,
            ["f:2:1: `sooner` is not supported yet", "f:3:8: `sooner` is not supported yet"]
        );
    }

    #[test]
    fn what_stands_empty_is_no_value() {
        assert_eq!(
            sample("name: x\ncount:\n").1,
            ["f:2:6: nothing stands here; give it a value or leave the key out"]
        );
    }

    #[test]
    fn what_is_not_yaml_is_told_with_its_place() {
        let first = |source: &str| sample(source).1[0].clone();
        assert_eq!(
            first("name: x\n\tcount: 1\n"),
            "f:2:1: a tab indents this line; YAML wants spaces"
        );
        assert_eq!(first("name: x\nname: y\n"), "f:2:1: the key `name` stands here a second time");
        assert_eq!(first(""), "f:1:1: the file is empty");
        assert_eq!(first("# nothing\n"), "f:1:1: the file is empty");
        assert_eq!(
            first("name: x\n---\nname: y\n"),
            "f:2:1: a file holds one document; `---` begins another"
        );
        assert_eq!(first("- name\n"), "f:1:1: expected keys with values, found a list");
        for (source, expected) in [
            ("name: [x\n", "f:1:7: unclosed bracket '['"),
            ("name: \"x\n", "f:1:7: unclosed quote"),
            ("name: *gone\n", "f:1:7: alias references unknown anchor"),
            ("<<: { name: x }\n", "f:1:1: merge keys (`<<`) are not supported"),
            ("a: b: c\n", "f:1:5: mapping values are not allowed in this context"),
            ("name: @x\n", "f:1:7: unexpected character: `@'"),
            ("5: 3\n", "f:1:1: unknown key `5`"),
        ] {
            assert_eq!(first(source), expected, "{source}");
        }
        assert!(first("name: !exec x\n").starts_with("f:1:"));
        assert!(first("name: &a [*a]\n").starts_with("f:1:"));
        assert!(first("name: {{ x }}\n").ends_with("a value with braces wants quotes around it"));
        assert_eq!(first("name: x\0"), "f:1:8: a NUL character; this is not text");
    }

    #[test]
    fn what_is_not_text_or_too_large_is_told() {
        let told = |source: &[u8]| read::<Sample>("f", source, &[]).mistakes[0].to_string();
        assert_eq!(told(b"name: x\nko: \xff"), "f:2:5: this is not UTF-8 text");
        assert_eq!(
            told(&vec![b'#'; 5 << 20]),
            "f:1:1: the file has 5242880 bytes; 524288 are allowed"
        );
    }

    #[test]
    fn bombs_are_stopped() {
        let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x, x]\n");
        for (name, last) in ('b'..'k').zip('a'..) {
            let ten = vec![format!("*{last}"); 10].join(", ");
            bomb = format!("{bomb}{name}: &{name} [{ten}]\n");
        }
        let told = &sample(&bomb).1;
        assert_eq!(told.len(), 1, "{told:?}");
        let deep = format!("name: {}x{}\n", "[".repeat(20_000), "]".repeat(20_000));
        assert_eq!(sample(&deep).1.len(), 1);
        let deep: Vec<String> = (0..600).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
        let deep = deep.concat();
        assert_eq!(sample(&deep).1.len(), 1);
    }

    #[test]
    fn a_byte_order_mark_is_no_mistake() {
        assert_eq!(sample("\u{FEFF}name: x\n").0.unwrap().name.value, "x");
    }

    #[test]
    fn mistakes_without_end_are_cut() {
        let many: Vec<String> = (0..5000).map(|i| format!("unknown{i}: 1\n")).collect();
        assert_eq!(sample(&many.concat()).1.len(), MISTAKES_MAX);
    }
}
