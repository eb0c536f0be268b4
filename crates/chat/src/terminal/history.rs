//! The lines of earlier sessions, in a file of the person's own.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::edit::is_kept;

/// How many lines are read again; the file is cut to them at the start of a session.
const KEPT: usize = 1_000;

/// The file. After a fault it is left alone: one sentence is enough.
pub(super) struct History {
    file: Option<PathBuf>,
    newest: Option<String>,
}

impl History {
    /// The lines that are there, the newest last, and a sentence when they cannot be read.
    pub(super) fn open(file: Option<PathBuf>) -> (Self, Vec<String>, Option<String>) {
        let read = file.as_deref().map(read).transpose();
        match read {
            Ok(lines) => {
                let lines = lines.unwrap_or_default();
                (Self { file, newest: lines.last().cloned() }, lines, None)
            }
            Err(fault) => {
                let told = file.as_deref().map(|file| sentence(file, &fault));
                (Self { file: None, newest: None }, vec![], told)
            }
        }
    }

    /// Keeps a line; a sentence when that fails.
    pub(super) fn keep(&mut self, line: &str) -> Option<String> {
        let file = self.file.as_deref()?;
        if !is_kept(line) || self.newest.as_deref() == Some(line) {
            return None;
        }
        self.newest = Some(line.to_owned());
        let fault = append(file, line).err()?;
        let told = sentence(file, &fault);
        self.file = None;
        Some(told)
    }
}

fn sentence(file: &Path, fault: &io::Error) -> String {
    format!("what you type is not remembered after this session: {}: {fault}", file.display())
}

/// What is no text is left out rather than refused: half a character may be the end of a line that
/// a full disk has cut.
fn read(file: &Path) -> io::Result<Vec<String>> {
    let content = match fs::read(file) {
        Ok(content) => content,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(fault) => return Err(fault),
    };
    let content = String::from_utf8_lossy(&content);
    let all: Vec<String> = content.lines().filter(|line| is_kept(line)).map(harmless).collect();
    let newest = all[all.len().saturating_sub(KEPT)..].to_vec();
    // Not at every start, so that sessions side by side rarely meet in it.
    if all.len() > 2 * KEPT {
        let aside = file.with_extension("new");
        let mut out = private(OpenOptions::new().create(true).write(true).truncate(true), &aside)?;
        out.write_all((newest.join("\n") + "\n").as_bytes())?;
        fs::rename(&aside, file)?;
    }
    Ok(newest)
}

fn harmless(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).collect()
}

/// One write, so that lines of two sessions never stand in each other.
fn append(file: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut out = private(OpenOptions::new().create(true).append(true), file)?;
    out.write_all(format!("{line}\n").as_bytes())
}

/// What somebody typed is nobody else's to read.
fn private(options: &mut OpenOptions, file: &Path) -> io::Result<fs::File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(file)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{History, KEPT};

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("wilco-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn lines_are_there_in_the_next_session_and_only_for_their_person() {
        let folder = Folder::new("history-lines");
        let file = folder.0.join("wilco/chat-history");
        let (mut history, lines, told) = History::open(Some(file.clone()));
        assert_eq!((lines, told), (vec![], None));
        for line in ["배포 wallet-api", "배포 wallet-api", " hidden", "", "yes"] {
            assert_eq!(history.keep(line), None);
        }
        let (_, lines, told) = History::open(Some(file.clone()));
        assert_eq!((lines, told), (vec!["배포 wallet-api".to_owned(), "yes".to_owned()], None));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_long_file_is_cut_to_its_newest_lines() {
        let folder = Folder::new("history-long");
        let file = folder.0.join("chat-history");
        let lines: Vec<_> = (0..3 * KEPT).map(|number| format!("line {number}")).collect();
        fs::write(&file, lines.join("\n")).unwrap();
        let (_, lines, _) = History::open(Some(file.clone()));
        assert_eq!((lines.len(), lines[0].as_str()), (KEPT, "line 2000"));
        assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), KEPT);
    }

    #[test]
    fn what_is_no_text_is_read_as_far_as_it_goes() {
        let folder = Folder::new("history-bytes");
        let file = folder.0.join("chat-history");
        fs::write(&file, b"one\nt\x1b[2Jwo\n\xeb\xb0").unwrap();
        let (_, lines, told) = History::open(Some(file));
        assert_eq!(told, None);
        assert_eq!(lines, ["one", "t[2Jwo", "\u{fffd}"]);
    }

    #[test]
    fn a_file_that_cannot_be_used_is_told_once() {
        let folder = Folder::new("history-fault");
        // A folder cannot be read as a file, by nobody.
        let (mut history, lines, told) = History::open(Some(folder.0.clone()));
        assert!(lines.is_empty());
        assert!(told.unwrap().starts_with("what you type is not remembered after this session: "));
        assert_eq!(history.keep("yes"), None);
        // A file in place of the folder: nothing to read, and nothing can be written.
        fs::write(folder.0.join("file"), "").unwrap();
        let (_, _, told) = History::open(Some(folder.0.join("file/chat-history")));
        assert!(told.is_some());
    }
}
