use schemars::JsonSchema;
use serde::Serialize;

use super::timeline::Kind;
use super::{Experiment, Report, Scale, Users};

/// An event of a run. Times are seconds since the beginning of the part. Numbers start at 0.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
#[schemars(rename = "LabEvent")]
pub enum Event {
    /// The experiment begins.
    Started {
        /// The experiment.
        experiment: Experiment,
        /// The question that the experiment answers.
        #[schemars(example = "Does async make computing any faster?")]
        question: &'static str,
        /// The factor for the length of every wait.
        scale: Scale,
        /// The number of users that wait at the same time in `crowd`.
        users: Users,
        /// The expected length of the longest part, in seconds. It is a good end for an axis.
        #[schemars(example = 5.0)]
        horizon: f64,
    },
    /// The timeline gets another part.
    Part {
        /// The number of the part.
        #[schemars(example = 0)]
        part: usize,
        /// The name of the part.
        #[schemars(example = &"Together")]
        name: String,
    },
    /// A part gets another track.
    Track {
        /// The number of the part.
        #[schemars(example = 0)]
        part: usize,
        /// The number of the track in its part.
        #[schemars(example = 0)]
        track: usize,
        /// The name of the track.
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
        /// The number of the span in its track.
        #[schemars(example = 0)]
        span: usize,
        /// The activity during the span.
        kind: Kind,
        /// When it begins, in seconds.
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
        /// The number of the span in its track.
        #[schemars(example = 0)]
        span: usize,
        /// When it ends, in seconds.
        #[schemars(example = 0.5)]
        at: f64,
    },
    /// Something happened that is too short to draw as a span.
    Mark {
        /// The number of the part.
        #[schemars(example = 0)]
        part: usize,
        /// The number of the track.
        #[schemars(example = 0)]
        track: usize,
        /// When it happened, in seconds.
        #[schemars(example = 0.5)]
        at: f64,
    },
    /// The result of a track or of a part, in a few words.
    Note {
        /// The number of the part.
        #[schemars(example = 0)]
        part: usize,
        /// The number of the track; null for the whole part.
        #[schemars(example = 0)]
        track: Option<usize>,
        /// The result.
        #[schemars(example = "5.00 s until the answer")]
        text: String,
    },
    /// The progress of the run.
    Progress {
        /// What is counted.
        #[schemars(example = &"connections")]
        what: String,
        /// How many are done.
        #[schemars(example = 20)]
        done: usize,
        /// How many there are.
        #[schemars(example = 1000)]
        of: usize,
    },
    /// A number was measured.
    Figure {
        /// The name of the number, which ends with its unit: `apart_seconds`.
        #[schemars(example = &"apart_seconds")]
        name: &'static str,
        /// The number.
        #[schemars(example = 5.0)]
        value: f64,
    },
    /// The experiment has ended.
    Done {
        /// The results.
        report: Box<Report>,
    },
    /// The experiment failed.
    Failed {
        /// Why, and what to do.
        #[schemars(example = "The service was stopped.")]
        detail: String,
    },
}
