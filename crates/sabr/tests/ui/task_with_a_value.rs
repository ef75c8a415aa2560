fn add(tasks: sabr::BackgroundTasks) {
    let _ = tasks.add(async { 5 });
}

fn main() {}
