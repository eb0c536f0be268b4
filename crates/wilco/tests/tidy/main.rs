//! Tidy: the rules of this repository that the compiler and clippy cannot hold.
//!
//! Each module is one rule: a function from the files to its findings, a test that the tree obeys,
//! and a test that the rule bites. A finding says `file:line: what is wrong and what to do`.
//! The rules read the text of the files that git knows or would add, so they see what a commit
//! would hold, not what lies about in a work folder.

#![expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "the names of this repository's files are in lower case"
)]

mod arrows;
mod hygiene;
mod leftovers;
mod licence;
mod links;
mod migrations;
mod purity;
mod readme;
mod scan;
mod shape;
mod supply;
mod traps;
mod tree;
mod words;
