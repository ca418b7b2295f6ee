"""What happens, counted as it happens: events, commands, errors and the lateness of the loop."""

from __future__ import annotations

import asyncio
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from kernel.events import Envelope, ErrorLogged, PluginQuarantined
from kernel.state import State

OTHER: Final = "other"
"""The source of an error that is no plugin's: labels stay few whatever is logged."""
COMMAND_BUCKETS: Final = (0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0)
"""Seconds. Few, since each command kind has them all; up to the 10 s in which a bot has to be connected."""
LATE_BUCKETS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)


class Tallies:
    """Counters that begin at 0 with each start, which is how Prometheus wants them."""

    def __init__(self, registry: CollectorRegistry, state: State) -> None:
        self._state = state
        self._events = Counter("switchboard_events", "Events by kind.", ["kind"], registry=registry)
        self._kinds: dict[str, Counter] = {}
        self._answers: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
        self._commands = Counter(
            "switchboard_commands",
            "Commands answered, by anyone, by what came of them: ok, or the code of the refusal.",
            ["kind", "result"],
            registry=registry,
        )
        self._seconds = Histogram(
            "switchboard_command_seconds",
            "From a command to its answer, its events on disk.",
            ["kind"],
            buckets=COMMAND_BUCKETS,
            registry=registry,
        )
        self._errors = Counter("switchboard_errors", "error.logged by its source.", ["source"], registry=registry)
        self._quarantines = Counter(
            "switchboard_plugin_quarantines", "Plugins switched off for what they did.", ["plugin"], registry=registry
        )
        self._late = Histogram(
            "switchboard_loop_late_seconds",
            "How much later than asked the event loop wakes a sleeper.",
            buckets=LATE_BUCKETS,
            registry=registry,
        )

    def event(self, envelope: Envelope, _: bytes) -> None:
        """Called for every event: looking a label up costs three times what counting does."""
        child = self._kinds.get(envelope.kind)
        if child is None:
            child = self._kinds[envelope.kind] = self._events.labels(envelope.kind)
        child.inc()

    def command(self, kind: str, result: str, seconds: float) -> None:
        """Called for every command that has been answered."""
        children = self._answers.get((kind, result))
        if children is None:
            children = self._answers[kind, result] = self._commands.labels(kind, result), self._seconds.labels(kind)
        count, duration = children
        count.inc()
        duration.observe(seconds)

    def error(self, _: Envelope, event: ErrorLogged) -> None:
        known = event.source == "kernel" or event.source in self._state.plugins
        self._errors.labels(event.source if known else OTHER).inc()

    def quarantine(self, _: Envelope, event: PluginQuarantined) -> None:
        self._quarantines.labels(event.name).inc()

    async def watch_loop(self, interval_s: float) -> None:
        """Sleep again and again, and see how late one is woken. For as long as the task lives."""
        clock = asyncio.get_running_loop().time
        while True:
            asleep = clock()
            await asyncio.sleep(interval_s)
            self._late.observe(max(0.0, clock() - asleep - interval_s))
