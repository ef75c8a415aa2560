use aide::openapi::{Contact, Info, License, OpenApi, SecurityRequirement, Server, Tag};
use axum::body::Bytes;
use serde_json::{Map, Value, json};

use crate::http::doc;

/// The head of the OpenAPI document. The operations add their own descriptions.
pub(crate) fn document() -> OpenApi {
    doc::use_schemas_of_openapi();
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
            contact: Some(Contact {
                name: Some(env!("CARGO_PKG_AUTHORS").to_owned()),
                ..Contact::default()
            }),
            license: Some(License {
                name: "MIT OR Apache-2.0".to_owned(),
                identifier: Some("MIT OR Apache-2.0".to_owned()),
                ..License::default()
            }),
            ..Info::default()
        },
        // Relative to the URL of the document.
        servers: vec![Server {
            url: "/".to_owned(),
            ..Server::default()
        }],
        // Without accounts there are no credentials.
        security: vec![SecurityRequirement::default()],
        tags: vec![
            tag("todos", "What is to be done."),
            tag("items", "The checklists of todos."),
            tag("events", "Every change, streamed as it happens."),
            tag("users", "Who uses the service."),
            tag("lab", "Experiments that are measured as they run."),
            tag(
                "system",
                "The service itself: health, metrics and kinds of problems.",
            ),
        ],
        ..OpenApi::default()
    }
}

/// The OpenAPI document as clients get it: serialised, without constructs that client generators do
/// not support.
pub(crate) fn publish(document: &OpenApi) -> Bytes {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    describe_errors_once(&mut document);
    simplify(&mut document);
    serde_json::to_vec(&document).unwrap_or_default().into()
}

/// Moves the responses that are problems to the components, so that each appears only once.
fn describe_errors_once(document: &mut Value) {
    let mut components = Map::new();
    let paths = document["paths"].as_object_mut();
    let methods = paths.into_iter().flat_map(Map::values_mut);
    for operation in
        methods.flat_map(|path| path.as_object_mut().into_iter().flat_map(Map::values_mut))
    {
        let Some(responses) = operation["responses"].as_object_mut() else {
            continue;
        };
        let problems = responses.values_mut();
        for response in problems.filter(|response| {
            response["content"]
                .get("application/problem+json")
                .is_some()
        }) {
            let name = name_of(response["description"].as_str().unwrap_or_default());
            let reference = json!({ "$ref": format!("#/components/responses/{name}") });
            components.insert(name, std::mem::replace(response, reference));
        }
        // The gate may refuse a request of any operation.
        let any = json!({ "$ref": "#/components/responses/Problem" });
        responses.entry("default").or_insert(any);
    }
    document["components"]["responses"] = components.into();
}

/// The words of a title as an identifier: `TodoNotFound`.
fn name_of(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .map(|word| match word.split_at_checked(1) {
            Some((first, rest)) => first.to_ascii_uppercase() + rest,
            None => String::new(),
        })
        .collect()
}

/// Replaces parts of `schemars`' output that generators do not support: the formats of unsigned
/// integers, and enumerations with a description for each value.
fn simplify(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(simplify),
        Value::Object(object) => {
            object.values_mut().for_each(simplify);
            match object.get("format").and_then(Value::as_str) {
                Some("uint8" | "uint16") => drop(object.insert("format".into(), "int32".into())),
                Some("uint" | "uint32" | "uint64") => {
                    object.insert("format".into(), "int64".into());
                }
                _ => {}
            }
            // Why defaults are removed: generators for TypeScript treat a field with a default as
            // always present, and do not let a client omit it. The field's description
            // states the default instead.
            let fields = object.get_mut("properties").and_then(Value::as_object_mut);
            for field in fields.into_iter().flat_map(Map::values_mut) {
                field.as_object_mut().map(|field| field.remove("default"));
            }
            if let Some((values, meanings)) = enumeration(object) {
                object.remove("oneOf");
                object.insert("type".into(), "string".into());
                object.insert("enum".into(), values);
                let about = object["description"].as_str().unwrap_or_default();
                let about = format!("{about}\n\n{meanings}");
                object.insert("description".into(), about.into());
            }
        }
        _ => {}
    }
}

/// The values of an enumeration, with a list of their meanings.
fn enumeration(schema: &Map<String, Value>) -> Option<(Value, String)> {
    let variants = schema.get("oneOf")?.as_array()?;
    let values = variants.iter().map(|variant| variant.get("const").cloned());
    let values = values.collect::<Option<Vec<_>>>()?;
    let meanings = variants.iter().map(|variant| {
        let (value, meaning) = (&variant["const"], &variant["description"]);
        format!(
            "- `{}`: {}",
            value.as_str().unwrap_or_default(),
            meaning.as_str().unwrap_or_default()
        )
    });
    Some((values.into(), meanings.collect::<Vec<_>>().join("\n")))
}
