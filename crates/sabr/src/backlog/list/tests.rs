//! Random sequences of steps on a list, compared with a model.

use http::StatusCode;
use proptest::prelude::*;
use tracing::Span;

use super::*;
use crate::backlog::{RunOn, Work};
use crate::task_id::TaskId;

#[derive(Clone, Copy, Debug)]
enum Step {
    Add(RunOn),
    AddCleanUp,
    End(Outcome),
    /// The runner, if there is one, takes the next task.
    Take,
}

fn step() -> impl Strategy<Value = Step> {
    let run_on = prop_oneof![
        Just(RunOn::Success),
        Just(RunOn::Error),
        Just(RunOn::Always)
    ];
    let status = (100_u16..600).prop_filter_map("a status", |code| StatusCode::from_u16(code).ok());
    prop_oneof![
        4 => run_on.prop_map(Step::Add),
        1 => Just(Step::AddCleanUp),
        1 => status.prop_map(|status| Step::End(Outcome::Responded(status))),
        1 => Just(Step::End(Outcome::Broken)),
        6 => Just(Step::Take),
    ]
}

/// The expected state of the list, in a simpler form.
#[derive(Default)]
struct Model {
    added: Vec<(TaskId, Option<RunOn>)>,
    outcome: Option<Outcome>,
    runner: bool,
}

impl Model {
    /// The list asks for a runner if the response has ended, a task is due, and no runner exists.
    fn expects(&mut self, next: Next) {
        let wanted = self.outcome.is_some() && !self.added.is_empty() && !self.runner;
        assert_eq!(next == Next::Run, wanted);
        self.runner |= wanted;
    }

    /// The clean-up that was added last. If there is none, the first task.
    fn take(&mut self) -> Option<(TaskId, Option<RunOn>)> {
        let clean_up = self.added.iter().rposition(|(_, run_on)| run_on.is_none());
        let at = clean_up.or((!self.added.is_empty()).then_some(0))?;
        Some(self.added.remove(at))
    }
}

fn task(id: TaskId, run_on: RunOn, work: Work) -> Task {
    let (name, span) = ("task".into(), Span::none());
    Task {
        id,
        name,
        run_on,
        span,
        work,
    }
}

fn check_take(list: &mut TaskList, model: &mut Model) {
    let due = list.take();
    let (Some(due), Some(expected)) = (&due, model.take()) else {
        assert!(due.is_none() && model.added.is_empty());
        model.runner = false;
        return;
    };
    let success = matches!(model.outcome, Some(Outcome::Responded(s)) if s.as_u16() < 400);
    let runs = |run_on| match run_on {
        RunOn::Success => success,
        RunOn::Error => !success,
        RunOn::Always => true,
    };
    match (due, expected) {
        (Due::CleanUp(task), (id, None)) => assert_eq!(task.id, id),
        (Due::Run(task), (id, Some(run_on))) => assert!(task.id == id && runs(run_on)),
        (Due::Skip(task), (id, Some(run_on))) => assert!(task.id == id && !runs(run_on)),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn list_does_what_its_model_says(steps in prop::collection::vec(step(), 0..60)) {
        let (mut list, mut model) = (TaskList::default(), Model::default());
        let mut id = TaskId::FIRST;
        for step in steps {
            match step {
                Step::Add(run_on) => {
                    model.added.push((id, Some(run_on)));
                    let next = list.add(task(id, run_on, Work::from_fn(|| ())));
                    model.expects(next);
                }
                Step::AddCleanUp => {
                    model.added.push((id, None));
                    let next = list.add(task(id, RunOn::Always, Work::clean_up(|| ())));
                    model.expects(next);
                }
                Step::End(outcome) => {
                    model.outcome.get_or_insert(outcome);
                    let next = list.end(outcome);
                    model.expects(next);
                }
                Step::Take if model.runner => check_take(&mut list, &mut model),
                Step::Take => {}
            }
            id = id.next();
        }
    }
}
