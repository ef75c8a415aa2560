//! Checks `/openapi.json` as client generators and testing tools read it.

use std::cmp::Reverse;

use axum::http::{Method, header};
use serde_json::{Map, Value, json};

use crate::server::{Answer, Server};

/// An operation of the OpenAPI document.
struct Operation {
    method: Method,
    path: String,
    about: Value,
}

async fn description(server: &Server) -> Value {
    server.client.get("/openapi.json").await.expect(200).json()
}

fn object(value: &Value) -> &Map<String, Value> {
    value
        .as_object()
        .unwrap_or_else(|| panic!("not an object: {value}"))
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, methods) in object(&document["paths"]) {
        for (method, about) in object(methods) {
            found.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                about: about.clone(),
            });
        }
    }
    assert!(found.len() > 20, "{}", found.len());
    found
}

/// The value itself, or the target of its `$ref`.
fn resolve<'document>(document: &'document Value, value: &'document Value) -> &'document Value {
    match value["$ref"].as_str() {
        Some(reference) => document
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{reference} leads nowhere")),
        None => value,
    }
}

/// The mistakes that a schema of the document finds in a value.
fn mistakes(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let schema = json!({ "allOf": [schema], "components": document["components"] });
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let errors = validator.iter_errors(value);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

impl Operation {
    /// The path with the examples of its parameters.
    fn example_path(&self, document: &Value) -> String {
        let mut path = self.path.clone();
        for parameter in array(&self.about["parameters"]) {
            if parameter["in"] == "path" {
                let name = format!("{{{}}}", parameter["name"].as_str().unwrap());
                let example = example(document, parameter).as_str().unwrap();
                path = path.replace(&name, example);
            }
        }
        path
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

fn example<'document>(document: &'document Value, parameter: &'document Value) -> &'document Value {
    // A parameter without an example of its own has the example of its type.
    let schema = resolve(document, &parameter["schema"]);
    let example = parameter.get("example").or(schema["examples"].get(0));
    example.unwrap_or_else(|| panic!("no example: {parameter}"))
}

#[tokio::test]
async fn every_operation_says_what_it_is_and_what_it_answers() {
    let server = Server::start().await;
    let document = description(&server).await;
    let mut names = Vec::new();
    for operation in operations(&document) {
        let (name, about) = (operation.name(), &operation.about);
        for field in ["operationId", "summary", "description"] {
            let text = about[field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{name} has no {field}");
        }
        names.push(about["operationId"].clone());
        assert_eq!(array(&about["tags"]).len(), 1, "{name}");
        let responses = object(&about["responses"]);
        assert!(responses.contains_key("default"), "{name}");
        assert!(
            responses.keys().any(|status| status.starts_with('2')),
            "{name}"
        );
        for (status, response) in responses {
            let response = resolve(&document, response);
            assert_ne!(response["description"], "", "{name} {status}");
            let has_content = response["content"].as_object().is_some();
            assert_eq!(has_content, status != "204", "{name} {status}");
        }
    }
    let count = names.len();
    names.sort_by_key(Value::to_string);
    names.dedup();
    assert_eq!(names.len(), count, "two operations have one name");
    server.stop().await;
}

/// If each error is described only once, generators create only one type for it.
#[tokio::test]
async fn every_error_is_described_once() {
    let server = Server::start().await;
    let document = description(&server).await;
    for operation in operations(&document) {
        for (status, response) in object(&operation.about["responses"]) {
            let is_error = status.starts_with(['4', '5']) || status == "default";
            let is_reference = response["$ref"].is_string();
            assert_eq!(is_error, is_reference, "{} {status}", operation.name());
        }
    }
    for (name, response) in object(&document["components"]["responses"]) {
        let content = &response["content"]["application/problem+json"];
        let wrong = mistakes(&document, &content["schema"], &content["example"]);
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn every_parameter_and_header_has_a_valid_example() {
    let server = Server::start().await;
    let document = description(&server).await;
    for operation in operations(&document) {
        let parameters = array(&operation.about["parameters"]).iter();
        let responses = object(&operation.about["responses"]).values();
        let headers = responses.flat_map(|response| {
            let headers = resolve(&document, response)["headers"].as_object();
            headers.into_iter().flat_map(Map::values)
        });
        for described in parameters.chain(headers) {
            let wrong = mistakes(
                &document,
                &described["schema"],
                example(&document, described),
            );
            assert!(wrong.is_empty(), "{described}: {wrong:?}");
            assert!(described["description"].is_string(), "{described}");
            // A query consists of strings, so no parameter can be null.
            let schema = resolve(&document, &described["schema"]);
            assert!(schema["type"].is_string(), "{described}");
            assert_eq!(schema.get("writeOnly"), None, "{described}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn every_field_has_a_valid_example() {
    fn check(document: &Value, path: &str, schema: &Value) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}/{name}");
            assert!(
                field.get("const").is_some() || field["description"].is_string(),
                "{path}"
            );
            // An object has no example of its own. Tools show the examples of its fields.
            let parts = field
                .get("$ref")
                .or(field.get("allOf"))
                .or(field["items"].get("$ref"));
            let examples = array(&field["examples"]);
            assert!(
                parts.is_some() || field.get("const").is_some() || !examples.is_empty(),
                "{path} has no example: {field}"
            );
            for example in examples {
                let wrong = mistakes(document, field, example);
                assert!(wrong.is_empty(), "{path}: {wrong:?}");
            }
            check(document, &path, field);
        }
        for alternative in array(&schema["oneOf"]) {
            check(document, path, alternative);
        }
    }
    let server = Server::start().await;
    let document = description(&server).await;
    for (name, schema) in object(&document["components"]["schemas"]) {
        check(&document, name, schema);
        for example in array(&schema["examples"]) {
            let wrong = mistakes(&document, schema, example);
            assert!(wrong.is_empty(), "{name}: {wrong:?}");
        }
    }
    server.stop().await;
}

/// A generated client can omit a body only if the document says that the body is not required.
#[tokio::test]
async fn a_body_is_required_where_the_service_requires_one() {
    let server = Server::start().await;
    let client = &server.client;
    let document = description(&server).await;
    for operation in operations(&document) {
        let body = &operation.about["requestBody"];
        if body.is_null() {
            continue;
        }
        let request = client.request(operation.method.clone(), &operation.example_path(&document));
        // Only the head of the response is read. Dropping the response cancels an experiment.
        let answer = client.open(request).await;
        let refused = [400, 415].contains(&answer.status().as_u16());
        assert_eq!(body["required"] == true, refused, "{}", operation.name());
    }
    server.stop().await;
}

/// The body that Swagger UI prefills, composed of the fields' examples.
fn prefilled(document: &Value, schema: &Value) -> Value {
    let schema = resolve(document, schema);
    match schema["examples"].get(0) {
        Some(example) => example.clone(),
        None => {
            let fields = object(&schema["properties"]).iter();
            let fields = fields.map(|(name, field)| (name.clone(), prefilled(document, field)));
            Value::Object(fields.collect())
        }
    }
}

/// Every example is accepted, and the responses match the document.
#[tokio::test]
async fn the_examples_can_be_sent_as_they_are() {
    let server = Server::start().await;
    let client = &server.client;
    let document = description(&server).await;
    let mut operations = operations(&document);
    // The order: first the operations that create the objects of other examples, and last those
    // that delete objects which other examples need.
    operations.sort_by_key(|operation| {
        let place = [Method::PUT, Method::POST, Method::PATCH, Method::GET];
        let place = place.iter().position(|method| *method == operation.method);
        let path = operation.path.clone();
        (place.unwrap_or(9), Reverse(path.len()), path)
    });
    operations
        .sort_by_key(|operation| operation.path != "/todos/{id}" || operation.method != "PUT");
    for operation in operations {
        let endless = ["/events", "/lab/{experiment}"].contains(&operation.path.as_str());
        if endless {
            continue;
        }
        let mut request =
            client.request(operation.method.clone(), &operation.example_path(&document));
        let mut body = String::new();
        let content = operation.about["requestBody"]["content"].as_object();
        for (media_type, content) in content.into_iter().flatten() {
            request = request.header(header::CONTENT_TYPE, media_type);
            body = prefilled(&document, &content["schema"]).to_string();
        }
        let answer = client.send(request, body).await;
        assert!(
            answer.status.is_success(),
            "{} {answer:?}",
            operation.name()
        );
        check_answer(&document, &operation, &answer);
    }
    server.stop().await;
}

fn check_answer(document: &Value, operation: &Operation, answer: &Answer) {
    let name = operation.name();
    let status = answer.status.as_u16().to_string();
    let response = operation.about["responses"].get(&status);
    let response = response.unwrap_or_else(|| panic!("{name}: {status} is not described"));
    let Some(content) = resolve(document, response)["content"].as_object() else {
        assert!(answer.body.is_empty(), "{name}");
        return;
    };
    let media_type = answer
        .header(header::CONTENT_TYPE)
        .split(';')
        .next()
        .unwrap();
    let content = content.get(media_type);
    let schema = &content.unwrap_or_else(|| panic!("{name}: {media_type}"))["schema"];
    let value = match media_type {
        "application/json" => answer.json(),
        _ => Value::from(String::from_utf8(answer.body.to_vec()).unwrap()),
    };
    let wrong = mistakes(document, schema, &value);
    assert!(wrong.is_empty(), "{name}: {wrong:?}");
    // Every field in a response is described, and a field that is always present is required.
    if let Some(sent) = value.as_object() {
        let schema = resolve(document, schema);
        for field in sent.keys() {
            let required = array(&schema["required"]).contains(&json!(field));
            assert!(required, "{name}: {field} is not required, but sent");
        }
    }
}

/// Why: generators create one client method for each media type of a body. The service accepts the
/// media type of RFC 7396 all the same.
#[tokio::test]
async fn no_body_is_described_in_two_media_types() {
    let server = Server::start().await;
    let client = &server.client;
    let document = description(&server).await;
    for operation in operations(&document) {
        let body = &operation.about["requestBody"];
        if body.is_null() {
            continue;
        }
        let content = object(&body["content"]);
        let names: Vec<_> = content.keys().map(String::as_str).collect();
        assert_eq!(names, ["application/json"], "{}", operation.name());
        if operation.method == Method::PATCH {
            let about = body["description"].as_str().unwrap();
            assert!(about.contains("application/merge-patch+json"), "{about}");
            let request = client.request(Method::PATCH, &operation.example_path(&document));
            let request = request.header(header::CONTENT_TYPE, "application/merge-patch+json");
            client.send(request, "{}").await.expect(404);
        }
    }
    server.stop().await;
}
