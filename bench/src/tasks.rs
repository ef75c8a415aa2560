use axum::Router;
use axum::routing::get;
use sabr::{BackgroundTasks, Overloaded, Sabr};

use crate::Load;
use crate::peer::Peer;
use crate::rounds;

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

/// Serves one route with a background task and one without. One thread, because uvicorn has one.
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
