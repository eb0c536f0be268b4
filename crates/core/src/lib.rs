//! The domain of Wilco, pure: no IO, no async, no clock, no randomness.
//!
//! The life of one event:
//!
//! 1. An adapter turns something a person did into an [`event::Event`]; a worker does the same with
//!    a tool's answer or a due timer. The engine stores it in the inbox.
//! 2. The engine takes it from the inbox, loads what [`handle::needs`] names into a
//!    [`world::World`], and calls [`handle::handle`].
//! 3. A state machine ([`dialog`], [`run`]) answers with [`effect::Effect`]s: new state, sentences
//!    ([`words`]), questions to tools, operations, timers, audit records.
//! 4. The engine writes all of it in one unit through [`port::Store`], and its workers perform what
//!    was stored. Their results come back as events.

pub mod answer;
pub mod audit;
pub mod call;
pub mod chart;
pub mod commits;
pub mod context;
pub mod diagnosis;
pub mod dialog;
pub mod effect;
pub mod entity;
pub mod event;
pub mod handle;
pub mod ids;
pub mod input;
pub mod lang;
pub mod lock;
pub mod message;
pub mod people;
pub mod place;
pub mod plan;
pub mod port;
pub mod rights;
pub mod run;
pub mod runbook;
pub mod target;
pub mod time;
pub mod timer;
pub mod token;
pub mod vars;
pub mod version;
pub mod wildcard;
pub mod withdrawal;
pub mod words;
pub mod world;
