use http::StatusCode;

/// How the response of a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A response with this status. Its body was sent, or its client disconnected meanwhile.
    Responded(StatusCode),
    /// No response, because the handler was cancelled; or a response whose body failed.
    Broken,
}

impl Outcome {
    /// Below 400, as `BackgroundTasks` defines success.
    fn is_success(self) -> bool {
        match self {
            Self::Responded(status) => status.as_u16() < 400,
            Self::Broken => false,
        }
    }
}

/// The outcomes after which a task runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RunOn {
    #[default]
    Success,
    Error,
    Always,
}

impl RunOn {
    pub(crate) fn admits(self, outcome: Outcome) -> bool {
        match self {
            Self::Success => outcome.is_success(),
            Self::Error => !outcome.is_success(),
            Self::Always => true,
        }
    }
}
