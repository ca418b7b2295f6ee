"""The hooks about what has been."""

from __future__ import annotations

from kernel.hookspecs import hookimpl
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import World


class Archive(Plugin[PluginConfig]):
    """An archive that has the first 12 events."""

    @hookimpl
    def archived_upto(self) -> int | None:
        return 12


class Empty(Plugin[PluginConfig]):
    """One that has nothing yet."""

    @hookimpl
    def archived_upto(self) -> int | None:
        return None


async def test_what_may_leave_the_state_is_what_an_archive_has_and_nothing_without_one() -> None:
    async with World(Empty, Archive) as world:
        assert world.ctx.hooks.archived_upto() == 12

    async with World(Empty) as world:
        assert world.ctx.hooks.archived_upto() is None
