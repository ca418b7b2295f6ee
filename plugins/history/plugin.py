"""The plugin: follows the journal in a thread, and answers questions about the past."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from kernel.clock import DAY
from kernel.context import Context
from kernel.errors import PluginFailed
from kernel.forgetting import ForgottenPersons
from kernel.hookspecs import Health, hookimpl
from kernel.measures import Measure
from kernel.plugin import Plugin
from kernel.routes import Route
from plugins.history import command_line, routes, schema
from plugins.history.answers import ArchiveStatus
from plugins.history.config import HistoryConfig
from plugins.history.follower import ArchiveFollower
from plugins.history.leaving import Leaving
from plugins.history.lock import WANTED, WriterLock
from plugins.history.measures import measures
from plugins.history.readers import ArchivePosition, Readers, ended_at
from plugins.history.writer import ArchiveWriter
from plugins.history.zones import Calendar

STOP_S: Final = 5.0
BEHIND_MOST: Final = 100_000
"""Beyond so many events that it has not taken, it is told as unhealthy."""


class History(Plugin[HistoryConfig]):
    """The archive is a projection: whatever becomes of it, the journal has everything."""

    Config: ClassVar[type[HistoryConfig]] = HistoryConfig

    def __init__(self, ctx: Context, config: HistoryConfig) -> None:
        super().__init__(ctx, config)
        self.calendar: Final = Calendar(config.zone)
        self._lock = WriterLock(ctx.data_dir)
        writer = ArchiveWriter(ctx.data_dir, self.calendar, self._events, ctx.log, config.batch_events)
        self.follower: Final = ArchiveFollower(
            writer,
            ctx.log,
            batch_s=config.batch_seconds,
            committed=lambda: ctx.state.seq - ctx.uncommitted,
            wish=ctx.data_dir / WANTED,
        )
        self.readers: Final = Readers(
            writer.path, config.readers, config.query_seconds, lambda: self.follower.writer.generation
        )
        self.readers.damaged = self.follower.begin_anew
        self._leaving = Leaving(ctx, int(config.keep_days * DAY), config.keep_rows)

    async def start(self) -> None:
        """Raises PluginFailed where another process writes the archive."""
        if not self._lock.take():
            raise PluginFailed("another process writes the archive: wait for `switchboard history rebuild`, or end it")
        self.follower.start()
        self.ctx.spawn(self._leaving.run(), "leaving")

    async def stop(self) -> None:
        await self.readers.close()
        if not await self.follower.stop(STOP_S):
            self.ctx.log.warning("the archive's writer has not ended within %s s", STOP_S)
            return
        self._lock.release()

    def _events(self, after: int) -> Iterator[bytes] | None:
        return self.ctx.hooks.events_after(after)

    async def caught_up(self) -> None:
        """Return once the archive has every event that is on disk now."""
        await self.ctx.committed()
        await self.follower.reached(self.ctx.state.seq)

    @property
    def behind(self) -> int:
        """Events that the archive has not taken yet."""
        return max(0, self.ctx.state.seq - self.follower.writer.cursor)

    def answered(self, position: ArchivePosition) -> dict[str, Any]:
        """What every answer says of itself."""
        behind = max(0, self.ctx.state.seq - position.seq)
        return {
            "up_to": position.seq,
            "as_of": position.ts,
            "behind": behind,
            "building": self.follower.writer.building,
        }

    def status(self) -> ArchiveStatus:
        """Where the archive stands."""
        writer = self.follower.writer
        return ArchiveStatus(
            **self.answered(ArchivePosition(writer.cursor, writer.cursor_ts)),
            durable=writer.durable,
            bytes=schema.size_of(writer.path),
            zone=self.calendar.name,
            trouble=self.follower.trouble,
            passed_over=writer.passed_over,
        )

    @hookimpl
    def archived_upto(self) -> int | None:
        return self.follower.writer.durable

    @hookimpl
    def ended_at(self, of: str) -> int | None:
        return ended_at(self.follower.writer.path, of)

    @hookimpl
    async def forget(self, persons: ForgottenPersons, seq: int) -> None:
        """Once it has all that the journal has of them."""
        await self.follower.reached(seq)
        await self.follower.forget(persons)

    @hookimpl
    def routes(self) -> Sequence[Route[Any, Any]]:
        return routes.of(self)

    @hookimpl
    def health(self) -> Health:
        """The live system goes on without the archive: only one that stands still for long is told as not ready."""
        trouble = self.follower.trouble
        said = f"{self.behind} events behind" + (", built anew" if self.follower.writer.building else "")
        late = trouble is not None and self.behind > BEHIND_MOST
        return Health(self.ctx.name, ok=not late, detail=f"{trouble} ({said})" if trouble else said)

    @hookimpl
    def measures(self) -> Sequence[Measure]:
        return measures(self.follower, self.readers, self.behind)

    @classmethod
    def archived_in(cls, data: Path) -> int | None:
        """How far the archive of a folder has got, whose system has stopped, synced; None where there is none.

        `switchboard journal prune` asks. Raises OSError where it cannot be said.
        """
        return command_line.archived_in(data)

    @classmethod
    def forget_in(cls, data: Path, persons: ForgottenPersons) -> list[str]:
        """Take these persons out of the archive of a folder whose system has stopped. Raises OSError."""
        return command_line.forget_in(data, persons)

    @classmethod
    def cli(cls, subcommands: argparse._SubParsersAction[Any]) -> None:
        command_line.add_to(subcommands)
