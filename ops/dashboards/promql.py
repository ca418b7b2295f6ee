"""The few forms that the questions of the dashboards take in PromQL."""

from __future__ import annotations

from typing import Final

WINDOW: Final = "$__rate_interval"
"""Grafana's own: at least four scrapes, and no less than a step of the chart."""
MINUTE: Final = 60
HOUR: Final = 3_600


def rate(counter: str, *, by: str = "", per: int = 1) -> str:
    """How often it happens in `per` seconds, for each value of the labels `by`."""
    group = f" by ({by})" if by else ""
    often = f"sum{group} (rate({counter}[{WINDOW}]))"
    return f"{often} * {per}" if per != 1 else often


def rare(counter: str, *, by: str, per: int) -> str:
    """The same of what may never have happened yet: a flat line named `none` instead of an empty chart."""
    return or_none(rate(counter, by=by, per=per), by)


def or_none(series: str, label: str) -> str:
    return f'{series} or label_replace(vector(0), "{label}", "none", "", "")'


def events(kind: str, *, per: int) -> str:
    """How often an event of that kind comes in `per` seconds."""
    often = rate(f'switchboard_events_total{{kind="{kind}"}}', per=per)
    return f"{often} or vector(0)"


def quantile(share: float, histogram: str, *, by: str = "", window: str = WINDOW) -> str:
    """The value that this share of the observations does not exceed."""
    group = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({group}) (rate({histogram}_bucket[{window}])))"
