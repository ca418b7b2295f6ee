"""What a dashboard is made of, said once: a panel is a question, and its queries are the answer."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, TypeVar

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import DashboardLinkType, DataSourceRef, Threshold, ThresholdsMode
from msgspec import Struct

SOURCE: Final = DataSourceRef(type_val="prometheus", uid="$datasource")
P = TypeVar("P", stat.Panel, timeseries.Panel)
WIDTH: Final = 24
"""Of a row, in Grafana's units."""
CHART_HEIGHT, NUMBER_HEIGHT = 8, 4


class Unit(StrEnum):
    """Grafana's names of what a number counts."""

    COUNT = "short"
    SECONDS = "s"
    PER_SECOND = "ops"
    PER_MINUTE = "cpm"
    SHARE = "percentunit"
    BYTES = "bytes"
    BYTES_PER_SECOND = "Bps"
    YES_NO = "bool_yes_no"


class Query(Struct, frozen=True):
    """PromQL, and the name of each of its series."""

    expr: str
    legend: str = ""


class Panel(Struct, frozen=True, kw_only=True):
    """A question that somebody on call asks. `warn_at`, `bad_at`: from which value on it turns yellow and red."""

    title: str
    description: str
    queries: tuple[Query, ...]
    unit: Unit = Unit.COUNT
    width: int = 8
    warn_at: float | None = None
    bad_at: float | None = None


class Number(Panel, frozen=True, kw_only=True):
    """The answer is one number, as it is now."""

    width: int = 4


class Chart(Panel, frozen=True, kw_only=True):
    """The answer is how it went. `stacked`: the series are parts of a whole."""

    stacked: bool = False


class Section(Struct, frozen=True):
    title: str
    panels: Sequence[Panel]


class Board(Struct, frozen=True, kw_only=True):
    """One dashboard. `name` is its file, its address and its tag."""

    name: str
    title: str
    description: str
    sections: Sequence[Section]

    @property
    def panels(self) -> list[Panel]:
        return [panel for section in self.sections for panel in section.panels]


def drawn(board: Board, others: Sequence[str]) -> dashboard.Dashboard:
    """The board in Grafana's words, with links to the others."""
    made = (
        dashboard.Dashboard(f"Switchboard: {board.title}")
        .uid(f"switchboard-{board.name}")
        .description(board.description)
        .tags(["switchboard"])
        .refresh("10s")
        .time("now-1h", "now")
        .timezone("browser")
        .with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
    )
    for other in others:
        made.link(
            dashboard.DashboardLink(other.title())
            .type(DashboardLinkType.LINK)
            .url(f"/d/switchboard-{other}")
            .keep_time(True)
        )
    for section in board.sections:
        made.with_row(dashboard.Row(section.title))
        for panel in section.panels:
            made.with_panel(_number(panel) if isinstance(panel, Number) else _chart(panel))
    return made


def _number(panel: Panel) -> stat.Panel:
    made = (
        stat.Panel()
        .graph_mode(BigValueGraphMode.AREA)
        .color_mode(BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .height(NUMBER_HEIGHT)
        .thresholds(_thresholds(panel))
    )
    return _fill(made, panel)


def _chart(panel: Panel) -> timeseries.Panel:
    made = (
        timeseries.Panel()
        .height(CHART_HEIGHT)
        .min(0)
        .line_width(1.5)
        .fill_opacity(25 if getattr(panel, "stacked", False) else 8)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )
    if getattr(panel, "stacked", False):
        made.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    return _fill(made, panel)


def _fill(made: P, panel: Panel) -> P:
    made.title(panel.title).description(panel.description).datasource(SOURCE).unit(panel.unit).span(panel.width)
    for letter, query in zip("ABCDEFGH", panel.queries, strict=False):
        made.with_target(prometheus.Dataquery().expr(query.expr).legend_format(query.legend).ref_id(letter))
    return made


def _thresholds(panel: Panel) -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=None, color="green")]
    if panel.warn_at is not None:
        steps.append(Threshold(value=panel.warn_at, color="yellow"))
    if panel.bad_at is not None:
        steps.append(Threshold(value=panel.bad_at, color="red"))
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
