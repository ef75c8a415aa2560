//! Refuses query parameters on operations that take none. Operations with parameters check them
//! themselves.

use std::collections::HashSet;
use std::sync::Arc;

use aide::openapi::{OpenApi, Parameter, ReferenceOr};
use axum::extract::{MatchedPath, Request};
use axum::http::Method;

use crate::http::problem::{FieldError, Problem};

/// The largest number of parameters that one refusal names.
const ERRORS_MAX: usize = 50;

/// The operations without query parameters, by path and method.
///
/// The set is taken from the OpenAPI document, so that no operation is forgotten. Pages are not in
/// that document, and accept any parameter, because links may add some to their addresses.
#[derive(Clone, Debug)]
pub(crate) struct WithoutQuery(Arc<HashSet<(String, Method)>>);

impl WithoutQuery {
    pub(crate) fn of(document: &OpenApi) -> Self {
        let paths = document.paths.iter().flat_map(|paths| &paths.paths);
        let operations = paths.flat_map(|(path, item)| {
            let item = item.as_item().into_iter();
            let operations = item.flat_map(|item| item.iter());
            operations.map(move |(method, operation)| (path, method, operation))
        });
        let without = operations.filter(|(_, _, operation)| {
            let is_query = |parameter: &ReferenceOr<Parameter>| {
                matches!(parameter.as_item(), Some(Parameter::Query { .. }))
            };
            !operation.parameters.iter().any(is_query)
        });
        let named = without.filter_map(|(path, method, _)| {
            let method = method.to_uppercase().parse().ok()?;
            Some((path.clone(), method))
        });
        Self(Arc::new(named.collect()))
    }

    pub(super) fn check(&self, request: &Request) -> Result<(), Problem> {
        let query = request.uri().query().unwrap_or_default();
        let route = request.extensions().get::<MatchedPath>();
        let (false, Some(route)) = (query.is_empty(), route) else {
            return Ok(());
        };
        let method = match *request.method() {
            Method::HEAD => Method::GET,
            ref method => method.clone(),
        };
        if !self.0.contains(&(route.as_str().to_owned(), method)) {
            return Ok(());
        }
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let names = pairs.into_iter().map(|(name, _)| name).take(ERRORS_MAX);
        let errors: Vec<_> = names
            .map(|name| FieldError::parameter(name, "is not known here; no parameters are"))
            .collect();
        match errors.is_empty() {
            true => Ok(()),
            false => Err(Problem::invalid(errors)),
        }
    }
}
