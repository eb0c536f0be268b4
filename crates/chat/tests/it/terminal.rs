//! The terminal, on streams in memory.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use wilco_chat::terminal::{Key, Look, Mode, Setup, Size, Terminal, Window};
use wilco_core::event::Event;
use wilco_core::message::{Body, To};
use wilco_core::port::Adapter;

use crate::support::{World, key, room, text, under, with_buttons};

/// What was printed.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Printed {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

struct Session {
    world: World,
    printed: Printed,
    terminal: Arc<Terminal>,
}

impl Session {
    fn new(world: World, mode: Mode) -> Self {
        let printed = Printed::default();
        let window = || Size { columns: 100, rows: 20 };
        let setup = Setup {
            out: Box::new(printed.clone()),
            look: Look {
                colors: false,
                window: (mode == Mode::Keys).then(|| Box::new(window) as Window),
            },
            mode,
            person: None,
            functions: ["version", "배포"].map(str::to_owned).to_vec(),
            history: None,
        };
        let terminal = Arc::new(Terminal::demo(world.parts(), setup).unwrap());
        Self { world, printed, terminal }
    }

    /// Runs a script; a small bot answers `help` with a menu, and everything else with an echo.
    async fn run(&self, script: &str) {
        let handled = Mutex::new(0);
        let quiet = || async {
            loop {
                let next = {
                    let got = self.world.inbox.got.lock().unwrap();
                    let mut handled = handled.lock().unwrap();
                    let next = got.get(*handled).cloned();
                    *handled += usize::from(next.is_some());
                    next
                };
                let Some((event_key, event)) = next else { return };
                let (thread, body) = match event {
                    Event::Message(said) if said.text == "help" => {
                        (said.thread(), with_buttons("Menu\n1 version", &["Cancel"]))
                    }
                    Event::Message(said) if said.text == "notice" => {
                        let leads_to = Some(said.thread());
                        (said.thread(), Body { leads_to, ..text("Started") })
                    }
                    Event::Message(said)
                        if said.mentioned || said.direct || said.thread.is_some() =>
                    {
                        (said.thread(), text(&format!("you said {}", said.text)))
                    }
                    Event::Press(press) => (press.thread, text("pressed")),
                    _ => continue,
                };
                self.terminal.post(&key(&event_key), &To::Thread(thread), &body).await.unwrap();
            }
        };
        self.terminal.run(script.as_bytes(), quiet).await.unwrap();
    }
}

#[tokio::test]
async fn a_message_shows_the_way_to_the_thread_where_more_of_it_stands() {
    let session = Session::new(World::new(), Mode::Script);
    session.run("mina #deploy> help\nnotice\n").await;
    let printed = session.printed.text();
    assert!(printed.contains("Started\n                          → #deploy/1\n"), "{printed}");
}

#[tokio::test]
async fn a_script_is_echoed_and_each_line_waits_for_the_answers_before_it() {
    let session = Session::new(World::new(), Mode::Script);
    session
        .run("mina #deploy> help\n1\n/1\n\njun> approve\n/room\nnobody hears this\n2\nmina @wilco> hi\n")
        .await;
    assert_eq!(
        session.printed.text(),
        "\
mina #deploy> help
    bot 1   #deploy/1     Menu
                          1 version
                          [/1] Cancel
mina #deploy/1> 1
    bot 2   #deploy/1     you said 1
mina #deploy/1> /1
    bot 3   #deploy/1     pressed
jun #deploy/1> approve
    bot 4   #deploy/1     you said approve
jun #deploy> nobody hears this
jun #deploy/1> 2
    bot 5   #deploy/1     you said 2
mina @mina> hi
    bot 6   @mina/1       you said hi
"
    );
}

