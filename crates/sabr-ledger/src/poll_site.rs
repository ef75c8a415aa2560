/// In which part of a request a poll was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PollSite {
    /// Before the head of the response: the handler, its extractors or a middleware.
    #[default]
    Head,
    /// The plain `fn` of a sync endpoint, in place.
    Function,
    /// The body of the response: a stream, or a layer that compresses.
    Body,
}
