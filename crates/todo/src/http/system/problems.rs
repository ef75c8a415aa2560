use aide::transform::TransformOperation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::http::extract::{Json, Path};
use crate::http::problem::{Kind, Problem, kind};

/// A kind of problem: what its `type` leads to.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProblemKind")]
pub(super) struct KindView {
    /// Names it, as in a problem's `type`.
    r#type: String,
    /// What it is, in a few words.
    title: &'static str,
    /// The HTTP status it comes with.
    status: u16,
    /// What it means, and what to do.
    meaning: &'static str,
}

/// Names a kind of problem in the path.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct KindPath {
    /// The last part of the problem's `type`.
    slug: String,
}

pub(super) fn list() -> Json<Vec<KindView>> {
    Json(kind::ALL.iter().copied().map(KindView::from).collect())
}

pub(super) fn read(Path(KindPath { slug }): Path<KindPath>) -> Result<Json<KindView>, Problem> {
    match kind::ALL.iter().find(|kind| kind.slug == slug) {
        Some(kind) => Ok(Json(KindView::from(*kind))),
        None => Err(Problem::new(
            &kind::PROBLEM_NOT_FOUND,
            "there is no kind of problem with this name; `/problems` lists them all",
        )),
    }
}

pub(super) fn list_doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("listProblems")
        .tag("system")
        .summary("List the kinds of problems this service answers with")
}

pub(super) fn read_doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("readProblem")
        .tag("system")
        .summary("What a kind of problem means")
        .response_with::<404, Problem, _>(|response| response.description("Problem not found"))
}

impl From<&Kind> for KindView {
    fn from(kind: &Kind) -> Self {
        Self {
            r#type: format!("/problems/{}", kind.slug),
            title: kind.title,
            status: kind.status.as_u16(),
            meaning: kind.meaning,
        }
    }
}
