/// The bucket boundaries of `http.server.request.duration` in seconds, as the semantic conventions
/// of OpenTelemetry advise.
pub const DURATION_BOUNDARIES: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
