use aide::transform::TransformOperation;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use schemars::JsonSchema;
use serde::Deserialize;
use todo_lab::{Experiment, Lab, NoTurn, Scale, Settings, Users};

use super::local::Local;
use super::stream::Events;
use crate::http::App;
use crate::http::extract::{OnExisting, OptionalJson, Path};
use crate::http::problem::{Problem, kind, may_answer};

/// Names an experiment in the path.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct ExperimentPath {
    /// Which experiment.
    experiment: Experiment,
}

/// The settings of a run.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LabRun")]
pub(super) struct Run {
    /// The factor for the length of every wait: 0.2 makes it a fifth. By default 1.
    scale: Option<Scale>,
    /// The number of users that wait at the same time in `crowd`. By default 1000.
    users: Option<Users>,
}

/// Starts an experiment and streams its events.
///
/// The handler is not in `finish`, because a client that disconnects cancels the run.
pub(super) async fn run(
    State(app): State<App>,
    Extension(lab): Extension<Lab>,
    _: Local,
    _: OnExisting,
    Path(ExperimentPath { experiment }): Path<ExperimentPath>,
    OptionalJson(run): OptionalJson<Run>,
) -> Result<Events, Problem> {
    let run = run.unwrap_or_default();
    let settings = Settings {
        scale: run.scale.unwrap_or_default(),
        users: run.users.unwrap_or_default(),
    };
    let turn = lab.begin(experiment, settings).await?;
    let sabr = app.sabr;
    Ok(Events { turn, sabr })
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("runExperiment")
        .tag("lab")
        .summary("Run an experiment")
        .description(
            "Streams the events of the run, one JSON object per line. One experiment runs at a time. \
            The run is cancelled when the client disconnects.",
        )
        .with(may_answer(&kind::NOT_LOCAL))
        .with(may_answer(&kind::LAB_BUSY))
}

impl From<NoTurn> for Problem {
    fn from(error: NoTurn) -> Self {
        match error {
            NoTurn::Busy => Self::new(&kind::LAB_BUSY, error.to_string())
                .with_header(header::RETRY_AFTER, HeaderValue::from_static("5")),
            NoTurn::Thread(_) => Self::internal(&error),
        }
    }
}
