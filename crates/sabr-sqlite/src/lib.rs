//! SQLite for async services: group-committed durable writes, concurrent reads.
