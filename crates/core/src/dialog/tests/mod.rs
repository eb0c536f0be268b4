//! Dialogs as conversations, against a small model of the engine: effects are applied to a world,
//! tools answer from a table, receipts come back.

mod back;
mod chat;
mod choosing;
mod confirming;
mod direct;
mod hearing;
mod korean;
mod menu;
mod one_line;
mod property;
mod property_model;
mod talk;
mod timing;
mod withdrawn;

pub(super) use chat::{Chat, app};
