//! Putting Hangul together from its letters, as an input method does.
//!
//! All letters are Hangul compatibility jamo (U+3131 … U+3163), which is what keyboards send;
//! syllables are precomposed.

/// Leading consonants in the order of the Unicode syllable formula.
const LEADS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ',
    'ㅌ', 'ㅍ', 'ㅎ',
];
/// Final consonants in the order of the Unicode syllable formula, whose index 0 is "none".
const TAILS: [char; 27] = [
    'ㄱ', 'ㄲ', 'ㄳ', 'ㄴ', 'ㄵ', 'ㄶ', 'ㄷ', 'ㄹ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ', 'ㅀ', 'ㅁ',
    'ㅂ', 'ㅄ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
];
/// Letters made with two keystrokes: first, second, result.
const PAIRS: [(char, char, char); 18] = [
    ('ㅗ', 'ㅏ', 'ㅘ'),
    ('ㅗ', 'ㅐ', 'ㅙ'),
    ('ㅗ', 'ㅣ', 'ㅚ'),
    ('ㅜ', 'ㅓ', 'ㅝ'),
    ('ㅜ', 'ㅔ', 'ㅞ'),
    ('ㅜ', 'ㅣ', 'ㅟ'),
    ('ㅡ', 'ㅣ', 'ㅢ'),
    ('ㄱ', 'ㅅ', 'ㄳ'),
    ('ㄴ', 'ㅈ', 'ㄵ'),
    ('ㄴ', 'ㅎ', 'ㄶ'),
    ('ㄹ', 'ㄱ', 'ㄺ'),
    ('ㄹ', 'ㅁ', 'ㄻ'),
    ('ㄹ', 'ㅂ', 'ㄼ'),
    ('ㄹ', 'ㅅ', 'ㄽ'),
    ('ㄹ', 'ㅌ', 'ㄾ'),
    ('ㄹ', 'ㅍ', 'ㄿ'),
    ('ㄹ', 'ㅎ', 'ㅀ'),
    ('ㅂ', 'ㅅ', 'ㅄ'),
];
const FIRST_SYLLABLE: u32 = 0xAC00;

/// The letters of a precomposed syllable: lead, vowel and perhaps a tail.
pub(super) fn letters(syllable: char) -> Option<(char, char, Option<char>)> {
    if !matches!(syllable, '가'..='힣') {
        return None;
    }
    let index = usize::try_from(u32::from(syllable) - FIRST_SYLLABLE).ok()?;
    let tail = (index % 28).checked_sub(1).map(|at| TAILS[at]);
    Some((LEADS[index / 588], vowel_at(index % 588 / 28), tail))
}

