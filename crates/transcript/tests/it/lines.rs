//! No message of any story is longer than a phone shows: `docs/design/messages-on-a-phone.md`.

use crate::stories;

/// Head, five rows, foot, and what an earlier answer lacked.
const LINES: usize = 8;
/// The same where a room reads two languages: what differs stands there twice.
const LINES_BOTH: usize = 10;

/// The lines of each message of a story, from its first to its last before "more" and the buttons.
fn messages(story: &str) -> Vec<Vec<&str>> {
    let mut messages: Vec<Vec<&str>> = Vec::new();
    let mut open = false;
    for line in story.lines() {
        let begins = line.starts_with("    bot ") || line.starts_with("    edit ");
        let goes_on = open && line.starts_with("           | ");
        match messages.last_mut() {
            Some(last) if goes_on => last.push(line),
            _ if begins => messages.push(vec![line]),
            _ => {}
        }
        open = begins || goes_on;
    }
    messages
}

#[test]
fn every_message_fits_a_phone() {
    let mut seen = 0;
    for story in stories::all() {
        let text = std::fs::read_to_string(&story.path).expect("a story can be read");
        for message in messages(&text) {
            seen += 1;
            let most = if message[0].contains("#both") { LINES_BOTH } else { LINES };
            assert!(message.len() <= most, "{}: {message:#?}", story.path.display());
        }
    }
    assert!(seen > 500, "only {seen} messages were found");
}
