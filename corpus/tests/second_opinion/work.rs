//! Computing of several kinds. Each takes some milliseconds in a debug build and in a release
//! build, so the sizes differ.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{Read, Write};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};

/// How much more a release build is given to do than a debug build.
const SCALE: usize = if cfg!(debug_assertions) { 1 } else { 10 };

static STEPS_PER_MILLISECOND: OnceLock<u64> = OnceLock::new();

fn steps(count: u64) -> u64 {
    (0..count).fold(0xcbf2_9ce4_8422_2325, |hash, n| {
        (hash ^ black_box(n)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Measures how fast this machine computes. The fastest of several runs was not interrupted.
pub(crate) fn calibrate() {
    const STEPS: u64 = 400_000;
    let run = |_| {
        let since = Instant::now();
        black_box(steps(STEPS));
        since.elapsed()
    };
    let fastest = (0..100).map(run).min().unwrap_or(Duration::from_millis(1));
    let nanoseconds = u64::try_from(fastest.as_nanos()).unwrap_or(u64::MAX).max(1);
    STEPS_PER_MILLISECOND.get_or_init(|| STEPS * 1_000_000 / nanoseconds);
}

/// Computes for about this many microseconds of processor time, however busy the machine is.
pub(crate) fn burn(microseconds: u64) -> u64 {
    let per_millisecond = *STEPS_PER_MILLISECOND.get_or_init(|| 100_000);
    // Why: without it the compiler leaves out what has no use for the result.
    black_box(steps(per_millisecond * microseconds / 1000))
}

/// As [`burn`], for code that has no use for the result.
pub(crate) fn spend(microseconds: u64) {
    burn(microseconds);
}

/// Numbers that look random and are the same each time.
pub(crate) fn numbers(count: usize) -> Vec<u64> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..count).map(|_| next()).collect()
}

pub(crate) fn sort() -> u64 {
    let mut all = numbers(20_000 * SCALE);
    all.sort_unstable();
    all[all.len() / 2]
}

/// A password's hash: the same step many times.
pub(crate) fn stretch_password(password: &str) -> String {
    let salted = password
        .bytes()
        .fold(17, |sum: u64, byte| sum * 31 + u64::from(byte));
    format!("{:x}", salted ^ burn(6000))
}

pub(crate) fn primes() -> usize {
    let limit = 40_000 * SCALE;
    let mut composite = vec![false; limit];
    for n in 2..limit {
        if !composite[n] {
            (n * 2..limit)
                .step_by(n)
                .for_each(|multiple| composite[multiple] = true);
        }
    }
    // A second way, to compare with.
    let slowly = (2..if cfg!(debug_assertions) { 700 } else { 5000 })
        .filter(|n| (2..*n).all(|d| n % d != 0))
        .count();
    composite.iter().filter(|c| !**c).count() + slowly
}

pub(crate) fn multiply_matrices() -> f64 {
    let n = if cfg!(debug_assertions) { 48 } else { 144 };
    let a: Vec<f64> = (0..n * n).map(f64::from).collect();
    let at = |row: i32, column: i32| a[usize::try_from(row * n + column).unwrap_or(0)];
    let cell = |row, column| (0..n).map(|k| at(row, k) * at(k, column)).sum::<f64>();
    (0..n)
        .map(|row| (0..n).map(|column| cell(row, column)).sum::<f64>())
        .sum()
}

/// How many letters have to change between two texts.
pub(crate) fn edit_distance() -> usize {
    let length = if cfg!(debug_assertions) { 220 } else { 1200 };
    let (a, b) = (numbers(length), numbers(length + 7));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x % 7 != y % 7);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Looks for `a+b?c` in a text as a naive matcher would.
pub(crate) fn match_pattern() -> usize {
    let text: Vec<u8> = numbers(30_000 * SCALE)
        .iter()
        .map(|n| b"aaabc"[(n % 5) as usize])
        .collect();
    let matches_at = |start: usize| {
        let letters = text[start..].iter().take_while(|c| **c == b'a').count();
        let rest = &text[start + letters..];
        let rest = rest.strip_prefix(b"b").unwrap_or(rest);
        letters > 0 && rest.first() == Some(&b'c')
    };
    (0..text.len()).filter(|start| matches_at(*start)).count()
}

pub(crate) fn count_words(text: &str) -> usize {
    let mut words: HashMap<&str, usize> = HashMap::new();
    for word in text.split_whitespace() {
        *words.entry(word).or_default() += 1;
    }
    words.len()
}

pub(crate) fn prose() -> String {
    let words = numbers(10_000 * SCALE);
    words.iter().fold(String::new(), |mut text, n| {
        let _ = write!(text, "word{} ", n % 1000);
        text
    })
}

pub(crate) fn mandelbrot() -> u32 {
    let side = if cfg!(debug_assertions) { 140 } else { 400 };
    let escape = |cx: f64, cy: f64| {
        let (mut x, mut y, mut n) = (0.0, 0.0, 0);
        while x * x + y * y < 4.0 && n < 100 {
            (x, y) = (x * x - y * y + cx, 2.0 * x * y + cy);
            n += 1;
        }
        n
    };
    let at = |n: u32| f64::from(n) / f64::from(side) * 3.0 - 2.0;
    (0..side)
        .map(|row| {
            (0..side)
                .map(|column| escape(at(column), at(row)))
                .sum::<u32>()
        })
        .sum()
}

pub(crate) fn build_index() -> usize {
    let index: BTreeMap<u64, String> = numbers(3_000 * SCALE)
        .into_iter()
        .map(|n| (n, n.to_string()))
        .collect();
    index.range(u64::MAX / 2..).count()
}

/// A page of HTML with a table of many rows.
pub(crate) fn render(rows: usize) -> String {
    let mut page = String::from("<table>");
    for n in 0..rows {
        let _ = write!(
            page,
            "<tr><td>{n}</td><td>{:x}</td><td>{:>12}</td></tr>",
            n * 7,
            n * n
        );
    }
    page + "</table>"
}

pub(crate) fn render_large() -> String {
    render(6_000 * SCALE)
}

/// A JSON document of some hundred kilobytes in a debug build, of a megabyte in a release build.
pub(crate) fn large_json() -> Bytes {
    static JSON: OnceLock<Bytes> = OnceLock::new();
    let build = || {
        let rows = if cfg!(debug_assertions) {
            2_000
        } else {
            16_000
        };
        Bytes::from(large_value(rows).to_string())
    };
    JSON.get_or_init(build).clone()
}

pub(crate) fn large_value(rows: usize) -> Value {
    let row = |n: u64| json!({"id": n, "title": format!("todo {n}"), "done": n.is_multiple_of(2)});
    numbers(rows).into_iter().map(row).collect()
}

pub(crate) fn parse(json: &[u8]) -> usize {
    let value: Value = serde_json::from_slice(json).unwrap_or_default();
    value.as_array().map_or(0, Vec::len)
}

pub(crate) fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder
        .write_all(bytes)
        .expect("memory takes what is written");
    encoder.finish().expect("memory takes what is written")
}

pub(crate) fn decompress(bytes: &[u8]) -> usize {
    let mut all = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(bytes);
    decoder
        .read_to_end(&mut all)
        .expect("what was compressed here");
    all.len()
}

pub(crate) fn compressed_json() -> &'static [u8] {
    static COMPRESSED: OnceLock<Vec<u8>> = OnceLock::new();
    COMPRESSED.get_or_init(|| compress(&large_json()))
}
