//! The fixed words that a dialog understands at every step.
//!
//! A word counts only as the whole message: `yes` inside a sentence is talk. Consenting words are
//! stricter than the rest, because they start things: they must be typed as such (not in the other
//! keyboard layout), must not be asked (`실행?`), and only some of them are explicit enough for
//! production.

use super::keyboard::{Layout, other_readings};
use super::normalise::{fold, trim_punctuation};

/// One fixed word, whatever its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// Opens the menu.
    Help,
    /// Ends the dialog.
    Cancel,
    /// Goes one question back.
    Back,
    /// Agrees to what was read back.
    Yes(Consent),
    /// Does not agree to what was read back.
    No,
    /// Everything in the list.
    All,
    /// The next page, or what stands behind "more".
    More,
    /// Approves somebody else's request.
    Approve,
    /// Rejects somebody else's request.
    Reject,
    /// Settles a run whose end is unknown.
    Resolve,
    /// Lets a run begin nothing new for now.
    Hold,
    /// Lets it go on.
    Resume,
    /// Brings a rollout that pauses to its end.
    Promote,
}

/// How plain a yes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Consent {
    /// `예`, `yes`, `실행`: enough for production.
    Explicit,
    /// `네`, `ok`, `확인` …: enough everywhere else.
    Casual,
}

impl Keyword {
    /// True for the words that mean something only in the thread of a run that waits for them. Elsewhere they may
    /// name a function.
    #[must_use]
    pub fn is_for_runs_alone(self) -> bool {
        matches!(self, Self::Hold | Self::Resume | Self::Promote)
    }

    /// True for the words that start or settle something and so must be typed as such.
    #[must_use]
    pub fn consents(self) -> bool {
        matches!(self, Self::Yes(_) | Self::Approve | Self::Resolve | Self::Resume | Self::Promote)
    }
}

/// A fixed word and how it was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Recognised {
    /// The word.
    pub word: Keyword,
    /// Never [`Layout::OtherLayout`] for a word that [consents](Keyword::consents).
    pub layout: Layout,
}

/// The fixed word that the whole message is, if it is one.
#[must_use]
pub fn keyword(text: &str) -> Option<Recognised> {
    let folded = fold(text);
    let bare = trim_punctuation(&folded);
    if bare.is_empty() {
        let asks = !folded.is_empty() && folded.chars().all(|c| c == '?');
        return asks.then_some(Recognised { word: Keyword::Help, layout: Layout::AsTyped });
    }
    if let Some(word) = lookup(bare) {
        let asked = word.consents() && folded.contains('?');
        return (!asked).then_some(Recognised { word, layout: Layout::AsTyped });
    }
    other_readings(text)
        .iter()
        .map(|reading| fold(reading))
        // One key alone is no word: ㅜ is a tear, not an `n`.
        .filter(|reading| trim_punctuation(reading).chars().nth(1).is_some())
        .find_map(|reading| lookup(trim_punctuation(&reading)))
        .filter(|word| !word.consents())
        .map(|word| Recognised { word, layout: Layout::OtherLayout })
}

/// The words that open the menu.
pub(crate) const HELP: [&str; 8] =
    ["help", "menu", "헬프", "도움말", "도움", "도와줘", "도와주세요", "메뉴"];

