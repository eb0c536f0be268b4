//! Stateful doubles of the tools that Wilco drives, over real HTTP.
//!
//! A double behaves as the real tool does, its traps included, and keeps its own ledger of what
//! really happened. It shares no code with the rest of Wilco, so that a wrong field cannot pass on
//! both sides. There are two: [`argocd`] and [`slack`].
//!
//! # How to drive it
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
//! use wilco_sim::argocd::{AppSpec, ArgoCd, Fault, FaultKind, NewCommit, Outcome};
//! use wilco_sim::clock::ManualClock;
//!
//! let clock = ManualClock::new(1_767_225_600_000);
//! let argo = ArgoCd::new(clock.clone());
//! argo.add(
//!     AppSpec::new("wallet-api")
//!         .repo("https://git.example/wallet.git")
//!         .env("production")
//!         .image("wallet-api", "1.4.2", "1.5.0"),
//! );
//! let served = argo.serve_local().await?;
//! // … point the bot at served.url(); argocd::DEFAULT_TOKEN lets it in …
//!
//! argo.outcome("wallet-api", Outcome::Degrades); // how the next sync ends
//! argo.commit("wallet-api", NewCommit::image("wallet-api", "1.6.0")); // the target moves
//! argo.traps(|t| t.list_lag_ms = 5_000); // one switch per trap
//! argo.fault(Fault::on_sync(FaultKind::ActThenClose).once()); // a lost reply
//! clock.advance(10_000); // time passes only when the test says so
//!
//! assert_eq!(argo.syncs_of("wallet-api").len(), 0); // what really happened
//! # Ok(()) }
//! ```
//!
//! - **Time.** With [`clock::ManualClock`] nothing moves by itself. [`argocd::ArgoCd::held_until`]
//!   says when the earliest held answer goes out, [`argocd::ArgoCd::next_change_ms`] when something
//!   next changes by itself: a driver of virtual time jumps to the earlier of these and its own
//!   next timer. With [`clock::RealClock`] the double runs by itself.
//! - **Course of a sync.** [`argocd::Timing`] says how long each part takes, [`argocd::Outcome`]
//!   how it ends.
//! - **Traps and faults.** [`argocd::Traps`] are habits of the tool, [`argocd::Fault`]s are
//!   accidents on the way.
//! - **Counting.** [`argocd::ArgoCd::ledger`] holds effects, [`argocd::ArgoCd::requests`] counts
//!   requests.
//! - **From another process.** `/_sim/` on the same address takes the same commands as JSON; see
//!   the table in `argocd/routes/control.rs`.
//! - **A ready world.** [`demo::seed`] and [`demo::many`].

pub mod argocd;
pub mod clock;
pub mod demo;
mod serve;
pub mod slack;

pub use serve::Served;
