//! The connector against the double of Argo CD, over real HTTP.

mod between;
mod charts;
mod diagnosis;
mod diff;
mod errors;
mod faults;
mod listing;
mod partial;
mod pausing;
mod queries;
mod restart;
mod rollback;
mod sign_in;
mod spans;
mod streaming;
mod sync;
mod versions;
mod watching;
mod world;
