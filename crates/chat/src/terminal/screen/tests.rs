//! What somebody in front of a window sees.

use std::io::Write;
use std::sync::{Arc, Mutex};

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::super::block::Block;
use super::super::style::{Line, Style};
use super::{Look, Prompt, Screen, Size};

/// A window: what the few sequences that are written here make of it. Rows that leave it at the top
/// stay, as in the scrollback of a terminal, and cannot be reached any more.
struct Glass {
    size: Size,
    rows: Vec<Vec<String>>,
    row: usize,
    column: usize,
}

impl Glass {
    fn new(size: Size) -> Self {
        Self { size, rows: vec![vec![]], row: 0, column: 0 }
    }

    fn top(&self) -> usize {
        self.rows.len().saturating_sub(self.size.rows)
    }

    fn put(&mut self, shown: &str) {
        let width = shown.width();
        assert!(
            self.column + width <= self.size.columns,
            "{shown} is left to the terminal to wrap"
        );
        let row = &mut self.rows[self.row];
        row.resize(row.len().max(self.column + width), " ".to_owned());
        row[self.column] = shown.to_owned();
        for rest in 1..width {
            row[self.column + rest] = String::new();
        }
        self.column += width;
    }

    fn csi(&mut self, number: usize, last: &str) {
        match last {
            "A" => self.row = self.row.saturating_sub(number).max(self.top()),
            "C" => self.column += number,
            "J" => {
                self.rows.truncate(self.row + 1);
                self.rows[self.row].truncate(self.column);
            }
            "m" => {}
            other => panic!("an unknown sequence: {other}"),
        }
    }

    fn write(&mut self, text: &str) {
        let mut all = text.graphemes(true);
        while let Some(next) = all.next() {
            match next {
                "\r\n" => {
                    (self.row, self.column) = (self.row + 1, 0);
                    if self.row == self.rows.len() {
                        self.rows.push(vec![]);
                    }
                }
                "\r" => self.column = 0,
                "\u{1b}" => {
                    assert_eq!(all.next(), Some("["));
                    let mut number = String::new();
                    let last = loop {
                        let next = all.next().unwrap();
                        if !next.chars().all(|c| c.is_ascii_digit() || c == ';') {
                            break next;
                        }
                        number.push_str(next);
                    };
                    self.csi(number.parse().unwrap_or(1), last);
                }
                shown => self.put(shown),
            }
        }
    }

    fn text(&self) -> String {
        let rows = self.rows.iter().map(|row| row.concat().trim_end().to_owned());
        rows.collect::<Vec<_>>().join("\n")
    }
}

