"""What plugins measure of their own work comes to the same page; what cannot be shown is left out and named."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kernel.hookspecs import hookimpl
from kernel.measures import Distribution, Measure, MeasureKind
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import World
from plugins.metrics import Metrics
from tests.plugins.metrics.scraping import samples, value


class Kitchen(Plugin[PluginConfig]):
    """A plugin that measures."""

    told: tuple[object, ...] = ()

    @hookimpl
    def measures(self) -> Sequence[object]:
        return self.told


async def test_counters_gauges_and_histograms_of_a_plugin_are_shown() -> None:
    took = Distribution((1.0, 5.0))
    for seconds in (0.5, 1.0, 3.0, 9.0):
        took.observe(seconds)
    by_size = Measure(
        name="kitchen_plates",
        help="Plates.",
        kind=MeasureKind.GAUGE,
        labels=("size",),
        samples={("small",): 2, ("large",): 1},
    )
    async with World(Metrics, Kitchen) as world:
        world.plugin(Kitchen).told = (
            Measure.counter("kitchen_dishes", "Dishes cooked.", 7),
            by_size,
            Measure.histogram("kitchen_dish_seconds", "How long a dish takes.", took),
        )
        found = await samples(world)

        assert value(found, "switchboard_kitchen_dishes_total") == 7
        assert value(found, "switchboard_kitchen_plates", size="small") == 2
        bucket = "switchboard_kitchen_dish_seconds_bucket"
        assert [value(found, bucket, le=bound) for bound in ("1.0", "5.0", "+Inf")] == [2, 3, 4]
        assert value(found, "switchboard_kitchen_dish_seconds_sum") == 13.5


async def test_what_cannot_be_shown_is_left_out_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    crowded: dict[tuple[str, ...], float | Distribution] = {(str(number),): 1.0 for number in range(201)}
    bad = (
        "no measure at all",
        Measure.gauge("No Name", "", 1),
        Measure.gauge("kitchen_heat", "", 1),
        Measure.gauge("kitchen_heat", "The second of its name.", 2),
        Measure(name="kitchen_ids", help="", kind=MeasureKind.GAUGE, labels=("bot",), samples=crowded),
        Measure(name="kitchen_odd", help="", kind=MeasureKind.GAUGE, labels=("a",), samples={(): 1}),
        Measure(name="kitchen_label", help="", kind=MeasureKind.GAUGE, labels=("a-b",), samples={("x",): 1}),
        Measure(name="kitchen_mixed", help="", kind=MeasureKind.HISTOGRAM, samples={(): 1}),
    )
    async with World(Metrics, Kitchen) as world:
        world.plugin(Kitchen).told = bad
        await samples(world)
        found = await samples(world)

        assert {name for name, _ in found if "kitchen" in name} == {"switchboard_kitchen_heat"}
        assert value(found, "switchboard_kitchen_heat") == 1
        said = [record.getMessage() for record in caplog.records if "is not shown" in record.getMessage()]
        assert len(said) == 6
        assert any("at most 200" in line for line in said)
