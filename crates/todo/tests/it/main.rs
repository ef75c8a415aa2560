//! Tests the service from outside: a real server, real files and real processes.

#![expect(clippy::unwrap_used, reason = "a test that fails should say where")]
#![expect(
    clippy::disallowed_methods,
    reason = "servers and clients of tests run beside each other"
)]

mod architecture;
mod backend_contract;
mod bodies;
mod caching;
mod circles;
mod clock;
mod command_line;
mod copies;
mod cors;
mod delay;
mod dependencies;
mod description;
mod durability;
mod encodings;
mod events;
mod full_disk;
mod golden;
mod guard;
mod hosts;
mod items;
mod lab;
mod long_lists;
mod metrics;
mod operations;
mod output;
mod preconditions;
mod problems;
mod process;
mod random;
mod readme;
mod ready;
mod reference;
mod server;
mod seven_days;
mod shutdown;
mod slashes;
mod todos;
mod users;
