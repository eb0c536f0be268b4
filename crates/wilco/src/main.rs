//! The binary: reads the command line and wires the house together.
//!
//! What runs where: `command` has one file per command, `config` reads `wilco.yaml`, `assemble` puts
//! store, connectors, adapters and engine together for `serve` and the demo alike, `world` is the
//! demo's people, rooms and double.

mod assemble;
mod command;
mod config;
mod files;
mod late;
mod log;
mod reload;
mod rights;
mod world;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A self-hosted ChatOps engine: understood, will comply.
#[derive(Debug, Parser)]
#[command(name = "wilco", version, about, long_about = None, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run for real, as the configuration says
    Serve(command::serve::Args),
    /// Try it: everything embedded, a throw-away store, a double of Argo CD, the web console on this machine
    Demo(command::demo::Args),
    /// Talk to it in the terminal; reads standard input when it is piped and exits when all is quiet
    Chat(command::chat::Args),
    /// Check configuration and runbooks, and tell every mistake with its place
    Check(command::check::Args),
    /// Play conversations (*.chat) and compare what happens with what was blessed
    Test(command::test::Args),
    /// Print the JSON Schema of runbook files, for editors
    Schema,
    /// Bring a store to the newest form
    Migrate(command::migrate::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Serve(args) => command::serve::run(&args),
        Command::Demo(args) => command::demo::run(&args),
        Command::Chat(args) => command::chat::run(&args),
        Command::Check(args) => command::check::run(&args),
        Command::Test(args) => command::test::run(&args),
        Command::Schema => command::schema::run(),
        Command::Migrate(args) => command::migrate::run(&args),
    };
    match done {
        Ok(code) => code,
        Err(fault) => {
            log::tell(&format!("wilco: {fault:#}"));
            ExitCode::FAILURE
        }
    }
}