#[tokio::test]
async fn a_changed_message_is_printed_again_under_its_number() {
    let session = Session::new(World::new(), Mode::Script);
    let to = To::Room(room("terminal", "#deploy"));
    let (id, _) = session.terminal.post(&key("card"), &to, &text("running")).await.unwrap();
    session.terminal.post(&key("card"), &to, &text("running")).await.unwrap();
    session.terminal.update(&id, &to, &text("running")).await.unwrap();
    session.terminal.update(&id, &to, &text("done")).await.unwrap();
    assert_eq!(
        session.printed.text(),
        "    bot 1   #deploy       running\n    bot 1*  #deploy       done\n"
    );
}

#[tokio::test]
async fn wrong_lines_are_told_and_change_nothing() {
    let session = Session::new(World::new(), Mode::Script);
    session
        .run("/as eve\n/room #nowhere\n/thread 3\n/1\n/nonsense\neve #deploy> hi\n/quit\nhelp\n")
        .await;
    assert_eq!(
        session.printed.text(),
        "    !  unknown person
    !  unknown room
    !  unknown thread
    !  unknown button
unknown command /nonsense; /help shows all
    !  unknown person
"
    );
    assert!(session.world.inbox.keys().is_empty());
}

#[tokio::test]
async fn earlier_sessions_are_known_but_not_shown_again() {
    let world = World::new();
    let first = Session::new(world, Mode::Script);
    first.run("help\n").await;
    let Session { world, .. } = first;
    world.inbox.got.lock().unwrap().clear();
    world.now.fetch_add(60_000, Ordering::SeqCst);
    let second = Session::new(world, Mode::Script);
    second.run("jun #deploy/1> hello\n").await;
    assert_eq!(
        second.printed.text(),
        "jun #deploy/1> hello\n    bot 2   #deploy/1     you said hello\n"
    );
}

#[tokio::test]
async fn a_person_at_the_keyboard_gets_a_prompt_that_follows_into_the_thread() {
    let session = Session::new(World::new(), Mode::Lines);
    session.run("/as mina\nhello\n").await;
    let root = session.world.inbox.keys()[0].strip_prefix("terminal ").unwrap().to_owned();
    let to = under("terminal", "#deploy", &root);
    session.terminal.post(&key("k"), &to, &text("yes?")).await.unwrap();
    let printed = session.printed.text();
    assert!(printed.contains("`help`"), "{printed}");
    assert!(printed.ends_with("mina #deploy/1> "), "{printed:?}");
}

#[tokio::test]
async fn keys_become_lines_and_the_prompt_follows_with_what_was_typed() {
    let session = Session::new(World::new(), Mode::Keys);
    let (pressed, keys) = tokio::sync::mpsc::unbounded_channel();
    let keys = futures_util::stream::unfold(keys, |mut keys| async move {
        let key: Key = keys.recv().await?;
        Some((Ok(key), keys))
    });
    let text = |text: &str| Key::Text(text.to_owned());
    let bot = async {
        for key in [text("/as mi"), Key::Tab, Key::Enter, text("배"), Key::Tab, Key::Enter] {
            pressed.send(key).unwrap();
        }
        let root = loop {
            tokio::task::yield_now().await;
            if let [key] = &session.world.inbox.keys()[..] {
                break key.strip_prefix("terminal ").unwrap().to_owned();
            }
        };
        pressed.send(text("wal")).unwrap();
        let to = under("terminal", "#deploy", &root);
        session
            .terminal
            .post(&key("k"), &to, &crate::support::text("1 wallet-api\n2 other"))
            .await
            .unwrap();
        for key in [Key::Tab, Key::Enter, Key::Eof] {
            pressed.send(key).unwrap();
        }
    };
    let (ended, ()) = tokio::join!(session.terminal.type_in(Box::pin(keys)), bot);
    ended.unwrap();
    let got = session.world.inbox.got.lock().unwrap();
    let said: Vec<_> = got
        .iter()
        .map(|(_, event)| match event {
            Event::Message(said) => said.text.trim(),
            _ => panic!("only texts were said"),
        })
        .collect();
    assert_eq!(said, ["배포", "wallet-api"]);
    let printed = session.printed.text();
    assert!(printed.contains("mina #deploy/1> wallet-api"), "{printed}");
}
