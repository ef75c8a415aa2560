use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::timeline::Timeline;
use super::{Experiment, Machine, Scale, Users};

/// What an experiment has shown.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LabExperimentReport")]
pub struct Report {
    /// Which experiment.
    pub experiment: Experiment,
    /// The question that it answers.
    #[schemars(example = "Does async make computing any faster?")]
    pub question: String,
    /// By how much every wait was shortened.
    pub scale: Scale,
    /// How long the experiment took.
    #[schemars(example = 4.2)]
    pub seconds: f64,
    /// What happened when.
    pub timeline: Timeline,
    /// The numbers, side by side.
    pub table: Table,
    /// What was seen, in sentences with the numbers in them.
    #[schemars(example = ["The request took 2.00 s."])]
    pub said: Vec<String>,
    /// What the ledger or its watchdog said of it, word for word.
    #[schemars(example = ["async fits"])]
    pub ledger: Vec<String>,
    /// The numbers by name, each with its unit last: `apart_seconds`.
    #[schemars(example = BTreeMap::from([("apart_seconds", 5.0)]))]
    pub figures: BTreeMap<String, f64>,
}

/// Numbers side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "LabTable")]
pub struct Table {
    /// The heads of the columns; the first names the rows.
    #[schemars(example = ["", "Seconds"])]
    pub columns: Vec<String>,
    /// The rows, each as long as there are columns.
    #[schemars(example = [["one after the other", "5.00"]])]
    pub rows: Vec<Vec<String>>,
    /// What must be known to read it.
    #[schemars(example = "Measured on 2 cores.")]
    pub note: Option<String>,
}

/// What `todo lab --json` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LabReport {
    /// The version of `todo` that measured it.
    #[schemars(example = "0.1.0")]
    pub version: String,
    /// What it was measured on.
    pub machine: Machine,
    /// By how much every wait was shortened.
    pub scale: Scale,
    /// How many waited at the same time in the crowd.
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
