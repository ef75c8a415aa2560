use schemars::JsonSchema;
use serde::Serialize;

use super::timeline::Kind;
use super::{Experiment, Report, Scale, Users};

/// What happens while an experiment runs. Times are seconds from the beginning of their part; parts,
/// tracks and spans are numbered from 0.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
#[schemars(rename = "LabEvent")]
pub enum Event {
    /// It begins.
    Started {
        /// Which experiment.
        experiment: Experiment,
        /// The question that it answers.
        question: &'static str,
        /// By how much every wait is shortened.
        scale: Scale,
        /// How many wait at the same time in the crowd.
        users: Users,
        /// About how long its longest part will take, in seconds: as far as an axis had better go.
        horizon: f64,
    },
    /// There will be one more part of the timeline.
    Part {
        /// Its number.
        part: usize,
        /// What it is.
        name: String,
    },
    /// There will be one more track in a part.
    Track {
        /// The number of the part.
        part: usize,
        /// Its number in the part.
        track: usize,
        /// Who it is.
        name: String,
    },
    /// A span begins.
    Begin {
        /// The number of the part.
        part: usize,
        /// The number of the track.
        track: usize,
        /// Its number in the track.
        span: usize,
        /// What is done.
        kind: Kind,
        /// Since when.
        at: f64,
    },
    /// A span ends.
    End {
        /// The number of the part.
        part: usize,
        /// The number of the track.
        track: usize,
        /// Its number in the track.
        span: usize,
        /// When.
        at: f64,
    },
    /// Something happened that took no time worth drawing.
    Mark {
        /// The number of the part.
        part: usize,
        /// The number of the track.
        track: usize,
        /// When.
        at: f64,
    },
    /// What came of a track, or of a whole part.
    Note {
        /// The number of the part.
        part: usize,
        /// The number of the track.
        track: Option<usize>,
        /// In a few words.
        text: String,
    },
    /// How far it is.
    Progress {
        /// With what.
        what: String,
        /// So many are done.
        done: usize,
        /// Of so many.
        of: usize,
    },
    /// A number was measured.
    Figure {
        /// What it is, with its unit last: `apart_seconds`.
        name: &'static str,
        /// How much.
        value: f64,
    },
    /// It has ended.
    Done {
        /// All that was seen.
        report: Box<Report>,
    },
    /// It could not be done.
    Failed {
        /// Why, and what to do.
        detail: String,
    },
}
