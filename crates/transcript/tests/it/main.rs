//! Every story in `tests/transcripts`, on both stores, and deaths at every point of chosen ones.

mod blind;
mod deaths;
mod lines;
mod play;
mod stories;
