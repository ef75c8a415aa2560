//! Draws the results of the lab in a terminal: bars of characters, a table and sentences. The
//! output fits in 80 columns.

use std::fmt::Write;

use unicode_segmentation::UnicodeSegmentation;

use super::timeline::{Kind, Part, Span, Timeline, Track, ticks};
use super::{Report, Table, words};

/// The width of the output, in columns.
const WIDTH: usize = 80;
/// The widths of a track's name and of its bar, in columns.
const NAME: usize = 22;
const BAR: usize = 44;

/// Draws all results of one experiment, with ANSI colours if `colour` is set.
#[must_use]
pub fn draw(report: &Report, colour: bool) -> String {
    let ink = Ink { colour };
    let mut out = String::new();
    let (name, question) = (report.experiment.name(), &report.question);
    let _ = writeln!(out, "{}  {question}\n", ink.bold(name));
    out += &timeline(&report.timeline, ink);
    out.push('\n');
    out += &table(&report.table, ink);
    out.push('\n');
    for sentence in &report.said {
        out += &wrapped(sentence, "  ");
    }
    if !report.ledger.is_empty() {
        let _ = writeln!(out, "\n  {}", ink.quiet("What the ledger says of it:"));
        for line in &report.ledger {
            out += &wrapped(line, "  · ");
        }
    }
    out
}

#[derive(Clone, Copy, Debug)]
struct Ink {
    colour: bool,
}