/// Composes each run of loose jamo in which a consonant meets a vowel (`ㅎㅔㄹㅍㅡ` is `헬프`); `ㅋㅋ` and
/// `ㅗ` stay, and so does everything beside a finished syllable, so that the keystrokes of the text
/// never change.
pub(super) fn compose_runs(text: &str) -> String {
    if !text.chars().any(is_jamo) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_jamo) {
        let (before, from) = rest.split_at(start);
        let (run, after) = from.split_at(from.find(|c| !is_jamo(c)).unwrap_or(from.len()));
        out.push_str(before);
        if run.chars().zip(run.chars().skip(1)).any(|(a, b)| LEADS.contains(&a) && is_vowel(b)) {
            let mut composer = Composer::default();
            run.chars().for_each(|c| composer.push(c));
            out.push_str(&composer.finish());
        } else {
            out.push_str(run);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A conjoining jamo that found no partner, as the letter that keyboards send; everything else
/// stays.
pub(super) fn compatibility_jamo(c: char) -> char {
    let from = |first: u32| usize::try_from(u32::from(c).saturating_sub(first)).unwrap_or(0);
    match c {
        '\u{1100}'..='\u{1112}' => LEADS[from(0x1100)],
        '\u{1161}'..='\u{1175}' => vowel_at(from(0x1161)),
        '\u{11A8}'..='\u{11C2}' => TAILS[from(0x11A8)],
        _ => c,
    }
}

/// The composition automaton of an input method: at most one syllable is open at a time.
#[derive(Default)]
pub(super) struct Composer {
    done: String,
    lead: Option<char>,
    vowel: Option<char>,
    tail: Option<char>,
}

impl Composer {
    pub(super) fn push(&mut self, c: char) {
        if is_vowel(c) {
            self.push_vowel(c);
        } else if is_jamo(c) {
            self.push_consonant(c);
        } else {
            self.close();
            self.done.push(c);
        }
    }

    fn push_vowel(&mut self, c: char) {
        if let Some(tail) = self.tail.take() {
            // The last consonant turns out to begin the next syllable: 갃 + ㅏ is 각사.
            let (stays, goes) = split(tail).map_or((None, tail), |(a, b)| (Some(a), b));
            self.tail = stays;
            self.close();
            self.lead = Some(goes);
            self.vowel = Some(c);
        } else if let Some(vowel) = self.vowel {
            if let Some(both) = join(vowel, c) {
                self.vowel = Some(both);
            } else {
                self.close();
                self.vowel = Some(c);
            }
        } else if self.lead.is_none_or(|lead| LEADS.contains(&lead)) {
            self.vowel = Some(c);
        } else {
            // A loose ㄳ cannot lead a syllable.
            self.close();
            self.vowel = Some(c);
        }
    }

    fn push_consonant(&mut self, c: char) {
        let open = self.lead.is_some() && self.vowel.is_some();
        match self.tail {
            None if open && TAILS.contains(&c) => self.tail = Some(c),
            Some(tail) if join(tail, c).is_some() => self.tail = join(tail, c),
            _ => {
                self.close();
                self.lead = Some(c);
            }
        }
    }

    fn close(&mut self) {
        let (lead, vowel, tail) = (self.lead.take(), self.vowel.take(), self.tail.take());
        match lead.zip(vowel).and_then(|(lead, vowel)| syllable(lead, vowel, tail)) {
            Some(whole) => self.done.push(whole),
            None => self.done.extend([lead, vowel, tail].into_iter().flatten()),
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.close();
        self.done
    }
}

fn syllable(lead: char, vowel: char, tail: Option<char>) -> Option<char> {
    let place = |list: &[char], c: char| {
        list.iter().position(|x| *x == c).and_then(|i| u32::try_from(i).ok())
    };
    let tail = tail.map_or(Some(0), |t| place(&TAILS, t).map(|i| i + 1))?;
    let vowel = u32::from(vowel) - u32::from('ㅏ');
    char::from_u32(FIRST_SYLLABLE + place(&LEADS, lead)? * 588 + vowel * 28 + tail)
}

fn join(a: char, b: char) -> Option<char> {
    PAIRS.iter().find(|(x, y, _)| (*x, *y) == (a, b)).map(|(_, _, both)| *both)
}

/// The two keystrokes of a letter that takes two.
pub(super) fn split(c: char) -> Option<(char, char)> {
    PAIRS.iter().find(|(_, _, both)| *both == c).map(|(a, b, _)| (*a, *b))
}

/// The vowels stand without a gap among the compatibility jamo, in the order of the syllable
/// formula.
fn vowel_at(index: usize) -> char {
    ('ㅏ'..='ㅣ').nth(index).unwrap_or('ㅏ')
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'ㅏ'..='ㅣ')
}

pub(super) fn is_jamo(c: char) -> bool {
    matches!(c, 'ㄱ'..='ㅣ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn runs_of_letters_become_syllables() {
        for (letters, expected) in [
            ("ㅎㅔㄹㅍㅡ", "헬프"),
            ("ㅇㅜㅓㄹ", "월"),
            ("ㅇㅝㄹ", "월"),
            ("ㄱㅏㄳ", "갃"),
            ("ㄳㅏ", "ㄳㅏ"),
            ("ㄱㄱㅏ", "ㄱ가"),
            ("a ㅋㅋ ㄱㅏ", "a ㅋㅋ 가"),
            ("각ㅏ", "각ㅏ"),
        ] {
            assert_eq!(compose_runs(letters), expected, "{letters}");
        }
    }

    proptest! {
        #[test]
        fn every_syllable_is_its_letters(c in proptest::char::range('가', '힣')) {
            let (lead, vowel, tail) = letters(c).expect("a syllable");
            prop_assert_eq!(syllable(lead, vowel, tail), Some(c));
        }

        #[test]
        fn composing_twice_changes_nothing(text in "[ㄱ-ㅣ가-힣a ]{0,20}") {
            prop_assert_eq!(compose_runs(&compose_runs(&text)), compose_runs(&text));
        }
    }
}
