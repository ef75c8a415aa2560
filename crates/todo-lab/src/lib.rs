//! The lab: six experiments that show what waiting costs, each measured as it runs.
//!
//! An [`Experiment`] runs in a runtime and on threads of its own, against servers of its own on
//! free ports of the local machine, and tells what happens as [`Event`]s: [`Running`] is where they
//! come from. All there is to draw is a [`Timeline`](timeline::Timeline), which [`terminal`],
//! [`svg`] and the page at `/lab` each draw in their way. Nothing that is shown was written down
//! beforehand.

mod client;
mod engine;
mod error;
mod event;
mod experiment;
mod experiments;
mod load;
mod machine;
mod record;
mod report;
mod server;
mod settings;
pub mod svg;
pub mod terminal;
pub mod timeline;
mod turn;
mod words;

pub use engine::{Running, start};
pub use error::LabError;
pub use event::Event;
pub use experiment::Experiment;
pub use machine::Machine;
pub use report::{LabReport, Report, Table};
pub use settings::{InvalidSetting, Scale, Settings, Users};
pub use turn::{Lab, NoTurn, Turn};
