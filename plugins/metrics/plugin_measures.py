"""What other plugins measure of their own work, shown beside the rest: whatever they answer to the hook `measures`."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from kernel.measures import Distribution, Measure, MeasureKind

PREFIX: Final = "switchboard_"
SAMPLES: Final = 200
"""What one measure may have at most, so that no plugin can fill Prometheus."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,99}")
_LABEL: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Measures(Collector):
    """Asks at each scrape. What cannot be shown is left out, and said once."""

    def __init__(self, ask: Callable[[], Sequence[Measure]], log: logging.Logger) -> None:
        self._ask = ask
        self._log = log
        self._told: set[str] = set()

    def collect(self) -> Iterator[Metric]:
        shown: set[str] = set()
        for measure in self._ask():
            problem = "another measure has this name" if measure.name in shown else problem_of(measure)
            if problem is None:
                shown.add(measure.name)
                yield family_of(measure)
            elif measure.name not in self._told:
                self._told.add(measure.name)
                self._log.warning("the measure %.100r is not shown: %s", measure.name, problem)

    def describe(self) -> Iterable[Metric]:
        """Nothing: the registry need not call `collect` to learn the names."""
        return ()


def problem_of(measure: Measure) -> str | None:
    """Why it cannot be shown; None when it can."""
    if not _NAME.fullmatch(measure.name):
        return "a name is made of a-z, 0-9 and _"
    if not all(_LABEL.fullmatch(label) for label in measure.labels):
        return "a label is made of a-z, 0-9 and _"
    if len(measure.samples) > SAMPLES:
        return f"it has {len(measure.samples)} samples, and at most {SAMPLES} are shown"
    is_histogram = measure.kind is MeasureKind.HISTOGRAM
    for values, value in measure.samples.items():
        if len(values) != len(measure.labels):
            return f"a sample has {len(values)} values for {len(measure.labels)} labels"
        if isinstance(value, Distribution) is not is_histogram:
            return "a histogram's samples are Distributions, and all others are numbers"
    return None


def family_of(measure: Measure) -> Metric:
    """The same in the words of Prometheus."""
    name, text, labels = PREFIX + measure.name, measure.help, measure.labels
    if measure.kind is MeasureKind.HISTOGRAM:
        histogram = HistogramMetricFamily(name, text, labels=labels)
        for values, value in measure.samples.items():
            if isinstance(value, Distribution):
                histogram.add_metric(values, buckets_of(value), sum_value=value.sum)
        return histogram
    kind = CounterMetricFamily if measure.kind is MeasureKind.COUNTER else GaugeMetricFamily
    family = kind(name, text, labels=labels)
    for values, value in measure.samples.items():
        if not isinstance(value, Distribution):
            family.add_metric(values, value)
    return family


def buckets_of(distribution: Distribution) -> list[tuple[str, float]]:
    """Upper bounds with how many values were at most as large, as Prometheus wants them."""
    bounds = [*(str(bound) for bound in distribution.bounds), "+Inf"]
    return list(zip(bounds, map(float, accumulate(distribution.counts)), strict=True))
