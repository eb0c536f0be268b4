//! Every story in `tests/transcripts`, on both stores, and deaths at a share of their points.

mod blind;
mod deaths;
mod lines;
mod play;
mod postgres;
mod slack;
mod slips;
mod stories;