#[derive(Clone)]
struct Shared(Arc<Mutex<Glass>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(std::str::from_utf8(bytes).unwrap());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Scene {
    glass: Arc<Mutex<Glass>>,
    screen: Screen,
}

impl Scene {
    fn new(columns: usize, rows: usize) -> Self {
        let glass = Arc::new(Mutex::new(Glass::new(Size { columns, rows })));
        let asked = Arc::clone(&glass);
        let window = Box::new(move || asked.lock().unwrap().size);
        let look = Look { colors: true, window: Some(window) };
        let screen = Screen::new(Box::new(Shared(Arc::clone(&glass))), look);
        Self { glass, screen }
    }

    fn message(&mut self, id: &str, text: &str) {
        self.screen.show(id, Block::plain(id, text)).unwrap();
    }

    fn typed(&mut self, typed: &str, at: usize) {
        let label = Line::of(Style::Person, "mina> ");
        self.screen.set_prompt(Some(Prompt { label, typed: typed.to_owned(), at })).unwrap();
    }

    fn sees(&self, expected: &[&str]) {
        assert_eq!(self.glass.lock().unwrap().text(), expected.join("\n"));
    }

    fn cursor(&self) -> (usize, usize) {
        let glass = self.glass.lock().unwrap();
        (glass.row - glass.top(), glass.column)
    }
}

/// A line of a message as it stands in a window that is wide enough.
fn said(head: &str, text: &str) -> String {
    format!("{head:<26}{text}")
}

#[test]
fn what_is_typed_stays_whole_when_the_bot_speaks() {
    let mut scene = Scene::new(60, 8);
    scene.typed("배포 해", "배포 ".len());
    assert_eq!(scene.cursor(), (0, 11));
    scene.message("a", "hello");
    scene.message("b", "there");
    scene.sees(&[&said("a", "hello"), &said("b", "there"), "mina> 배포 해"]);
    assert_eq!(scene.cursor(), (2, 11));
}

#[test]
fn a_long_typed_line_takes_several_rows_and_leaves_none_behind() {
    let mut scene = Scene::new(10, 8);
    // Two columns are left in the first row, and then there is no room for a third syllable.
    scene.typed("가나다라마바사아", 0);
    assert_eq!(scene.cursor(), (0, 6));
    scene.sees(&["mina> 가나", "다라마바사", "아"]);
    scene.typed("가나", "가나".len());
    // Behind a full row the cursor stands in the next one.
    assert_eq!(scene.cursor(), (1, 0));
    scene.typed("a가나", "a가나".len());
    scene.sees(&["mina> a가", "나"]);
    scene.screen.line(Style::Plain, "x").unwrap();
    scene.sees(&["x", "mina> a가", "나"]);
}

#[test]
fn the_last_message_is_drawn_again_where_it_stands() {
    let mut scene = Scene::new(60, 8);
    scene.typed("yes", 3);
    scene.message("a", "r1 running\n▸ wallet: started\n▸ other: waits");
    scene.message("a", "r1 running\n▸ wallet: Healthy\n▸ other: waits");
    scene.sees(&[
        &said("a", "r1 running"),
        &said("", "▸ wallet: Healthy"),
        &said("", "▸ other: waits"),
        "mina> yes",
    ]);
    scene.message("a", "r1 succeeded");
    scene.sees(&[&said("a", "r1 succeeded"), "mina> yes"]);
}

#[test]
fn of_a_message_further_up_only_what_changed_is_told_and_that_is_drawn_again() {
    let mut scene = Scene::new(60, 8);
    scene.typed("", 0);
    scene.message("a", "r1 running\n▸ wallet: started");
    scene.message("b", "r1 was started");
    scene.message("a", "r1 running\n▸ wallet: applied");
    let above =
        [said("a", "r1 running"), said("", "▸ wallet: started"), said("b", "r1 was started")];
    let [first, second, third] = above.each_ref().map(String::as_str);
    scene.sees(&[first, second, third, &said("a", "▸ wallet: applied"), "mina>"]);
    scene.message("a", "r1 running\n▸ wallet: Healthy");
    scene.sees(&[first, second, third, &said("a", "▸ wallet: Healthy"), "mina>"]);
    scene.message("a", "r1 succeeded\n✓ wallet: Healthy");
    let end = [said("a", "r1 succeeded"), said("", "✓ wallet: Healthy")];
    scene.sees(&[first, second, third, &end[0], &end[1], "mina>"]);
    // Back to what stands further up: nothing is left to tell, and the next change is told.
    scene.message("a", "r1 running\n▸ wallet: started");
    scene.sees(&[first, second, third, "mina>"]);
    scene.message("a", "r1 running\n▸ wallet: Healthy");
    scene.sees(&[first, second, third, &said("a", "▸ wallet: Healthy"), "mina>"]);
}

#[test]
fn what_does_not_fit_any_more_is_never_drawn_over() {
    let mut scene = Scene::new(60, 3);
    scene.typed("", 0);
    scene.message("a", "1\n2\n3\n4");
    scene.message("a", "1\n2\n3\nfour");
    let whole = [said("a", "1"), said("", "2"), said("", "3"), said("", "4")];
    let [one, two, three, four] = whole.each_ref().map(String::as_str);
    scene.sees(&[one, two, three, four, &said("a", "four"), "mina>"]);
    // In a window of another width the rows are others than those that were counted.
    scene.glass.lock().unwrap().size = Size { columns: 55, rows: 3 };
    scene.message("a", "1\n2\n3\n4!");
    scene.sees(&[one, two, three, four, &said("a", "four"), &said("a", "4!"), "mina>"]);
}

#[test]
fn a_line_between_them_keeps_a_message_from_being_drawn_over() {
    let mut scene = Scene::new(60, 8);
    scene.message("a", "running");
    scene.screen.line(Style::Plain, "mina> status").unwrap();
    scene.message("a", "done");
    scene.sees(&[&said("a", "running"), "mina> status", &said("a", "done"), ""]);
}

#[test]
fn long_lines_of_a_message_are_counted_as_the_rows_they_take() {
    let mut scene = Scene::new(52, 8);
    scene.message("a", "a line that is longer than the room that is left for it");
    scene.message("a", "short");
    scene.sees(&[&said("a", "short"), ""]);
}
