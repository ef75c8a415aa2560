//! Which endpoint a request counts for: nested routes, methods, fallbacks.

use std::thread;

use axum::Router;
use axum::extract::Path;
use axum::http::{Method, StatusCode};
use axum::routing::{any, delete, get, post, put};
use sabr::ledger::VerdictKind;
use sabr::sync;
use tokio::time::sleep;

use super::ms;
use crate::case::{
    ASYNC_FITS, BLOCKS, COMPUTES, Case, Expected, NEVER_WAITS, NO_SUCCESS, SYNC_FITS,
    WAITS_IN_THREAD, handler, router,
};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = nested();
    cases.extend(methods());
    cases
}

fn nested() -> Vec<Case> {
    vec![
        router(
            "nested",
            ASYNC_FITS,
            "waits",
            ("/api/todos", "/api/todos"),
            || {
                let api = Router::new().route("/todos", get(|| async { sleep(ms(4)).await }));
                Router::new().nest("/api", api)
            },
        ),
        router(
            "nested_twice",
            BLOCKS,
            "blocks",
            ("/api/v1/todos/{id}", "/api/v1/todos/3"),
            || {
                let one = |Path(id): Path<u64>| async move { thread::sleep(ms(id)) };
                let v1 = Router::new().route("/todos/{id}", get(one));
                Router::new().nest("/api", Router::new().nest("/v1", v1))
            },
        ),
        router(
            "nested_fn",
            SYNC_FITS,
            "computes on a thread",
            ("/api/hash", "/api/hash"),
            || {
                let hash = get(sync(|| work::burn(3000).to_string()));
                Router::new().nest("/api", Router::new().route("/hash", hash))
            },
        ),
        router(
            "merged",
            NEVER_WAITS,
            "answers at once",
            ("/b", "/b"),
            || {
                let a = Router::new().route("/a", get(|| async { sleep(ms(4)).await }));
                a.merge(Router::new().route("/b", get(|| async { "b" })))
            },
        ),
        router(
            "wildcard",
            ASYNC_FITS,
            "waits",
            ("/files/{*path}", "/files/a/b/c"),
            || {
                let file = |Path(path): Path<String>| async move {
                    sleep(ms(4)).await;
                    path
                };
                Router::new().route("/files/{*path}", get(file))
            },
        ),
        router(
            "one_of_many_blocks",
            NEVER_WAITS,
            "its sibling blocks",
            ("/quick", "/quick"),
            || {
                let slow = get(|| async { thread::sleep(ms(4)) });
                Router::new()
                    .route("/quick", get(|| async { "quick" }))
                    .route("/slow", slow)
            },
        ),
    ]
}

fn methods() -> Vec<Case> {
    /// Not of the handler, which is for another method; nothing has to be changed.
    const NOT_ALLOWED: Expected = &[
        VerdictKind::TooEarly,
        VerdictKind::AsyncFits,
        VerdictKind::SyncFits,
    ];
    vec![
        handler("head_of_get", BLOCKS, "runs the handler of GET", || {
            get(|| async { thread::sleep(ms(4)) })
        })
        .method(Method::HEAD),
        handler(
            "head_of_get_waits",
            ASYNC_FITS,
            "runs the handler of GET",
            || get(|| async { sleep(ms(4)).await }),
        )
        .method(Method::HEAD),
        handler("head_of_fn", SYNC_FITS, "runs the function of GET", || {
            get(sync(|| "Hello"))
        })
        .method(Method::HEAD),
        handler("put_beside_get", COMPUTES, "only PUT computes", || {
            get(|| async { "Hello" }).put(|| async { work::burn(4000).to_string() })
        })
        .method(Method::PUT),
        handler("get_beside_put", NEVER_WAITS, "only PUT computes", || {
            put(|| async { work::burn(4000).to_string() }).get(|| async { "Hello" })
        }),
        handler(
            "delete_fn_beside_get",
            WAITS_IN_THREAD,
            "DELETE is a plain fn that waits",
            || delete(sync(|| thread::sleep(ms(4)))).get(|| async { "Hello" }),
        )
        .method(Method::DELETE),
        handler("any_method", ASYNC_FITS, "waits in each method", || {
            any(|| async { sleep(ms(4)).await })
        })
        .method(Method::PUT),
        handler(
            "method_not_allowed",
            NOT_ALLOWED,
            "no handler is for it",
            || post(|| async { thread::sleep(ms(4)) }),
        ),
        handler(
            "fallback_of_methods",
            ASYNC_FITS,
            "waits in all other methods",
            || post(|| async { "Hello" }).fallback(|| async { sleep(ms(4)).await }),
        ),
        handler(
            "fallback_of_methods_blocks",
            BLOCKS,
            "blocks in all other methods",
            || post(|| async { "Hello" }).fallback(|| async { thread::sleep(ms(4)) }),
        ),
        handler(
            "answers_404_at_once",
            NO_SUCCESS,
            "never succeeds, never waits",
            || get(|| async { StatusCode::NOT_FOUND }),
        ),
    ]
}
