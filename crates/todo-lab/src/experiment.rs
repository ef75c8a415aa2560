use std::fmt;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The experiments of the lab.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "LabExperiment", extend("examples" = ["sequence"]))]
pub enum Experiment {
    /// Two waits, one after the other and together
    Sequence,
    /// Many users who wait at once: one thread, forty threads, async
    Crowd,
    /// A blocking call inside async, and what other requests feel
    Freeze,
    /// Async does not make computing faster
    Crunch,
    /// A login whose mail is sent before or after the response
    After,
    /// Which endpoints should be async: the verdicts
    Decide,
}

impl Experiment {
    /// All experiments, in the order in which they are best read.
    pub const ALL: [Self; 6] = [
        Self::Sequence,
        Self::Crowd,
        Self::Freeze,
        Self::Crunch,
        Self::After,
        Self::Decide,
    ];

    /// Its name on the command line and in the API: `sequence`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sequence => "sequence",
            Self::Crowd => "crowd",
            Self::Freeze => "freeze",
            Self::Crunch => "crunch",
            Self::After => "after",
            Self::Decide => "decide",
        }
    }

    /// The question that the experiment answers.
    #[must_use]
    pub fn question(self) -> &'static str {
        match self {
            Self::Sequence => {
                "A request needs a slow database and a slow API. How long must it take?"
            }
            Self::Crowd => "Many people wait at the same time. What does it take to wait for all?",
            Self::Freeze => "One async handler blocks its thread. What do all the others feel?",
            Self::Crunch => "Does async make computing any faster?",
            Self::After => "A login sends a mail. Must the person wait for it?",
            Self::Decide => "Which endpoints should be async, and which a plain fn?",
        }
    }
}

impl fmt::Display for Experiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