fn lookup(word: &str) -> Option<Keyword> {
    Some(match word {
        word if HELP.contains(&word) => Keyword::Help,
        "cancel" | "stop" | "quit" | "exit" | "abort" | "취소" | "취소해" | "취소해줘"
        | "취소요" | "그만" | "그만해" | "중지" | "종료" => Keyword::Cancel,
        "back" | "prev" | "previous" | "뒤로" | "뒤로가기" | "이전" | "이전으로" => {
            Keyword::Back
        }
        "yes" | "예" | "실행" => Keyword::Yes(Consent::Explicit),
        "y" | "yep" | "yeah" | "ok" | "okay" | "confirm" | "네" | "넵" | "네네" | "응" | "확인"
        | "좋아" | "좋아요" | "맞아요" | "진행" | "ㅇㅇ" | "ㅇㅋ" => {
            Keyword::Yes(Consent::Casual)
        }
        "no" | "n" | "nope" | "아니오" | "아니요" | "아니" | "아뇨" | "ㄴㄴ" => {
            Keyword::No
        }
        "all" | "everything" | "전체" | "모두" | "전부" | "다" => Keyword::All,
        "more" | "next" | "더" | "더보기" | "더 보기" | "다음" | "다음 페이지" => {
            Keyword::More
        }
        "approve" | "approved" | "승인" | "승인합니다" | "승인해요" => Keyword::Approve,
        "reject" | "rejected" | "deny" | "반려" | "반려합니다" | "거절" => Keyword::Reject,
        "resolve" | "해결" => Keyword::Resolve,
        "hold" | "hold on" | "wait" | "pause" | "잠깐" | "잠깐만" | "잠깐만요" | "잠시만"
        | "잠시만요" | "보류" | "기다려" | "멈춰" => Keyword::Hold,
        "resume" | "continue" | "재개" | "재개해" | "재개해줘" | "재개합니다" | "계속"
        | "계속해" | "계속해줘" => Keyword::Resume,
        "promote" | "승격" | "승격해" | "승격해줘" | "승격합니다" => Keyword::Promote,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::keyboard::as_other_layout;
    use super::*;

    const TYPED: Layout = Layout::AsTyped;
    const OTHER: Layout = Layout::OtherLayout;

    #[test]
    fn words_of_both_languages() {
        use Keyword::{
            All, Approve, Back, Cancel, Help, Hold, More, No, Promote, Reject, Resolve, Resume, Yes,
        };
        for (typed, word, layout) in [
            ("help", Help, TYPED),
            ("HELP!", Help, TYPED),
            ("Ｈｅｌｐ", Help, TYPED),
            ("헬프", Help, TYPED),
            ("도움말.", Help, TYPED),
            ("도와줘", Help, TYPED),
            ("?", Help, TYPED),
            ("？？", Help, TYPED),
            ("help?", Help, TYPED),
            ("ㅗ디ㅔ", Help, OTHER),
            ("ㅗㄷㅣㅔ", Help, OTHER),
            ("gpfvm", Help, OTHER),
            ("Gpfvm", Help, OTHER),
            ("GPFVM", Help, OTHER),
            ("Ehdnaakf", Help, OTHER),
            ("취소", Cancel, TYPED),
            ("그만!", Cancel, TYPED),
            ("stop", Cancel, TYPED),
            ("quit", Cancel, TYPED),
            ("ㅊ뭋디", Cancel, OTHER),
            ("cnlth", Cancel, OTHER),
            ("뒤로", Back, TYPED),
            ("이전", Back, TYPED),
            ("enlfh", Back, OTHER),
            ("예", Yes(Consent::Explicit), TYPED),
            ("예.", Yes(Consent::Explicit), TYPED),
            ("\"yes\"", Yes(Consent::Explicit), TYPED),
            ("ＹＥＳ", Yes(Consent::Explicit), TYPED),
            ("ㅇㅖ", Yes(Consent::Explicit), TYPED),
            ("실행", Yes(Consent::Explicit), TYPED),
            ("네~", Yes(Consent::Casual), TYPED),
            ("y", Yes(Consent::Casual), TYPED),
            ("OK", Yes(Consent::Casual), TYPED),
            ("확인", Yes(Consent::Casual), TYPED),
            ("아니오", No, TYPED),
            ("아니요", No, TYPED),
            ("n", No, TYPED),
            ("ㅜㅐ", No, OTHER),
            ("전체", All, TYPED),
            ("모두", All, TYPED),
            ("미ㅣ", All, OTHER),
            ("더보기", More, TYPED),
            ("다음", More, TYPED),
            ("next", More, TYPED),
            ("승인", Approve, TYPED),
            ("approve", Approve, TYPED),
            ("반려", Reject, TYPED),
            ("resolve", Resolve, TYPED),
            ("잠깐만요!", Hold, TYPED),
            ("hold", Hold, TYPED),
            ("wkaRks", Hold, OTHER),
            ("재개", Resume, TYPED),
            ("resume", Resume, TYPED),
            ("승격", Promote, TYPED),
        ] {
            assert_eq!(keyword(typed), Some(Recognised { word, layout }), "{typed}");
        }
    }

    #[test]
    fn no_word_at_all() {
        for typed in [
            "",
            "   ",
            "1",
            "!",
            "helper",
            "yes please",
            "예약",
            "wallet-api",
            "ㅋㅋ",
            "ㅜ",
            "ㅠㅠ",
            "ㅛ",
            "👍",
            "yes no",
            "> yes",
            "~yes~",
            "don't",
        ] {
            assert_eq!(keyword(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_consent_is_never_read_from_the_other_layout() {
        for word in [
            "yes", "예", "실행", "ok", "okay", "네", "확인", "y", "approve", "승인", "resolve",
            "해결", "진행", "yeah", "resume", "재개", "promote",
        ] {
            assert!(keyword(word).is_some_and(|found| found.word.consents()), "{word}");
            let keys = as_other_layout(word).expect("every word has letters");
            assert_eq!(keyword(&keys), None, "{word} typed as {keys}");
            assert_eq!(
                keyword(&keys.to_uppercase()),
                None,
                "{word} typed as {keys} with caps lock"
            );
        }
    }

    #[test]
    fn a_consent_that_asks_is_none() {
        for typed in ["yes?", "실행?", "예？", "approve?", "확인?!"] {
            assert_eq!(keyword(typed), None, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_consent_is_as_typed(
            chars in prop::collection::vec(any::<char>(), 0..30),
            keys in "[ㄱ-ㅣ가-힣a-zA-Z?!~ ]{0,8}",
        ) {
            for text in [chars.into_iter().collect::<String>(), keys] {
                if let Some(found) = keyword(&text) {
                    prop_assert!(!found.word.consents() || found.layout == TYPED);
                }
            }
        }
    }
}
