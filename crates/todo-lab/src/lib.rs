//! The lab: six experiments that show what waiting costs. Each is measured while it runs.
//!
//! An [`Experiment`] has its own runtime and threads. It sends requests to its own servers, which
//! listen on free ports of the local machine. [`start`] returns a [`Running`], which yields the
//! [`Event`]s of the run. The [`Timeline`](timeline::Timeline) of a run is drawn by [`terminal`],
//! by [`svg`] and by the page at `/lab`. All numbers are measured; none is prepared.

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
