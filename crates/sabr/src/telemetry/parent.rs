use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};

/// The context of the caller, from the head of a request, if it has one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parent(Option<Context>);

impl Parent {
    pub(crate) fn from(head: &HeaderMap, propagator: &dyn TextMapPropagator) -> Self {
        // Why an empty context: the current context of this thread is not that of the caller.
        let nothing = Context::new();
        Self(Some(propagator.extract_with_context(&nothing, &Head(head))))
    }

    pub(crate) fn context(&self) -> Context {
        self.0.clone().unwrap_or_default()
    }
}

struct Head<'a>(&'a HeaderMap);

impl Extractor for Head<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let values = self.0.get_all(key).iter();
        let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
        (!values.is_empty()).then_some(values)
    }
}
