use std::time::Duration;

use super::{Pool, PoolKind, PoolSize};

/// One pool of each kind.
#[derive(Debug)]
pub(crate) struct Pools([Pool; PoolKind::COUNT]);

impl Pools {
    pub(crate) fn new(size: impl Fn(PoolKind) -> PoolSize, retry_after: Duration) -> Self {
        Self(PoolKind::EACH.map(|kind| Pool::new(kind, size(kind), retry_after)))
    }

    pub(crate) fn get(&self, kind: PoolKind) -> &Pool {
        &self.0[kind as usize]
    }
}
