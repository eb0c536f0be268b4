//! What `git rev-list` and `git log` say, read. Pure.

use wilco_core::answer::CommitNote;
use wilco_core::time::Timestamp;

use super::Path;
use crate::http::clean;

/// Revision, author, seconds since 1970, subject; with `-z` all are separated by NUL, which stands in none of them.
pub(super) const FORMAT: &str = "--format=%H%x00%an%x00%at%x00%s";
/// How many pieces that makes.
const PIECES: usize = 4;
/// The longest subject that is told, in characters: a line on a phone or two.
const LONGEST_TITLE: usize = 100;
/// The longest name.
const LONGEST_NAME: usize = 40;

/// The two numbers of `rev-list --count --left-right`.
pub(super) fn counts(said: &[u8]) -> Option<(usize, usize)> {
    let (left, right) = std::str::from_utf8(said).ok()?.trim().split_once('\t')?;
    Some((left.parse().ok()?, right.parse().ok()?))
}

/// The commits of a list in [`FORMAT`].
pub(super) fn commits(said: &[u8]) -> Option<Vec<CommitNote>> {
    let said = String::from_utf8_lossy(said);
    let pieces: Vec<&str> = said.strip_suffix('\0').unwrap_or(&said).split('\0').collect();
    let commit = |piece: &[&str]| {
        let [revision, author, at, title] = piece else { return None };
        Some(CommitNote {
            revision: (*revision).to_owned(),
            author: short(author, LONGEST_NAME),
            title: short(title, LONGEST_TITLE),
            at: at.parse().ok().and_then(|at: i64| at.checked_mul(1000)).map(Timestamp),
        })
    };
    pieces.chunks(PIECES).map(commit).collect()
}

/// One line without control characters, cut.
fn short(text: &str, longest: usize) -> String {
    let text = clean(text);
    match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// A place as git reads it, whatever characters are in it.
pub(super) fn pathspec(path: &Path) -> String {
    match path {
        Path::Exactly(path) => format!(":(top,literal){path}"),
        Path::Fitting(path) => format!(":(top,glob){path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read() {
        let said = b"aa\0Mina Kim\x001795392000\0wallet 1.5.0\0bb\0\xff\0x\0\0";
        let read = commits(said).unwrap();
        let told: Vec<_> =
            read.iter().map(|one| (one.author.as_str(), one.title.as_str())).collect();
        assert_eq!(told, [("Mina Kim", "wallet 1.5.0"), ("\u{fffd}", "")]);
        assert_eq!(read[0].at, Some(Timestamp(1_795_392_000_000)));
        assert_eq!(read[1].at, None);
        assert!(commits(b"aa\0b").is_none() && commits(b"").is_none());
        assert_eq!((counts(b"2\t3\n"), counts(b"2"), counts(b"")), (Some((2, 3)), None, None));
    }

    #[test]
    fn long_and_hostile_words_are_cut_and_cleaned() {
        let said = format!("aa\0A\x1b[31m\u{7}\0{}\0{}", "1", "x".repeat(5000));
        let read = commits(said.as_bytes()).unwrap();
        assert!(!read[0].author.contains('\x1b') && !read[0].author.contains('\u{7}'));
        assert_eq!(read[0].title.chars().count(), LONGEST_TITLE + 1);
    }
}
