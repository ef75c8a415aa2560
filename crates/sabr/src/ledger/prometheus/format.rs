/// A format in which [`Ledger::metrics`](crate::ledger::Ledger::metrics) are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MetricsFormat {
    /// [OpenMetrics 1.0](https://prometheus.io/docs/specs/om/open_metrics_spec/), which Prometheus
    /// asks for first.
    OpenMetrics,
    /// Prometheus' [text format](https://prometheus.io/docs/instrumenting/exposition_formats/)
    /// 0.0.4, which all tools read. A browser shows it as text.
    Text,
}

impl MetricsFormat {
    /// The value of `Content-Type`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    /// The format that a client prefers by its `Accept` header (RFC 9110, section 12.5.1). Text is
    /// chosen without a preference and if neither is acceptable. Answer with `Vary: Accept`.
    ///
    /// ```
    /// use sabr::ledger::MetricsFormat;
    ///
    /// let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3";
    /// assert_eq!(MetricsFormat::preferred(prometheus), MetricsFormat::OpenMetrics);
    /// assert_eq!(MetricsFormat::preferred("text/html, */*;q=0.8"), MetricsFormat::Text);
    /// ```
    #[must_use]
    pub fn preferred(accept: &str) -> Self {
        let ranges: Vec<_> = accept.split(',').filter_map(Range::parse).collect();
        let liking = |format: Self| {
            let ranges = ranges.iter().filter(|range| range.matches(format));
            // The most specific matching range determines the weight of the format.
            let (precision, quality) = ranges
                .map(|range| (range.precision(), range.quality))
                .max()?;
            (quality > 0).then_some((quality, precision))
        };
        if liking(Self::OpenMetrics) > liking(Self::Text) {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    /// The media type, and the versions of it that a client may ask for to get this format.
    fn known(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            // Prometheus 2 asks for the draft 0.0.1 as well, which reads the same.
            Self::OpenMetrics => ("application", "openmetrics-text", &["1.0.0", "0.0.1"]),
            Self::Text => ("text", "plain", &["0.0.4"]),
        }
    }
}

/// A media range of an `Accept` header.
struct Range<'header> {
    main: &'header str,
    sub: &'header str,
    version: Option<&'header str>,
    /// In thousandths.
    quality: u16,
}

impl<'header> Range<'header> {
    fn parse(text: &'header str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (main, sub) = parts.next()?.split_once('/')?;
        let mut range = Self {
            main,
            sub,
            version: None,
            quality: 1000,
        };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            if name.eq_ignore_ascii_case("q") {
                range.quality = thousandths(value)?;
            } else if name.eq_ignore_ascii_case("version") {
                range.version = Some(value.trim_matches('"'));
            }
        }
        Some(range)
    }

    fn matches(&self, format: MetricsFormat) -> bool {
        let (main, sub, versions) = format.known();
        let has = |part: &str, known: &str| part == "*" || part.eq_ignore_ascii_case(known);
        let version = self
            .version
            .is_none_or(|version| versions.contains(&version));
        has(self.main, main) && has(self.sub, sub) && version
    }

    fn precision(&self) -> usize {
        let named = [self.main != "*", self.sub != "*", self.version.is_some()];
        named.into_iter().filter(|named| *named).count()
    }
}

/// A quality value, from 0 to 1, in thousandths.
fn thousandths(quality: &str) -> Option<u16> {
    let quality: f32 = quality.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 1000"
    )]
    (0.0..=1.0)
        .contains(&quality)
        .then(|| (quality * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_chooses_the_format() {
        use MetricsFormat::{OpenMetrics, Text};

        for (accept, expected) in [
            ("", Text),
            ("*/*", Text),
            ("text/plain", Text),
            ("TEXT/PLAIN; Version=0.0.4", Text),
            ("text/*", Text),
            ("application/json", Text),
            ("nonsense", Text),
            // Firefox and Chromium.
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                Text,
            ),
            ("application/openmetrics-text", OpenMetrics),
            (
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                OpenMetrics,
            ),
            (
                "Application/OpenMetrics-Text;Version=\"1.0.0\"",
                OpenMetrics,
            ),
            ("application/*", OpenMetrics),
            ("application/openmetrics-text, */*", OpenMetrics),
            ("*/*, application/openmetrics-text", OpenMetrics),
            ("application/openmetrics-text;version=2.0.0", Text),
            // Prometheus 2 and 3.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                OpenMetrics,
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                OpenMetrics,
            ),
            (
                "text/plain;version=0.0.4;q=0.5,application/openmetrics-text;q=0.4",
                Text,
            ),
            (
                "text/plain;q=0.4,application/openmetrics-text;q=0.5",
                OpenMetrics,
            ),
            ("text/plain, application/openmetrics-text", Text),
            ("text/plain;q=0, */*", OpenMetrics),
            ("application/openmetrics-text;q=0, */*;q=0.1", Text),
            (
                "application/openmetrics-text ; q=0.9 , text/plain ; q=1",
                Text,
            ),
            ("application/openmetrics-text;q=2", Text),
            ("*/*;q=0", Text),
        ] {
            assert_eq!(MetricsFormat::preferred(accept), expected, "{accept}");
        }
    }
}
