"""Parses the metrics of the real service with Prometheus' own library for Python."""

import sys
from urllib.request import Request, urlopen

from prometheus_client import parser
from prometheus_client.openmetrics.parser import text_string_to_metric_families


def get(accept: str) -> tuple[str, str]:
    request = Request(f"{sys.argv[1]}/metrics", headers={"Accept": accept})
    with urlopen(request) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


media_type, text = get("application/openmetrics-text")
assert media_type.startswith("application/openmetrics-text; version=1.0.0"), media_type
by_open_metrics = {metric.name: metric for metric in text_string_to_metric_families(text)}
media_type, text = get("text/plain")
assert media_type == "text/plain; version=0.0.4; charset=utf-8", media_type
by_text = {metric.name: metric for metric in parser.text_string_to_metric_families(text)}

assert by_open_metrics.keys() == by_text.keys(), (by_open_metrics.keys(), by_text.keys())
for name, metric in by_text.items():
    assert metric.type == by_open_metrics[name].type, name
    assert metric.type != "unknown" and metric.documentation, name
