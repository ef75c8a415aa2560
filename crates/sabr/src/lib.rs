//! Sync and async endpoints, and accountable background tasks, for axum, tower and tokio.
