//! Every sentence the bot says, in both languages, each as a small named function that returns a
//! [`crate::lang::Text`]: a sentence that lacks one language does not compile.
//!
//! Korean sentences are turned so that no particle follows a name: which one it would be depends on
//! how people read the name (`wallet-api`, `2048`), and both at once reads like a form.
//!
//! Text from outside (names, a tool's own words) is put in as it came; adapters escape.

pub mod approval;
pub mod dialog;
pub mod menu;
pub mod plan;
pub mod report;
pub mod run;
pub mod status;
pub mod trouble;
pub mod when;
