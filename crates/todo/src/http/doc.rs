//! Small parts of the API's description.

use aide::openapi::{Header, HeaderStyle, ParameterSchemaOrContent, ReferenceOr, SchemaObject};
use schemars::json_schema;

/// A header that an answer may have.
pub(super) fn header(name: &str, description: &str) -> (String, ReferenceOr<Header>) {
    let schema = SchemaObject {
        json_schema: json_schema!({ "type": "string" }),
        external_docs: None,
        example: None,
    };
    let header = Header {
        description: Some(description.to_owned()),
        style: HeaderStyle::Simple,
        required: false,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(schema),
        example: None,
        examples: Default::default(),
        extensions: Default::default(),
    };
    (name.to_owned(), ReferenceOr::Item(header))
}
