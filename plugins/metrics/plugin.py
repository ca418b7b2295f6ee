"""The plugin: counts what happens, reads what stands, and offers both at `/metrics`."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version

from prometheus_client import CollectorRegistry, GCCollector, Info, ProcessCollector, disable_created_metrics

from kernel import DISTRIBUTION
from kernel.context import Context
from kernel.events import ErrorLogged, PluginQuarantined
from kernel.hookspecs import Mount, hookimpl
from kernel.plugin import Plugin, PluginConfig
from plugins.metrics.deal_counters import Deals
from plugins.metrics.event_counters import Tallies
from plugins.metrics.gauges import Gauges
from plugins.metrics.page import MetricsPage
from plugins.metrics.plugin_measures import Measures


class MetricsConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[metrics]`."""

    loop_sample_ms: int = 100
    """How often the lateness of the event loop is measured."""

    def __post_init__(self) -> None:
        if self.loop_sample_ms < 1:
            raise ValueError("loop_sample_ms: must be at least 1")


class Metrics(Plugin[MetricsConfig]):
    """A registry of its own: what other libraries count in the process is not ours to show."""

    Config = MetricsConfig

    def __init__(self, ctx: Context, config: MetricsConfig) -> None:
        super().__init__(ctx, config)
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter
        registry = CollectorRegistry(auto_describe=False)
        build = Info("switchboard_build", "What runs here.", registry=registry)
        build.info({"version": version(DISTRIBUTION), "python": platform.python_version()})
        registry.register(Gauges(ctx))
        registry.register(Measures(ctx.hooks.measures, ctx.log))
        self._tallies = Tallies(registry, ctx.state)
        self._deals = Deals(registry, ctx)
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        self._page = MetricsPage(registry)

    async def start(self) -> None:
        self.ctx.tap(self._tallies.event)
        self._deals.watch()
        self.ctx.observe(self._tallies.command)
        self.ctx.subscribe(ErrorLogged, self._tallies.error)
        self.ctx.subscribe(PluginQuarantined, self._tallies.quarantine)
        self.ctx.spawn(self._tallies.watch_loop(self.config.loop_sample_ms / 1_000), "watch the loop")

    @hookimpl
    def mounts(self) -> Mapping[str, Mount]:
        return {"/metrics": self._page}
