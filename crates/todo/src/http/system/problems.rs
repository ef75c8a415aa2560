use aide::transform::TransformOperation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::http::extract::{Json, Path};
use crate::http::problem::{Kind, Problem, kind, may_answer};

/// A kind of problem: what its `type` leads to.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProblemKind")]
pub(super) struct KindView {
    /// Names it, as in a problem's `type`.
    #[schemars(example = "/problems/todo-not-found")]
    r#type: String,
    /// What it is, in a few words.
    #[schemars(example = "Todo not found")]
    title: &'static str,
    /// The HTTP status it comes with.
    #[schemars(example = 404)]
    status: u16,
    /// What the problem means, and what to do.
    #[schemars(example = "There is no todo with this id. It may have been deleted.")]
    meaning: &'static str,
}

/// Names a kind of problem in the path.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct KindPath {
    /// The last part of the problem's `type`.
    #[schemars(example = "todo-not-found")]
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
        .description("There is one for each `type` that a problem may have.")
}

pub(super) fn read_doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("readProblem")
        .tag("system")
        .summary("What a kind of problem means")
        .description("The `type` of a problem is the path of this resource.")
        .with(may_answer(&kind::PROBLEM_NOT_FOUND))
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
