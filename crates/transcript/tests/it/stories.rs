//! The stories themselves: found, and worth keeping.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use wilco_transcript::Story;

/// Where they stand.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/transcripts")
}

/// One story by its path below the folder, without `.chat`.
pub(crate) fn named(name: &str) -> Story {
    let path = folder().join(format!("{name}.chat"));
    Story::read(&path, &BTreeMap::new()).unwrap_or_else(|problem| panic!("{problem}"))
}

/// All of them.
pub(crate) fn all() -> Vec<Story> {
    let mut files = Vec::new();
    collect(&folder(), &mut files);
    files.retain(|file| file.extension().is_some_and(|end| end == "chat"));
    let read = |file: &PathBuf| {
        Story::read(file, &BTreeMap::new()).unwrap_or_else(|problem| panic!("{problem}"))
    };
    files.iter().map(read).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("the folder of the stories is there");
    for entry in entries {
        let path = entry.expect("its entries can be read").path();
        if path.is_dir() { collect(&path, into) } else { into.push(path) }
    }
    into.sort();
}

#[test]
fn every_story_says_why_and_tells_something() {
    let stories = all();
    assert!(stories.len() >= 45, "only {} stories were found", stories.len());
    for story in &stories {
        let file = story.path.display();
        assert!(
            story.why().is_some(),
            "{file} does not begin with `# ` and why it is worth keeping"
        );
        assert!(story.told() > 0, "{file} tells nothing: bless it");
    }
}

#[test]
fn every_other_file_is_named_by_a_story_beside_it() {
    let mut files = Vec::new();
    collect(&folder(), &mut files);
    let (stories, others): (Vec<PathBuf>, Vec<PathBuf>) =
        files.into_iter().partition(|file| file.extension().is_some_and(|end| end == "chat"));
    for other in others {
        let name = other.file_name().expect("a file has a name").to_string_lossy().into_owned();
        let named = stories.iter().filter(|story| story.parent() == other.parent()).any(|story| {
            let text = std::fs::read_to_string(story).expect("a story can be read");
            text.lines().any(|line| line == format!("! runbook {name}"))
        });
        assert!(named, "no story names {}", other.display());
    }
}
