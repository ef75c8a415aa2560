use schemars::JsonSchema;
use serde::Serialize;

use super::timeline::Kind;
use super::{Experiment, Report, Scale, Users};

/// What happens while an experiment runs. Times are seconds from the beginning of their part;
/// parts, tracks and spans are numbered from 0.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
#[schemars(rename = "LabEvent")]
pub enum Event {
    /// It begins.
    Started {
        /// Which experiment.
        experiment: Experiment,
        /// The question that it answers.
        #[schemars(example = "Does async make computing any faster?")]
        question: &'static str,
        /// By how much every wait is shortened.
        scale: Scale,
        /// How many wait at the same time in the crowd.
        users: Users,
        /// About how long its longest part will take, in seconds: as far as an axis had better go.
        #[schemars(example = 5.0)]
        horizon: f64,
    },
    /// There will be one more part of the timeline.
    Part {
        /// Its number.
        #[schemars(example = 0)]
        part: usize,
        /// What it is.
        #[schemars(example = &"Together")]
        name: String,
    },
    /// There will be one more track in a part.
    Track {
        /// The number of the part.
        #[schemars(example = 0)]
        part: usize,
        /// Its number in the part.
        #[schemars(example = 0)]
        track: usize,
        /// Who it is.
        #[schemars(example = &"Request")]
        name: String,
    },
    /// A span begins.
    Begin {
        /// The number of the part.
        #[schemars(example = 0)]
        part: usize,
        /// The number of the track.
        #[schemars(example = 0)]
        track: usize,
        /// Its number in the track.
        #[schemars(example = 0)]
        span: usize,
        /// What is done.
        kind: Kind,
        /// Since when.
        #[schemars(example = 0.5)]
        at: f64,
    },
    /// A span ends.
    End {
        /// The number of the part.
        #[schemars(example = 0)]
        part: usize,
        /// The number of the track.
        #[schemars(example = 0)]
        track: usize,
        /// Its number in the track.
        #[schemars(example = 0)]
        span: usize,
        /// When.
        #[schemars(example = 0.5)]
        at: f64,
    },
    /// Something happened that took no time worth drawing.
    Mark {
        /// The number of the part.
        #[schemars(example = 0)]
        part: usize,
        /// The number of the track.
        #[schemars(example = 0)]
        track: usize,
        /// When.
        #[schemars(example = 0.5)]
        at: f64,
    },
    /// What came of a track, or of a whole part.
    Note {
        /// The number of the part.
        #[schemars(example = 0)]
        part: usize,
        /// The number of the track.
        #[schemars(example = 0)]
        track: Option<usize>,
        /// In a few words.
        #[schemars(example = "5.00 s until the answer")]
        text: String,
    },
    /// How far it is.
    Progress {
        /// With what.
        #[schemars(example = &"connections")]
        what: String,
        /// So many are done.
        #[schemars(example = 20)]
        done: usize,
        /// Of so many.
        #[schemars(example = 1000)]
        of: usize,
    },
    /// A number was measured.
    Figure {
        /// What it is, with its unit last: `apart_seconds`.
        #[schemars(example = &"apart_seconds")]
        name: &'static str,
        /// How much.
        #[schemars(example = 5.0)]
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
        #[schemars(example = "The service was stopped.")]
        detail: String,
    },
}
