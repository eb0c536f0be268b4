//! An answer without an end, read line by line.

use std::time::Duration;

use secrecy::SecretString;
use tracing::Instrument as _;
use wilco_core::answer::Trouble;

use super::fault::Break;
use super::{Http, MAX_BODY_BYTES, Reply, Request};

/// An open answer.
pub struct Stream {
    response: reqwest::Response,
    /// What came of a line whose end has not come yet.
    rest: Vec<u8>,
    /// How much of `rest` was searched for the end of a line: a line of megabytes comes in many parts.
    searched: usize,
    idle: Duration,
}

/// Why no more lines come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamEnd {
    /// The other side closed it, or the connection broke.
    Closed,
    /// Nothing came for so long that nobody can tell whether anything would.
    Idle,
    /// A line is longer than any sensible one.
    TooLong,
}

impl Http {
    /// Opens an answer without an end. The request's timeout is for its beginning; after that at least one
    /// byte must come within `idle`. An answer that is no success is a reply, in the inner error.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn open(
        &self,
        request: &Request,
        bearer: Option<&SecretString>,
        idle: Duration,
    ) -> Result<Result<Stream, Reply>, Trouble> {
        let span = tracing::info_span!(
            "tool_stream", connection = %self.connection, route = request.route
        );
        let opened = tokio::time::timeout(request.timeout, self.begin(request, bearer, idle));
        let opened = opened.instrument(span).await.unwrap_or(Err(Break::TimedOut));
        opened.map_err(|broken| broken.trouble(self))
    }

    async fn begin(
        &self,
        request: &Request,
        bearer: Option<&SecretString>,
        idle: Duration,
    ) -> Result<Result<Stream, Reply>, Break> {
        let built = self.build(request, bearer)?;
        #[expect(clippy::disallowed_methods, reason = "a read: no permit is needed")]
        let response = self.client.execute(built).await.map_err(Break::of)?;
        if !response.status().is_success() {
            return self.whole(response).await.map(Err);
        }
        Ok(Ok(Stream { response, rest: Vec::new(), searched: 0, idle }))
    }
}

impl Stream {
    /// The next line, without its end.
    ///
    /// # Errors
    /// No more lines come.
    pub async fn line(&mut self) -> Result<Vec<u8>, StreamEnd> {
        loop {
            if let Some(at) = self.rest[self.searched..].iter().position(|byte| *byte == b'\n') {
                let after = self.rest.split_off(self.searched + at + 1);
                let mut line = std::mem::replace(&mut self.rest, after);
                self.searched = 0;
                line.pop();
                line.pop_if(|byte| *byte == b'\r');
                return Ok(line);
            }
            self.searched = self.rest.len();
            let chunk = tokio::time::timeout(self.idle, self.response.chunk()).await;
            match chunk {
                Ok(Ok(Some(chunk))) if self.rest.len() + chunk.len() > MAX_BODY_BYTES => {
                    return Err(StreamEnd::TooLong);
                }
                Ok(Ok(Some(chunk))) => self.rest.extend_from_slice(&chunk),
                Ok(Ok(None) | Err(_)) => return Err(StreamEnd::Closed),
                Err(_) => return Err(StreamEnd::Idle),
            }
        }
    }
}
