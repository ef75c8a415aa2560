//! A second opinion on the verdicts of the ledger: 385 handlers, each with the verdict that its
//! author gave it from the documentation alone, without sight of the rules.
//!
//! ```text
//! $ cargo test -p corpus --test second_opinion -- --nocapture
//! ```
//!
//! Environment variables set the conditions: `CORPUS_SPINNERS` busy processes beside it,
//! `CORPUS_THREADS` of the runtime, `CORPUS_REQUESTS` for each handler, `CORPUS_CASES` as a filter of
//! names.
