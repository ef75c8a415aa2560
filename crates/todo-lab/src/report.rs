use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::timeline::Timeline;
use super::{Experiment, Machine, Scale, Users};

/// The results of an experiment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LabExperimentReport")]
pub struct Report {
    /// The experiment.
    pub experiment: Experiment,
    /// The question that the experiment answers.
    #[schemars(example = "Does async make computing any faster?")]
    pub question: String,
    /// The factor for the length of every wait.
    pub scale: Scale,
    /// How long the experiment took, in seconds.
    #[schemars(example = 4.2)]
    pub seconds: f64,
    /// The timeline.
    pub timeline: Timeline,
    /// The numbers of the parts, side by side.
    pub table: Table,
    /// The results in sentences.
    #[schemars(example = ["The request took 2.00 s."])]
    pub said: Vec<String>,
    /// What the ledger or its watchdog reported, word for word.
    #[schemars(example = ["async fits"])]
    pub ledger: Vec<String>,
    /// The numbers by name. Each name ends with its unit: `apart_seconds`.
    #[schemars(example = BTreeMap::from([("apart_seconds", 5.0)]))]
    pub figures: BTreeMap<String, f64>,
}

/// A table of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "LabTable")]
pub struct Table {
    /// The heads of the columns. The first column names the rows.
    #[schemars(example = ["", "Seconds"])]
    pub columns: Vec<String>,
    /// The rows. Each has one cell for each column.
    #[schemars(example = [["one after the other", "5.00"]])]
    pub rows: Vec<Vec<String>>,
    /// A note that the reader of the table needs.
    #[schemars(example = "Measured on 2 cores.")]
    pub note: Option<String>,
}

/// What `todo lab --json` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LabReport {
    /// The version of `todo` that measured it.
    #[schemars(example = "0.1.0")]
    pub version: String,
    /// The machine that the experiments ran on.
    pub machine: Machine,
    /// The factor for the length of every wait.
    pub scale: Scale,
    /// The number of users that waited at the same time in `crowd`.
    pub users: Users,
    /// The experiments, in the order in which they ran.
    pub experiments: Vec<Report>,
}

impl Table {
    pub(super) fn new<const N: usize>(columns: [&str; N]) -> Self {
        Self {
            columns: columns.map(str::to_owned).to_vec(),
            rows: Vec::new(),
            note: None,
        }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }
}
