use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use sabr::{BackgroundTasks, Overloaded, Sabr};
use tokio::sync::watch;
use tower::ServiceExt;

use crate::Load;
use crate::peer::Peer;
use crate::{rounds, start};

pub(crate) async fn run(load: Load) {
    let sabr = Peer::tasks();
    let fastapi = Peer::fastapi();
    let request =
        |peer: &Peer, path: &str| format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", peer.address);
    let mut contenders = vec![
        ("Sabr, one task", &sabr, request(&sabr, "/task")),
        ("Sabr, none", &sabr, request(&sabr, "/none")),
    ];
    match &fastapi {
        Some(fastapi) => {
            contenders.push(("FastAPI, one task", fastapi, request(fastapi, "/task")));
            contenders.push(("FastAPI, none", fastapi, request(fastapi, "/none")));
        }
        None => println!("without FastAPI: `pip install fastapi uvicorn` brings it"),
    }
    rounds::run(&load, &contenders).await;
}

async fn none() -> &'static str {
    "done"
}

async fn task(tasks: BackgroundTasks) -> Result<&'static str, Overloaded> {
    tasks.add(async {})?;
    Ok("done")
}

/// Serves an answer with a task and one without, on one thread, as uvicorn does.
pub(crate) async fn serve() {
    let serving = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime can be started").block_on(async {
            let app = Router::new()
                .route("/task", get(task))
                .route("/none", get(none));
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
            let listener = listener.expect("a port is free");
            let address = listener.local_addr().expect("it listens");
            println!("http://{address}/");
            Sabr::default()
                .serve(listener, app)
                .await
                .expect("it serves");
        });
    });
    serving.join().expect("it ends in order");
}

/// Queues tasks that wait, and looks at what they take.
pub(crate) async fn memory() {
    const TASKS: usize = 100_000;
    const EACH: usize = 10;

    let sabr = Sabr::builder().task_backlog(TASKS).build();
    let (release, waiting) = watch::channel(false);
    let handler = move |tasks: BackgroundTasks| async move {
        for _ in 0..EACH {
            let mut waiting = waiting.clone();
            let added = tasks.add(async move {
                let _ = waiting.wait_for(|go| *go).await;
            });
            added.expect("the backlog has room");
        }
    };
    let app = Router::new().route("/", get(handler)).layer(sabr.layer());
    let before = start::resident_mib(std::process::id());
    for _ in 0..TASKS / EACH {
        let request = Request::get("/")
            .body(Body::empty())
            .expect("it is a request");
        // The response is dropped, so its tasks start: as many as may at once, and the others wait.
        let _ = app.clone().oneshot(request).await;
    }
    let taken = start::resident_mib(std::process::id()) - before;
    let stats = sabr.task_stats();
    println!("{stats:?}");
    println!(
        "{:.0} bytes a task ({EACH} to a request)",
        taken * 1024.0 * 1024.0 / TASKS as f64
    );
    release.send_replace(true);
    sabr.tasks_idle().await;
}
