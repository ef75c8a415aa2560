//! Small parts of the API's description.

use aide::openapi::{
    Header, HeaderStyle, Parameter, ParameterData, ParameterSchemaOrContent, ReferenceOr,
    SchemaObject,
};
use schemars::json_schema;

/// A header that an answer may have.
pub(super) fn header(name: &str, description: &str) -> (String, ReferenceOr<Header>) {
    let header = Header {
        description: Some(description.to_owned()),
        style: HeaderStyle::Simple,
        required: false,
        deprecated: None,
        format: string(),
        example: None,
        examples: Default::default(),
        extensions: Default::default(),
    };
    (name.to_owned(), ReferenceOr::Item(header))
}

/// A header that a request may have.
pub(super) fn header_parameter(name: &str, description: &str) -> ReferenceOr<Parameter> {
    ReferenceOr::Item(Parameter::Header {
        parameter_data: ParameterData {
            name: name.to_owned(),
            description: Some(description.to_owned()),
            required: false,
            deprecated: None,
            format: string(),
            example: None,
            examples: Default::default(),
            explode: None,
            extensions: Default::default(),
        },
        style: HeaderStyle::Simple,
    })
}

fn string() -> ParameterSchemaOrContent {
    ParameterSchemaOrContent::Schema(SchemaObject {
        json_schema: json_schema!({ "type": "string" }),
        external_docs: None,
        example: None,
    })
}
