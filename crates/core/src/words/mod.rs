//! Every sentence the bot says, in both languages, each as a small named function that returns a
//! [`crate::lang::Text`]: a sentence that lacks one language does not compile.
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
