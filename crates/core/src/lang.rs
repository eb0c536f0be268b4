//! The two languages Wilco speaks, and text that always exists in both.

use serde::{Deserialize, Serialize};

/// In which language a room or a person reads.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Korean.
    Ko,
    /// English.
    #[default]
    En,
    /// Korean, then English.
    Both,
}

impl Lang {
    /// The language that a text is written in: Korean where there is Hangul in it.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if has_hangul(text) { Self::Ko } else { Self::En }
    }
}

/// Whether a text has Hangul in it, in any form of composition.
#[must_use]
pub fn has_hangul(text: &str) -> bool {
    let hangul = |c| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}');
    text.chars().any(hangul)
}

/// One thing said in both languages. There is no way to make a sentence that lacks one of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

impl Text {
    /// A sentence in both languages.
    pub fn new(en: impl Into<String>, ko: impl Into<String>) -> Self {
        Self { en: en.into(), ko: ko.into() }
    }

    /// A name or a tool's own words, the same in both languages.
    pub fn verbatim(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { ko: text.clone(), en: text }
    }

    /// The words for a reader of `lang`. `Both` gives Korean, then English; lines that are equal in
    /// both, such as the choices of a list, stand there once.
    #[must_use]
    pub fn to(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.en.clone(),
            Lang::Ko => self.ko.clone(),
            Lang::Both if self.en == self.ko => self.en.clone(),
            Lang::Both => self.to_both(),
        }
    }

    fn to_both(&self) -> String {
        if self.ko.lines().count() != self.en.lines().count() {
            return format!("{}\n{}", self.ko, self.en);
        }
        let (mut lines, mut english) = (Vec::new(), Vec::new());
        for (ko, en) in self.ko.lines().zip(self.en.lines()) {
            if ko == en {
                lines.append(&mut english);
            } else {
                english.push(en);
            }
            lines.push(ko);
        }
        lines.append(&mut english);
        lines.join("\n")
    }

    /// Whether nothing would be said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.en.is_empty() && self.ko.is_empty()
    }

    /// This text, then another one on the next line; empty ones add no line.
    #[must_use]
    pub fn line(mut self, next: &Self) -> Self {
        for (own, add) in [(&mut self.en, &next.en), (&mut self.ko, &next.ko)] {
            if !own.is_empty() && !add.is_empty() {
                own.push('\n');
            }
            own.push_str(add);
        }
        self
    }

    /// Several texts, one under the other.
    #[must_use]
    pub fn lines(texts: impl IntoIterator<Item = Self>) -> Self {
        texts.into_iter().fold(Self::default(), |all, next| all.line(&next))
    }

    /// Several texts in one line with `between` between them.
    #[must_use]
    pub fn join(texts: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let mut all = Self::default();
        for (i, next) in texts.into_iter().enumerate() {
            if i > 0 {
                all.en.push_str(between);
                all.ko.push_str(between);
            }
            all.en.push_str(&next.en);
            all.ko.push_str(&next.ko);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_once_what_is_equal() {
        let both = |en: &str, ko: &str| Text::new(en, ko).to(Lang::Both);
        assert_eq!(
            both("Which?\n1. a\n2. b\nmore", "뭐?\n1. a\n2. b\n더"),
            "뭐?\nWhich?\n1. a\n2. b\n더\nmore"
        );
        assert_eq!(both("a b\nc", "가\n나"), "가\n나\na b\nc");
        assert_eq!(
            both("one\ntwo", "하나"),
            "하나\none\ntwo",
            "different lines are told apart whole"
        );
        assert_eq!(both("same\nsame", "same\nsame"), "same\nsame");
    }
}
