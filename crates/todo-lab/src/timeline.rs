//! The timeline of a run, which the terminal, the SVG picture and the page all draw.

use schemars::JsonSchema;
use serde::Serialize;

/// A timeline: several ways to do the same thing. Each starts at time 0, at the same scale.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "LabTimeline")]
pub struct Timeline {
    /// The ways, in the order in which they were run.
    pub parts: Vec<Part>,
}

/// One way to do it, with its own time axis.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "LabPart")]
pub struct Part {
    /// The name of the part.
    #[schemars(example = &"Together")]
    pub name: String,
    /// The result, in a few words: `5.00 s until the answer`.
    #[schemars(example = "5.00 s until the answer")]
    pub note: Option<String>,
    /// The requests, threads or users in it.
    pub tracks: Vec<Track>,
}

/// One request, thread or user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "LabTrack")]
pub struct Track {
    /// The name of the track.
    #[schemars(example = &"Request")]
    pub name: String,
    /// The result: `2.00 s`.
    #[schemars(example = "2.00 s")]
    pub note: Option<String>,
    /// Its activities.
    pub spans: Vec<Span>,
    /// The times of events that are too short to draw as a span, in seconds.
    #[schemars(example = [0.5])]
    pub marks: Vec<f64>,
}

/// A stretch of time, in seconds since the beginning of its part.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "LabSpan")]
pub struct Span {
    /// The activity during the span.
    pub kind: Kind,
    /// When it begins.
    #[schemars(example = 0.5)]
    pub from: f64,
    /// When it ends.
    #[schemars(example = 2.5)]
    pub to: f64,
}

/// What a request, thread or user does during a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "LabActivity", extend("examples" = ["waiting"]))]
pub enum Kind {
    /// Waiting, without a thread.
    Waiting,
    /// Waiting, while holding a thread.
    WaitingInThread,
    /// Computing on the CPU.
    Computing,
    /// Waiting while holding the thread of the event loop.
    Blocked,
    /// Waiting in a queue.
    Queued,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::WaitingInThread,
        Self::Computing,
        Self::Blocked,
        Self::Queued,
    ];

    /// Its name in the legend.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::WaitingInThread => "waiting in a thread",
            Self::Computing => "computing",
            Self::Blocked => "blocking the event loop",
            Self::Queued => "queued",
        }
    }

    /// Its name in style sheets.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::WaitingInThread => "waiting_in_thread",
            Self::Computing => "computing",
            Self::Blocked => "blocked",
            Self::Queued => "queued",
        }
    }
}

impl Timeline {
    /// The end of the longest part, in seconds.
    #[must_use]
    pub fn end(&self) -> f64 {
        let tracks = self.parts.iter().flat_map(|part| &part.tracks);
        let ends = tracks.flat_map(|track| {
            let spans = track.spans.iter().map(|span| span.to);
            spans.chain(track.marks.iter().copied())
        });
        ends.fold(0.0, f64::max)
    }

    /// The kinds of spans in it, and whether it has marks. A legend explains these.
    #[must_use]
    pub fn kinds(&self) -> (Vec<Kind>, bool) {
        let tracks = || self.parts.iter().flat_map(|part| &part.tracks);
        let has = |kind| tracks().any(|track| track.spans.iter().any(|span| span.kind == kind));
        let kinds = Kind::ALL.into_iter().filter(|kind| has(*kind)).collect();
        (kinds, tracks().any(|track| !track.marks.is_empty()))
    }
}

/// The positions of the labels of an axis from 0 to `end`. There are at most `most` steps, each of
/// 1, 2 or 5 times a power of ten.
#[must_use]
pub fn ticks(end: f64, most: u32) -> Vec<f64> {
    if !end.is_finite() || end <= 0.0 {
        return vec![0.0];
    }
    let least = end / f64::from(most.max(1));
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
    let step = steps.into_iter().find(|step| *step >= least * 0.999);
    let step = step.unwrap_or(end);
    let count = (end / step * 1.001).floor();
    (0..)
        .map(f64::from)
        .take_while(|index| *index <= count)
        .map(|index| index * step)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_steps() {
        for (end, most, expected) in [
            (5.0, 5, vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]),
            (5.0, 4, vec![0.0, 2.0, 4.0]),
            (25.3, 5, vec![0.0, 10.0, 20.0]),
            (0.4, 4, vec![0.0, 0.1, 0.2, 0.3, 0.4]),
            (0.0, 4, vec![0.0]),
        ] {
            let found = ticks(end, most);
            assert_eq!(found.len(), expected.len(), "{end} {most}: {found:?}");
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-9, "{found} {expected}");
            }
        }
    }
}
