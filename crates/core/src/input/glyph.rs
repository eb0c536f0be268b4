//! What one typed character stands for.
//!
//! NFKC as a whole would be too much: it also turns `²` into `2`, takes Hangul compatibility jamo
//! apart and opens ligatures, so that different names become equal. Only what keyboards, phones and
//! chat clients really put in place of a plain character is mapped here.

use unicode_normalization::UnicodeNormalization;

/// The plain reading of one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glyph {
    /// Invisible: zero-width, bidi control, variation selector, filler, control character.
    Nothing,
    /// Any white space, line breaks included.
    Space,
    /// Itself, or the plain character that it replaces.
    Plain(char),
    /// `…`, which phones make of three dots.
    Dots,
    /// A number in one character: `①`, `⑴`, `⒈`, `🔟`.
    Number(u32),
    /// The end of a keycap emoji; the digit before it is complete (`1️⃣2️⃣` is 1 and 2, not 12).
    Keycap,
}

/// Reads one character of an NFC text.
pub(super) fn read(c: char) -> Glyph {
    if matches!(c, ' '..='~' | '가'..='힣') {
        return if c == ' ' { Glyph::Space } else { Glyph::Plain(c) };
    }
    if c.is_whitespace() {
        return Glyph::Space;
    }
    if invisible(c) {
        return Glyph::Nothing;
    }
    if let Some(n) = enclosed_number(c) {
        return Glyph::Number(n);
    }
    match c {
        '\u{20E3}' => Glyph::Keycap,
        '…' => Glyph::Dots,
        _ => Glyph::Plain(plain(c)),
    }
}

fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{FEFF}' | '\u{FFFC}'
            // Hangul fillers: an input method puts them around a lone jamo.
            | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}'
            | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// The value of a number written as one character (Unicode blocks Enclosed Alphanumerics, Dingbats,
/// Enclosed CJK).
fn enclosed_number(c: char) -> Option<u32> {
    let from = |first: char, value: u32| Some(u32::from(c) - u32::from(first) + value);
    match c {
        '①'..='⑳' => from('①', 1),
        '⑴'..='⒇' => from('⑴', 1),
        '⒈'..='⒛' => from('⒈', 1),
        '⓪' | '⓿' | '🄋' | '🄌' => Some(0),
        '⓫'..='⓴' => from('⓫', 11),
        '⓵'..='⓾' => from('⓵', 1),
        '❶'..='❿' => from('❶', 1),
        '➀'..='➉' => from('➀', 1),
        '➊'..='➓' => from('➊', 1),
        '㉑'..='㉟' => from('㉑', 21),
        '㊱'..='㊿' => from('㊱', 36),
        '🔟' => Some(10),
        _ => None,
    }
}

fn plain(c: char) -> char {
    let shifted = |first: char, to: char| {
        char::from_u32(u32::from(c) - u32::from(first) + u32::from(to)).unwrap_or(c)
    };
    match c {
        '～' | '〜' | '∼' | '˜' => '~',
        '＇' | '‘' | '’' | '‚' | '‛' | '′' | 'ʼ' | '´' => '\'',
        '＂' | '“' | '”' | '„' | '‟' | '″' | '「' | '」' | '『' | '』' | '«' | '»' | '〝'
        | '〞' => '"',
        '！'..='｝' => shifted('！', '!'),
        '‐'..='―' | '−' | '﹘' | '﹣' | '⁃' => '-',
        '、' | '､' => ',',
        '。' | '｡' | '․' => '.',
        '⁄' | '∕' => '/',
        // ㆍ is on every Korean keyboard and used as the middle dot of a list.
        'ㆍ' | '･' | '・' | '‧' | '∙' | '⋅' => '·',
        '₩' | '￦' => '₩',
        // Half-width jamo, in the order of the compatibility jamo with gaps.
        '\u{FFA1}'..='\u{FFBE}' => shifted('\u{FFA1}', 'ㄱ'),
        '\u{FFC2}'..='\u{FFC7}' => shifted('\u{FFC2}', 'ㅏ'),
        '\u{FFCA}'..='\u{FFCF}' => shifted('\u{FFCA}', 'ㅕ'),
        '\u{FFD2}'..='\u{FFD7}' => shifted('\u{FFD2}', 'ㅛ'),
        '\u{FFDA}'..='\u{FFDC}' => shifted('\u{FFDA}', 'ㅡ'),
        // Mathematical letters and digits, used as "fonts" (𝗵𝗲𝗹𝗽): each stands for exactly one
        // plain character.
        '\u{1D400}'..='\u{1D7FF}' => std::iter::once(c).nfkc().next().unwrap_or(c),
        _ => c,
    }
}
