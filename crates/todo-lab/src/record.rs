//! Records the timeline of an experiment while it runs. Each entry is kept for the report, and also
//! sent as an event at once.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::mpsc;

use super::Event;
use super::timeline::{Kind, Part, Span, Timeline, Track};

/// Records one run. Clones share the record.
#[derive(Clone, Debug)]
pub(super) struct Recorder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kept: Mutex<Kept>,
    events: mpsc::Sender<Event>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    pub(super) timeline: Timeline,
    pub(super) figures: BTreeMap<String, f64>,
}

impl Recorder {
    pub(super) fn new(events: mpsc::Sender<Event>) -> Self {
        let kept = Mutex::default();
        Self(Arc::new(Inner { kept, events }))
    }

    /// Adds a part. Its time starts with the first call of [`LivePart::start`] or
    /// [`LivePart::now`].
    pub(super) fn part(&self, name: &str) -> LivePart {
        let mut kept = self.kept();
        let index = kept.timeline.parts.len();
        let name = name.to_owned();
        kept.timeline.parts.push(Part {
            name: name.clone(),
            ..Part::default()
        });
        self.tell(Event::Part { part: index, name });
        LivePart {
            recorder: self.clone(),
            index,
            began: Arc::default(),
        }
    }

    pub(super) fn progress(&self, what: &str, done: usize, of: usize) {
        let what = what.to_owned();
        self.tell(Event::Progress { what, done, of });
    }

    /// Records a number. Its name must end with its unit.
    pub(super) fn figure(&self, name: &'static str, value: f64) {
        self.kept().figures.insert(name.to_owned(), value);
        self.tell(Event::Figure { name, value });
    }

    /// A copy of what was recorded so far.
    pub(super) fn snapshot(&self) -> Kept {
        self.kept().clone()
    }

    /// Sends an event. It is dropped if the reader is too slow. The report has everything.
    fn tell(&self, event: Event) {
        let _ = self.0.events.try_send(event);
    }

    /// Ignores poisoning, because nothing panics under the lock.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock()
    }
}

/// A part of the timeline that is being recorded.
#[derive(Clone, Debug)]
pub(super) struct LivePart {
    recorder: Recorder,
    index: usize,
    began: Arc<OnceLock<Instant>>,
}

impl LivePart {
    /// Starts the time of the part if it has not started yet, and returns its start.
    pub(super) fn start(&self) -> Instant {
        *self.began.get_or_init(Instant::now)
    }

    /// Seconds since the time of the part started. Starts it if it has not started yet.
    pub(super) fn now(&self) -> f64 {
        self.start().elapsed().as_secs_f64()
    }

    pub(super) fn track(&self, name: &str) -> LiveTrack {
        let mut kept = self.recorder.kept();
        let tracks = &mut kept.timeline.parts[self.index].tracks;
        let (part, track) = (self.index, tracks.len());
        let name = name.to_owned();
        tracks.push(Track {
            name: name.clone(),
            ..Track::default()
        });
        self.recorder.tell(Event::Track { part, track, name });
        LiveTrack {
            part: self.clone(),
            index: track,
        }
    }

    /// Records the result of the part.
    pub(super) fn note(&self, text: String) {
        self.recorder.kept().timeline.parts[self.index].note = Some(text.clone());
        self.recorder.tell(Event::Note {
            part: self.index,
            track: None,
            text,
        });
    }
}

/// A track that is being recorded. Clones share the track.
#[derive(Clone, Debug)]
pub(super) struct LiveTrack {
    part: LivePart,
    index: usize,
}

impl LiveTrack {
    /// Seconds since the time of the part started.
    pub(super) fn now(&self) -> f64 {
        self.part.now()
    }

    /// Begins a span. It ends when the returned value is dropped.
    pub(super) fn begin(&self, kind: Kind) -> OpenSpan {
        self.begin_at(kind, self.now())
    }

    pub(super) fn begin_at(&self, kind: Kind, at: f64) -> OpenSpan {
        let (part, track) = (self.part.index, self.index);
        let span = self.change(|kept| {
            let (from, to) = (at, at);
            kept.spans.push(Span { kind, from, to });
            kept.spans.len() - 1
        });
        self.part.recorder.tell(Event::Begin {
            part,
            track,
            span,
            kind,
            at,
        });
        OpenSpan {
            track: self.clone(),
            index: span,
            ended: None,
        }
    }

    /// Awaits `future`, and records a span for that time.
    pub(super) async fn during<F: Future>(&self, kind: Kind, future: F) -> F::Output {
        let _span = self.begin(kind);
        future.await
    }

    /// Records a span that has ended already.
    pub(super) fn span(&self, kind: Kind, from: f64, to: f64) {
        self.begin_at(kind, from).end_at(to);
    }

    /// Records an event, at the present time, that is too short to draw as a span.
    pub(super) fn mark(&self) {
        let at = self.now();
        self.change(|kept| kept.marks.push(at));
        let (part, track) = (self.part.index, self.index);
        self.part.recorder.tell(Event::Mark { part, track, at });
    }

    /// Records the result of the track.
    pub(super) fn note(&self, text: String) {
        self.change(|kept| kept.note = Some(text.clone()));
        self.part.recorder.tell(Event::Note {
            part: self.part.index,
            track: Some(self.index),
            text,
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut Track) -> T) -> T {
        let mut kept = self.part.recorder.kept();
        change(&mut kept.timeline.parts[self.part.index].tracks[self.index])
    }
}

/// A span that has not ended yet.
#[derive(Debug)]
pub(super) struct OpenSpan {
    track: LiveTrack,
    index: usize,
    ended: Option<f64>,
}

impl OpenSpan {
    /// Ends the span at `at` instead of now.
    fn end_at(mut self, at: f64) {
        self.ended = Some(at);
    }
}

impl Drop for OpenSpan {
    fn drop(&mut self) {
        let track = &self.track;
        let at = self.ended.unwrap_or_else(|| track.now());
        track.change(|kept| kept.spans[self.index].to = at);
        track.part.recorder.tell(Event::End {
            part: track.part.index,
            track: track.index,
            span: self.index,
            at,
        });
    }
}
