"""Reading `/metrics`."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

Numbers = dict[tuple[str, ...], float]


def numbers(text: str) -> Numbers:
    """The samples of an exposition: by their names, followed by the values of their labels, which are in the
    order of the labels' names.
    """
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
