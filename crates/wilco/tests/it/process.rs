//! Starting the binary and waiting for what it says.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::Duration;

/// A command of the binary.
pub(crate) fn wilco(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wilco"));
    command.args(args).stdin(Stdio::null()).env_remove("WILCO_LOG");
    command
}

/// Runs a command to its end.
pub(crate) fn run(args: &[&str]) -> Output {
    wilco(args).output().unwrap()
}

/// Runs a command to its end with this standard input.
pub(crate) fn run_with_input(args: &[&str], input: &str) -> Output {
    let mut child = wilco(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What a command printed.
pub(crate) fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a command complained about.
pub(crate) fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Asserts that all parts were said, one after the other.
pub(crate) fn in_order(said: &str, parts: &[&str]) {
    let mut rest = said;
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part} in its place in {said}"));
        rest = &rest[at + part.len()..];
    }
}

/// A folder of a test's own; gone with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("wilco-it-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file and gives its path as text.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The longest that anything here is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running `serve` or `demo`; ended with the test.
pub(crate) struct Running {
    child: Child,
    /// Where it listens.
    pub(crate) address: String,
    /// Every line it prints and logs.
    lines: Receiver<String>,
    /// What reads standard output and standard error, and yields all of it.
    readers: Vec<JoinHandle<String>>,
}

impl Running {
    /// Starts and waits until it says where it listens: the first `127.0.0.1:PORT` it prints.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (line_read, lines) = std::sync::mpsc::channel();
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        let read = |stream| {
            let line_read = line_read.clone();
            std::thread::spawn(move || {
                let mut all = String::new();
                // Read to the end, so that it never waits for somebody to listen.
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    all.push_str(&line);
                    all.push('\n');
                    let _ = line_read.send(line);
                }
                all
            })
        };
        let readers = streams.into_iter().map(read).collect();
        // One that ends without having said it is not waited for.
        drop(line_read);
        let mut running = Self { child, address: String::new(), lines, readers };
        // `serve` logs its address on standard error, the demo prints it; others may be logged, that of a
        // tool for one.
        let line = running.says_one_of(&["wilco serves", "Open  http://"]);
        let at = line.find("127.0.0.1:").unwrap();
        let end = line[at + 10..].find(|c: char| !c.is_ascii_digit());
        running.address = line[at..end.map_or(line.len(), |end| at + 10 + end)].to_owned();
        running
    }

    /// Waits for the next line it prints or logs with these words.
    pub(crate) fn says(&self, words: &str) -> String {
        self.says_one_of(&[words])
    }

    fn says_one_of(&self, words: &[&str]) -> String {
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if words.iter().any(|words| line.contains(words)) => return line,
                Ok(line) => said.push(line),
                Err(why) => panic!("{words:?} is not said ({why}), but:\n{}", said.join("\n")),
            }
        }
    }

    /// Asks it to end, as a supervisor does; yields all that it said on standard output and error.
    pub(crate) fn stop(mut self) -> (String, String) {
        // The shell has `kill` built in; the program of that name is not on every machine.
        let line = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let mut said = self.readers.drain(..).map(|reader| reader.join().unwrap());
        let (output, errors) = (said.next().unwrap(), said.next().unwrap());
        assert!(status.success(), "it ends well: {status} {errors}");
        (output, errors)
    }

    /// One plain HTTP/1.1 request: status and body.
    pub(crate) fn request(&self, method: &str, path: &str) -> (u16, String) {
        let mut answer = String::new();
        self.send(method, path, "").read_to_string(&mut answer).unwrap();
        let status = answer.split_whitespace().nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        (status, body.unwrap_or_default())
    }

    /// Sends one request as the console's page does; what is read is its answer.
    pub(crate) fn send(&self, method: &str, path: &str, json: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (host, length) = (&self.address, json.len());
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nX-Wilco-Console: 1\r\nContent-Type: \
             application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{json}"
        )
        .unwrap();
        stream
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
