//! Draws the timelines as one self-contained SVG picture: it has no scripts, fonts or links. It is
//! light or dark as the reader prefers.

use std::fmt::Write;

use super::timeline::{Part, Timeline, Track, ticks};
use super::{Report, words};

const WIDTH: f64 = 860.0;
/// The left and right ends of bars.
const LEFT: f64 = 190.0;
const RIGHT: f64 = 750.0;
const MARGIN: f64 = 24.0;
const ROW: f64 = 22.0;
const BAR: f64 = 14.0;

const STYLE: &str = include_str!("timeline.css");

/// Draws these experiments above each other. Returns the text of the SVG file.
#[must_use]
pub fn draw(reports: &[Report]) -> String {
    let mut drawing = Drawing::default();
    for report in reports {
        drawing.experiment(report);
    }
    let Drawing { body, y } = drawing;
    let height = y + 8.0;
    let names: Vec<_> = reports
        .iter()
        .map(|report| report.experiment.name())
        .collect();
    let title = escape(&format!("Timelines of the lab: {}", names.join(", ")));
    let described: Vec<_> = reports.iter().map(described).collect();
    let described = escape(&described.join(" "));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">{title}</title>\n\
         <desc id=\"desc\">{described}</desc>\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\" rx=\"10\"/>\n{body}</svg>\n"
    )
}

fn described(report: &Report) -> String {
    let (question, said) = (&report.question, report.said.join(" "));
    format!("{question} {said}")
}

#[derive(Debug)]
struct Drawing {
    body: String,
    /// The lower end of what was drawn so far.
    y: f64,
}

impl Default for Drawing {
    fn default() -> Self {
        Self {
            body: String::new(),
            y: 16.0,
        }
    }
}

impl Drawing {
    fn experiment(&mut self, report: &Report) {
        self.y += 22.0;
        self.text("title", MARGIN, "", report.experiment.name());
        self.y += 20.0;
        self.text("quiet", MARGIN, "", &report.question);
        self.y += 12.0;
        self.timeline(&report.timeline);
        self.y += 14.0;
    }

    fn timeline(&mut self, timeline: &Timeline) {
        let end = timeline.end();
        let (top, at) = (self.y + 6.0, self.body.len());
        for part in &timeline.parts {
            self.part(part, end);
        }
        let grid = self.axis(end, top);
        // Inserted before the bars, so that they are drawn over the grid.
        self.body.insert_str(at, &grid);
        self.legend(timeline);
    }

    fn part(&mut self, part: &Part, end: f64) {
        self.y += 24.0;
        self.text("part", MARGIN, "", &part.name);
        if let Some(note) = &part.note {
            self.text("part note", WIDTH - MARGIN, "end", note);
        }
        self.y += 8.0;
        for track in &part.tracks {
            self.track(track, end);
        }
    }

    fn track(&mut self, track: &Track, end: f64) {
        let top = self.y + (ROW - BAR) / 2.0;
        self.y += ROW;
        let baseline = self.y - 7.0;
        let y = std::mem::replace(&mut self.y, baseline);
        self.text("name", LEFT - 12.0, "end", &track.name);
        if let Some(note) = &track.note {
            self.text("name", RIGHT + 10.0, "", note);
        }
        self.y = y;
        self.rect("track", LEFT, top, RIGHT - LEFT);
        for mark in &track.marks {
            self.rect("mark", x(*mark, end), top, 1.6);
        }
        for span in &track.spans {
            let (from, to) = (x(span.from, end), x(span.to, end));
            self.rect(span.kind.class(), from, top, (to - from).max(1.6));
        }
    }

    /// Draws the labels of the axis, and returns the vertical lines above them.
    fn axis(&mut self, end: f64, top: f64) -> String {
        let bottom = self.y + 4.0;
        self.y += 18.0;
        let mut grid = String::new();
        for tick in ticks(end, 6) {
            let at = x(tick, end);
            let _ = writeln!(
                grid,
                "<path class=\"grid\" d=\"M{at:.1} {top:.1}V{bottom:.1}\"/>"
            );
            self.text("axis", at, "middle", &words::round_time(tick));
        }
        grid
    }

    fn legend(&mut self, timeline: &Timeline) {
        self.y += 24.0;
        let (kinds, marks) = timeline.kinds();
        let kinds = kinds.into_iter().map(|kind| (kind.class(), kind.words()));
        let marks = marks.then_some(("mark", "done"));
        let mut at = LEFT;
        for (class, words) in kinds.chain(marks) {
            let width = if class == "mark" { 2.0 } else { BAR };
            self.rect(class, at + (BAR - width) / 2.0, self.y - 11.0, width);
            self.text("legend", at + 20.0, "", words);
            at += 34.0 + 6.6 * words.chars().count() as f64;
        }
        self.y += 6.0;
    }

    fn text(&mut self, class: &str, at: f64, anchor: &str, text: &str) {
        let anchor = match anchor {
            "" => String::new(),
            anchor => format!(" text-anchor=\"{anchor}\""),
        };
        let (y, text) = (self.y, escape(text));
        let _ = writeln!(
            self.body,
            "<text class=\"{class}\" x=\"{at:.1}\" y=\"{y:.1}\"{anchor}>{text}</text>"
        );
    }

    fn rect(&mut self, class: &str, at: f64, top: f64, width: f64) {
        let height = if class == "mark" { BAR - 6.0 } else { BAR };
        let top = if class == "mark" { top + 3.0 } else { top };
        let _ = writeln!(
            self.body,
            "<rect class=\"{class}\" x=\"{at:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height}\" rx=\"{}\"/>",
            (width / 2.0).min(2.5)
        );
    }
}

fn x(at: f64, end: f64) -> f64 {
    LEFT + (at / end.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0) * (RIGHT - LEFT)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
