use aide::openapi::{Info, License, OpenApi, Tag};

/// What stands at the head of the API's description; the operations describe themselves.
pub(crate) fn document() -> OpenApi {
    let tag = |name: &str, description: &str| Tag {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        ..Tag::default()
    };
    OpenApi {
        info: Info {
            title: "Todo".to_owned(),
            summary: Some("An async Todo API: what was answered is on disk".to_owned()),
            description: Some(include_str!("openapi.md").to_owned()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            license: Some(License {
                name: "MIT OR Apache-2.0".to_owned(),
                identifier: Some("MIT OR Apache-2.0".to_owned()),
                ..License::default()
            }),
            ..Info::default()
        },
        tags: vec![
            tag("todos", "What is to be done."),
            tag("items", "The checklists of todos."),
            tag("events", "What changes, as it changes."),
            tag("users", "Who uses the service."),
            tag("lab", "Experiments that are measured as they run."),
            tag("system", "What the service says of itself."),
        ],
        ..OpenApi::default()
    }
}
