"""What a plugin takes through its context."""

from __future__ import annotations

import gc
import stat
from pathlib import Path

import pytest

from kernel.bus import Bus
from kernel.clock import MINUTE
from kernel.commits import Commits
from kernel.hooks import HookRegistry
from kernel.hosting.host import Host
from kernel.router import Router
from kernel.testing import FakeTransport, World


async def test_a_call_for_later_comes_at_its_moment_and_not_when_it_was_called_off() -> None:
    async with World(FakeTransport) as world:
        called: list[str] = []
        world.ctx.call_later(MINUTE, lambda: called.append("kept"), "kept")
        call_off = world.ctx.call_later(MINUTE, lambda: called.append("called off"), "called off")

        await world.clock.advance(MINUTE - 1)
        assert called == []
        call_off()
        await world.clock.advance(1)

        assert called == ["kept"]


async def test_a_call_for_later_may_be_called_off_before_it_has_begun_to_wait() -> None:
    async with World(FakeTransport) as world:
        called: list[str] = []

        world.ctx.call_later(MINUTE, lambda: called.append("x"), "x")()
        await world.clock.advance(MINUTE)
        gc.collect()  # a coroutine that nobody awaited would warn here, and warnings are errors

        assert called == []


async def test_a_plugins_folder_is_made_once_and_one_that_is_gone_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    async with World(FakeTransport, data=tmp_path / "data") as world:
        folder = world.ctx.data_dir
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert world.ctx.data_gone() is None
        (tmp_path / "data").rename(tmp_path / "moved")

        assert world.ctx.data_dir == folder
        assert not folder.exists()
        assert "renamed, moved or taken away" in (world.ctx.data_gone() or "")
        with pytest.raises(OSError, match="renamed, moved or taken away"):
            _ = world.system.context("newcomer").data_dir
        folder.mkdir(parents=True)
        assert world.ctx.data_gone() is not None, "another folder in its place is not the one that was there"
        folder.rmdir()
        folder.parent.rmdir()
        (tmp_path / "moved").rename(tmp_path / "data")

        assert world.ctx.data_gone() is None
        assert world.system.context("newcomer").data_dir.is_dir()


async def test_a_plugin_reaches_the_router_and_the_commit_barrier_through_its_own_verbs_alone() -> None:
    async with World(FakeTransport) as world:
        public = [getattr(world.ctx, name) for name in dir(world.ctx) if not name.startswith("_")]
        assert not [one for one in public if isinstance(one, Router | Commits | Bus | HookRegistry | Host)]
