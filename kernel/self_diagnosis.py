"""The report about the running system: what only the process itself can say, and the files that it works on."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from kernel import origins
from kernel.commits import Commits
from kernel.config import Config
from kernel.containment import CONTAINED
from kernel.diagnosis import Running, Subject, report
from kernel.discipline import Discipline
from kernel.hooks import HookRegistry
from kernel.hookspecs import Health
from kernel.hosting.library import Library
from kernel.measures import Measure
from kernel.origins import Values
from kernel.pseudonyms import Pseudonyms, host_of
from kernel.state import State

OURS: Final = ("kernel", "plugins")
"""The packages of our own distribution."""
KERNEL: Final = "kernel"
DATA: Final = "DATA"
"""What stands in reports for the path of the data folder."""


class SelfDiagnosis:
    """`await diagnosis(names)` is the report, as JSON text."""

    def __init__(
        self,
        config: Config,
        library: Library,
        data: Path,
        *,
        state: State,
        registry: HookRegistry,
        discipline: Discipline,
        commits: Commits,
    ) -> None:
        self._config = config
        self._library = library
        self._data = data
        self._state = state
        self._registry = registry
        self._discipline = discipline
        self._commits = commits
        self._began = time.monotonic()

    async def __call__(self, names: Collection[str]) -> bytes:
        """`names`: people's, which only those know who let them in."""
        classes = {name: found for name in self._names() if (found := self._class(name)) is not None}
        subject = Subject(
            classes=classes,
            ours=ours(classes),
            data=self._data,
            config=self._config,
            settings=(lambda: self._settings(classes)) if self._config.path is not None else None,
        )
        pseudonyms = Pseudonyms([*names, *self._known()], self._hosts(), {str(self._data.absolute()): DATA})
        missing = [] if subject.settings is not None else ["the config: the system was not started from a file"]
        return await asyncio.to_thread(report, subject, self._running(), pseudonyms, missing)

    def _names(self) -> Iterable[str]:
        return dict.fromkeys([*self._config.plugins, *self._state.plugins])

    def _class(self, name: str) -> type[Any] | None:
        try:
            return self._library.current(name).plugin
        except CONTAINED:  # it is not installed any more; its row tells of it
            return None

    def _settings(self, classes: Mapping[str, type[Any]]) -> Values:
        return origins.values(self._config, classes, self._config.environment)

    def _known(self) -> Iterable[str]:
        """Names in the state: labels of bots, and of people."""
        yield from (bot.label for bot in self._state.bots.values() if bot.label)
        yield from (row.actor.partition(":")[2] for row in self._state.operators.values())

    def _hosts(self) -> Iterable[str]:
        return filter(None, (host_of(bot.proxy_url) for bot in self._state.bots.values()))

    def _running(self) -> Running:
        found = self._registry.by_plugin("health", Health)
        measured: list[tuple[str, Sequence[Measure]]] = self._registry.by_plugin("measures", Sequence)  # type: ignore[type-abstract]
        kernel = self._discipline.health()
        state, index = self._state, self._state.index
        plugins = Counter(str(row.status) for row in state.plugins.values())
        return Running(
            seq=state.seq,
            up_ms=int((time.monotonic() - self._began) * 1_000),
            rows=tuple(state.plugins.values()),
            health={**{name: (one.ok, one.detail) for name, one in found}, KERNEL: (kernel.ok, kernel.detail)},
            measures=[*measured, (KERNEL, self._discipline.measures())],
            counts={
                "bots": {str(status): n for status, n in index.bots_by_status.items()},
                "botReasons": {f"{status}/{reason or '-'}": n for (status, reason), n in index.bots_by_reason.items()},
                "tasks": {str(status): n for status, n in index.tasks_by_status.items()},
                "invites": {str(status): n for status, n in index.invites_by_status.items()},
                "chats": {
                    f"{status}/{'agent' if agent else 'operator'}": n
                    for (status, agent), n in index.chats_by_driver.items()
                },
                "plugins": dict(plugins),
                "doNotContact": {str(reason): n for reason, n in index.left_alone_by_reason.items()},
                "rows": {table.name: len(table) for table in state.tables},
            },
            queues={
                "tasksWaiting": len(index.waiting_tasks),
                "invitesQueued": len(index.queued_invites),
                "invitesRequested": len(index.requested_at),
                "eventsNotOnDisk": max(0, state.seq - self._commits.reached) if self._commits.in_charge else 0,
                "contactPaused": int(state.contact.paused),
            },
        )


def ours(classes: Mapping[str, type[Any]]) -> frozenset[str]:
    """The plugins of our own distribution."""
    return frozenset(name for name, one in classes.items() if one.__module__.partition(".")[0] in OURS)
