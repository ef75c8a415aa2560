//! Helpers that build parts of the OpenAPI document.

use aide::generate::GenContext;
use aide::openapi::{
    Header, HeaderStyle, MediaType, Operation, Parameter, ParameterData, ParameterSchemaOrContent,
    ReferenceOr, SchemaObject,
};
use aide::operation::{ParamLocation, add_parameters, parameters_from_schema};
use schemars::generate::{Contract, SchemaSettings};
use schemars::{JsonSchema, Schema, json_schema};
use serde_json::json;

/// The URL of the todo in the examples.
pub(super) const EXAMPLE_URL: &str =
    "http://127.0.0.1:8000/todos/019b76da-a800-7000-8000-000000000001";

/// Makes aide generate schemas in the dialect of OpenAPI 3.1 (JSON Schema 2020-12). Why: aide's
/// default is draft 7, in which a reference cannot have a description or an example of its own.
pub(super) fn use_schemas_of_openapi() {
    aide::generate::in_context(|ctx| {
        ctx.schema = settings(Contract::Deserialize).into_generator();
    });
}

fn settings(contract: Contract) -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "#/components/schemas/".into();
        settings.contract = contract;
    })
}

/// The content of a request whose body is deserialised as `T`.
pub(super) fn taken<T: JsonSchema>(ctx: &mut GenContext) -> MediaType {
    media_type(ctx.schema.subschema_for::<T>())
}

/// The content of a response whose body is serialised from `T`. A field that is always sent is
/// required, even if it may be null.
pub(super) fn answered<T: JsonSchema>(ctx: &mut GenContext) -> MediaType {
    let mut generator = settings(Contract::Serialize).into_generator();
    let schema = generator.subschema_for::<T>();
    let definitions = generator.take_definitions(true);
    ctx.schema.definitions_mut().extend(definitions);
    media_type(schema)
}

/// Content without a schema of its own: a string, with an example.
pub(super) fn text(example: &str) -> MediaType {
    media_type(json_schema!({ "type": "string", "examples": [example] }))
}

fn media_type(json_schema: Schema) -> MediaType {
    MediaType {
        schema: Some(schema_object(json_schema)),
        ..MediaType::default()
    }
}

/// Adds the fields of a struct as parameters of the path or query.
pub(super) fn parameters<T: JsonSchema>(
    ctx: &mut GenContext,
    operation: &mut Operation,
    location: ParamLocation,
) {
    let schema = ctx.schema.subschema_for::<T>();
    let mut parameters = parameters_from_schema(ctx, schema, location);
    for parameter in &mut parameters {
        if let Parameter::Path { parameter_data, .. } | Parameter::Query { parameter_data, .. } =
            parameter
        {
            as_text(parameter_data);
        }
    }
    add_parameters(ctx, operation, parameters);
}

/// Turns a field into a parameter, which may be absent but not null. Its example is put beside its
/// schema, where Swagger UI looks for it.
fn as_text(parameter: &mut ParameterData) {
    let ParameterSchemaOrContent::Schema(schema) = &mut parameter.format else {
        return;
    };
    let Some(schema) = schema.json_schema.as_object_mut() else {
        return;
    };
    schema.remove("description");
    schema.remove("writeOnly");
    let examples = schema.remove("examples");
    parameter.example = examples.and_then(|examples| examples.get(0).cloned());
    if let Some(types) = schema.get_mut("type")
        && let Some([first, null]) = types.as_array().map(Vec::as_slice)
        && null == "null"
    {
        *types = first.clone();
    }
}

/// A header that a response may have.
pub(super) fn header(
    name: &str,
    description: &str,
    example: &str,
) -> (String, ReferenceOr<Header>) {
    let header = Header {
        description: Some(description.to_owned()),
        style: HeaderStyle::Simple,
        required: false,
        deprecated: None,
        format: string(None),
        example: Some(example.into()),
        examples: Default::default(),
        extensions: Default::default(),
    };
    (name.to_owned(), ReferenceOr::Item(header))
}

/// An optional request header. Its example is in the schema, where Swagger UI shows it without
/// prefilling it. Why: a prefilled precondition that nobody chose would refuse the request.
pub(super) fn header_parameter(
    name: &str,
    description: &str,
    example: &str,
) -> ReferenceOr<Parameter> {
    ReferenceOr::Item(Parameter::Header {
        parameter_data: ParameterData {
            name: name.to_owned(),
            description: Some(description.to_owned()),
            required: false,
            deprecated: None,
            format: string(Some(example)),
            example: None,
            examples: Default::default(),
            explode: None,
            extensions: Default::default(),
        },
        style: HeaderStyle::Simple,
    })
}

fn string(example: Option<&str>) -> ParameterSchemaOrContent {
    let mut schema = json_schema!({ "type": "string" });
    if let Some(example) = example {
        schema.insert("examples".to_owned(), json!([example]));
    }
    ParameterSchemaOrContent::Schema(schema_object(schema))
}

fn schema_object(json_schema: Schema) -> SchemaObject {
    SchemaObject {
        json_schema,
        external_docs: None,
        example: None,
    }
}
