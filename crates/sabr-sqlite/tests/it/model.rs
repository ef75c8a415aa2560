//! Random writes, some of which fail or panic, leave the same table as a simple model.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use proptest::prelude::*;
use sabr_sqlite::Error;

use crate::database::{hold, open, queued, texts};

#[derive(Clone, Copy, Debug)]
enum End {
    Ok,
    Err,
    Panic,
}

fn writes() -> impl Strategy<Value = Vec<(Vec<u8>, End)>> {
    let end = prop_oneof![4 => Just(End::Ok), 1 => Just(End::Err), 1 => Just(End::Panic)];
    let write = (prop::collection::vec(0..20_u8, 0..4), end);
    prop::collection::vec(write, 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn batches_leave_what_a_model_has(writes in writes()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (db, _folder) = open();
            let held = hold(&db).await;
            let mut model = BTreeSet::new();
            let mut calls = Vec::new();
            for (count, (values, end)) in writes.into_iter().enumerate() {
                if matches!(end, End::Ok) {
                    model.extend(values.iter().map(ToString::to_string));
                }
                let writing = db.clone();
                calls.push(tokio::spawn(async move {
                    let result = writing
                        .write(move |tx| {
                            for value in values {
                                let text = value.to_string();
                                tx.execute("INSERT OR IGNORE INTO notes VALUES (?1)", [text])?;
                            }
                            match end {
                                End::Ok => Ok(()),
                                End::Err => Err(Error::from(rusqlite::Error::QueryReturnedNoRows)),
                                End::Panic => panic!("on purpose"),
                            }
                        })
                        .await;
                    assert_eq!(result.is_ok(), matches!(end, End::Ok));
                }));
                queued(&db, count + 1).await;
            }
            held.release().await;
            for call in join_all(calls).await {
                call.unwrap();
            }
            let found: BTreeSet<_> = texts(&db).await.into_iter().collect();
            assert_eq!(found, model);
        });
    }
}
