//! How an experiment writes its timeline while it runs: what is written is kept, and told at once.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::mpsc;

use super::Event;
use super::timeline::{Kind, Part, Span, Timeline, Track};

/// What one run writes to. Cheap to clone.
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

    /// One more part. Its time begins when it is first asked for.
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

    /// A number, named with its unit last.
    pub(super) fn figure(&self, name: &'static str, value: f64) {
        self.kept().figures.insert(name.to_owned(), value);
        self.tell(Event::Figure { name, value });
    }

    /// All that was written so far.
    pub(super) fn snapshot(&self) -> Kept {
        self.kept().clone()
    }

    /// Whoever reads too slowly misses steps of the drawing; the report at the end has them all.
    fn tell(&self, event: Event) {
        let _ = self.0.events.try_send(event);
    }

    /// Nothing panics under the lock.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock()
    }
}

/// A part of the timeline, while it is written.
#[derive(Clone, Debug)]
pub(super) struct LivePart {
    recorder: Recorder,
    index: usize,
    began: Arc<OnceLock<Instant>>,
}

impl LivePart {
    /// Its time begins now, if it has not yet.
    pub(super) fn start(&self) -> Instant {
        *self.began.get_or_init(Instant::now)
    }

    /// Seconds since it began.
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

    /// What came of it.
    pub(super) fn note(&self, text: String) {
        self.recorder.kept().timeline.parts[self.index].note = Some(text.clone());
        self.recorder.tell(Event::Note {
            part: self.index,
            track: None,
            text,
        });
    }
}

/// A track of a part, while it is written. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct LiveTrack {
    part: LivePart,
    index: usize,
}

impl LiveTrack {
    /// Seconds since the part began.
    pub(super) fn now(&self) -> f64 {
        self.part.now()
    }

    /// A span that begins now, and ends when what is returned is dropped.
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

    /// A span for as long as `future` takes.
    pub(super) async fn during<F: Future>(&self, kind: Kind, future: F) -> F::Output {
        let _span = self.begin(kind);
        future.await
    }

    /// A span that is over.
    pub(super) fn span(&self, kind: Kind, from: f64, to: f64) {
        self.begin_at(kind, from).end_at(to);
    }

    /// Something that took no time worth drawing, now.
    pub(super) fn mark(&self) {
        let at = self.now();
        self.change(|kept| kept.marks.push(at));
        let (part, track) = (self.part.index, self.index);
        self.part.recorder.tell(Event::Mark { part, track, at });
    }

    /// What came of it.
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
    /// Ends at this time, rather than now.
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
