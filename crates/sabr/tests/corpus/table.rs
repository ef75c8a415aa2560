//! The results as a table.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use crate::round::Judged;

/// One line for each case. Below it, what is wrong with the verdict.
pub(crate) fn show(judged: &[Judged]) -> String {
    let mut table = format!(
        "{:42} {:19} {:19} {:>8} {:>7}  {:58} right?\n",
        "case", "expected", "given", "requests", "s", "where the time went"
    );
    for one in judged {
        let (case, endpoint) = (&one.case, &one.endpoint);
        let wrong = one.wrong();
        writeln!(
            table,
            "{:42} {:19} {:19} {:8} {:7.2}  {:58} {}",
            case.name,
            format!("{:?}", case.expected),
            format!("{:?}", endpoint.verdict.kind),
            endpoint.requests,
            one.took.as_secs_f64(),
            phases(one),
            match (&wrong, one.limit()) {
                (Some(_), _) => "WRONG",
                (None, Some(why)) => why,
                (None, None) => "ok",
            },
        )
        .unwrap();
        for line in wrong.iter().flat_map(|wrong| wrong.lines()) {
            writeln!(table, "    {line}").unwrap();
        }
    }
    table
}

/// The three longest phases of the mean request.
fn phases(judged: &Judged) -> String {
    let endpoint = &judged.endpoint;
    let mut phases = endpoint.phases.clone();
    phases.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
    let longest = phases.iter().filter(|phase| phase.seconds > 0.0).take(3);
    let mean = |seconds: f64| seconds * 1e3 / endpoint.requests.max(1) as f64;
    longest
        .map(|phase| format!("{} {:.2}", phase.phase, mean(phase.seconds)))
        .collect::<Vec<_>>()
        .join(", ")
        + " ms"
}

/// How often the verdict on each case was right, and the wrong verdicts.
#[derive(Default)]
pub(crate) struct Tally {
    rounds: usize,
    right: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Tally {
    pub(crate) fn count(&mut self, judged: &[Judged]) {
        self.rounds += 1;
        for one in judged {
            let right = self.right.entry(one.case.name).or_default();
            match one.wrong() {
                None => *right += 1,
                Some(wrong) => self.wrong.push(format!("{} {wrong}", one.case.name)),
            }
        }
    }

    pub(crate) fn is_all_right(&self) -> bool {
        self.wrong.is_empty()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rounds, cases) = (self.rounds, self.right.len());
        let right: usize = self.right.values().sum();
        writeln!(
            f,
            "{right} of {} verdicts right, in {rounds} rounds of {cases} cases",
            rounds * cases
        )?;
        for (name, right) in &self.right {
            if *right < rounds {
                writeln!(f, "  {name}: right in {right} of {rounds}")?;
            }
        }
        for wrong in &self.wrong {
            writeln!(f, "  {wrong}")?;
        }
        Ok(())
    }
}