impl Ink {
    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn quiet(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.colour && !text.trim().is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The content of one column of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Nothing,
    Mark,
    Of(Kind),
}

impl Cell {
    /// The character that shows it. Each is different, so that they can be told apart without
    /// colour.
    fn character(self) -> char {
        match self {
            Self::Nothing => ' ',
            Self::Mark => '·',
            Self::Of(Kind::Waiting) => '░',
            Self::Of(Kind::WaitingInThread) => '▒',
            Self::Of(Kind::Computing) => '█',
            Self::Of(Kind::Blocked) => '▓',
            Self::Of(Kind::Queued) => '╌',
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Self::Nothing => "0",
            Self::Mark => "32",
            Self::Of(Kind::Waiting) => "34",
            Self::Of(Kind::WaitingInThread) => "36",
            Self::Of(Kind::Computing) => "33",
            Self::Of(Kind::Blocked) => "31",
            Self::Of(Kind::Queued) => "35",
        }
    }
}

fn timeline(timeline: &Timeline, ink: Ink) -> String {
    let end = timeline.end();
    let mut out = String::new();
    for part in &timeline.parts {
        out += &heading(part, ink);
        for track in &part.tracks {
            let name = cut(&track.name, NAME - 3);
            let note = track.note.as_deref().unwrap_or_default();
            let bar = bar(&cells(track, end), ink);
            let line = format!("    {name:<width$}{bar} {note}", width = NAME - 2);
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    out += &axis(end, ink);
    out += &legend(timeline, ink);
    out
}

fn heading(part: &Part, ink: Ink) -> String {
    let name = ink.bold(&part.name);
    let Some(note) = &part.note else {
        return format!("  {name}\n");
    };
    let space = WIDTH.saturating_sub(2 + part.name.chars().count() + note.chars().count());
    let space = " ".repeat(space.max(2));
    format!("  {name}{space}{note}\n")
}

/// The columns of a track's bar. A column shows the kind of span that covers most of it. A span
/// shorter than a column gets at least half a point in the column where it begins, so that it is
/// not lost.
fn cells(track: &Track, end: f64) -> [Cell; BAR] {
    let mut cells = [Cell::Nothing; BAR];
    let mut taken = [0.5; BAR];
    let column = |at: f64| (at / end.max(f64::MIN_POSITIVE) * BAR as f64).clamp(0.0, BAR as f64);
    for mark in &track.marks {
        cells[(column(*mark) as usize).min(BAR - 1)] = Cell::Mark;
    }
    for kind in Kind::ALL {
        let spans = || track.spans.iter().filter(|span| span.kind == kind);
        for index in 0..BAR {
            let (left, right) = (index as f64, index as f64 + 1.0);
            let of_span = |span: &Span| {
                let (from, to) = (column(span.from), column(span.to));
                let began = to - from < 1.0 && (from as usize).min(BAR - 1) == index;
                let covered = (to.min(right) - from.max(left)).max(0.0);
                if began { 0.5 + covered / 2.0 } else { covered }
            };
            let most = spans().map(of_span).fold(0.0, f64::max);
            if most >= taken[index] {
                (cells[index], taken[index]) = (Cell::Of(kind), most);
            }
        }
    }
    cells
}

fn bar(cells: &[Cell; BAR], ink: Ink) -> String {
    let runs = cells.chunk_by(|one, other| one == other);
    runs.map(|run| {
        let text: String = run.iter().map(|cell| cell.character()).collect();
        ink.with(run[0].colour(), &text)
    })
    .collect()
}

fn axis(end: f64, ink: Ink) -> String {
    if end <= 0.0 {
        return String::new();
    }
    let mut line = vec![' '; NAME + 2 + BAR + 12];
    for tick in ticks(end, 5) {
        let column = NAME + 2 + (tick / end * BAR as f64).round() as usize;
        let label = format!("╵{}", words::round_time(tick));
        for (offset, character) in label.chars().enumerate() {
            if let Some(place) = line.get_mut(column + offset) {
                *place = character;
            }
        }
    }
    let line: String = line.into_iter().collect();
    format!("{}\n", ink.quiet(line.trim_end()))
}

fn legend(timeline: &Timeline, ink: Ink) -> String {
    let (kinds, marks) = timeline.kinds();
    let of_kind = |kind| (Cell::Of(kind), Kind::words(kind));
    let mut known: Vec<_> = kinds.into_iter().map(of_kind).collect();
    if marks {
        known.push((Cell::Mark, "done"));
    }
    let (mut out, mut column) = (String::from("\n"), 0);
    for (cell, words) in known {
        let sample = String::from_iter([cell.character(); 2]);
        let width = 3 + 2 + 1 + words.chars().count();
        if column > 0 && column + width > WIDTH {
            out.push('\n');
            column = 0;
        }
        out += if column == 0 { "  " } else { "   " };
        let _ = write!(out, "{} {words}", ink.with(cell.colour(), &sample));
        column += width;
    }
    out.push('\n');
    out
}

fn table(table: &Table, ink: Ink) -> String {
    let widths: Vec<_> = (0..table.columns.len())
        .map(|column| {
            let cells = table.rows.iter().filter_map(|row| row.get(column));
            let widths = cells.chain(table.columns.get(column));
            widths.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &[String]| {
        let mut line = String::from("  ");
        for (index, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            if is_number(cell) && index > 0 {
                let _ = write!(line, "{cell:>width$}   ");
            } else {
                let _ = write!(line, "{cell:<width$}   ");
            }
        }
        line.trim_end().to_owned()
    };
    let mut out = format!("{}\n", ink.quiet(&line(&table.columns)));
    for row in &table.rows {
        let _ = writeln!(out, "{}", line(row));
    }
    if let Some(note) = &table.note {
        for line in wrapped(note, "  ").lines() {
            let _ = writeln!(out, "{}", ink.quiet(line));
        }
    }
    out
}

fn is_number(cell: &str) -> bool {
    cell.starts_with(|first: char| first.is_ascii_digit())
}

/// Wraps the text to the width. The first line begins with `mark`, and the others are indented by
/// its width.
fn wrapped(text: &str, mark: &str) -> String {
    let indent = " ".repeat(mark.chars().count());
    let (mut out, mut line, mut empty) = (String::new(), mark.to_owned(), true);
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out = out + &line + "\n";
            line.clone_from(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line += word;
        empty = false;
    }
    out + &line + "\n"
}

/// Cuts the text to this many grapheme clusters. It never splits a cluster.
fn cut(text: &str, most: usize) -> String {
    if text.graphemes(true).count() <= most {
        return text.to_owned();
    }
    let kept = text.graphemes(true).take(most.saturating_sub(1));
    kept.chain(["…"]).collect()
}

/// The progress of a run, for a line that is overwritten: `users answered 320 of 1,000`.
#[must_use]
pub fn progress(what: &str, done: usize, of: usize) -> String {
    format!("{what} {} of {}", words::count(done), words::count(of))
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_cut_goes_between_characters_as_people_count_them() {
        for (text, expected) in [
            ("abcd", "abcd"),
            ("abcde", "abc…"),
            ("👨‍👩‍👧‍👦🇩🇪e\u{301}x", "👨‍👩‍👧‍👦🇩🇪e\u{301}x"),
            ("👨‍👩‍👧‍👦🇩🇪e\u{301}xy", "👨‍👩‍👧‍👦🇩🇪e\u{301}…"),
        ] {
            assert_eq!(cut(text, 4), expected);
        }
    }
}
