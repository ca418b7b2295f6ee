"""What a plugin takes through its context."""

from __future__ import annotations

import asyncio
import gc
import inspect
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kernel.bus import Bus
from kernel.clock import MINUTE
from kernel.commands import PauseContact
from kernel.commits import Commits
from kernel.events import ContactPaused
from kernel.hooks import HookRegistry
from kernel.hosting.host import Host
from kernel.own_thread import FREE, HOOKS, VERBS
from kernel.router import Router
from kernel.testing import FakeTransport, World, idle


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


@pytest.mark.parametrize("verb", VERBS)
async def test_what_touches_the_state_is_refused_in_another_thread_and_says_how_it_is_handed_over(verb: str) -> None:
    async with World(FakeTransport) as world:
        seq = world.state.seq
        method = getattr(world.ctx, verb)
        count = sum(one.default is one.empty for one in inspect.signature(method).parameters.values())

        def call() -> None:
            answer = method(*(None,) * count)
            if inspect.iscoroutine(answer):
                asyncio.run(answer)

        with pytest.raises(RuntimeError, match=rf"ctx\.{verb} was called in the thread 'asyncio_.*call_soon_thr"):
            await asyncio.to_thread(call)
        assert world.state.seq == seq
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(lambda: loop.call_soon_threadsafe(world.ctx.publish, ContactPaused()))
        await idle()
        assert world.state.contact.paused


@pytest.mark.parametrize("hook", HOOKS)
async def test_hooks_that_are_answered_on_the_loop_are_refused_in_another_thread(hook: str) -> None:
    async with World(FakeTransport) as world:
        method: Callable[..., Any] = getattr(world.ctx.hooks, hook)
        count = sum(one.default is one.empty for one in inspect.signature(method).parameters.values())

        def call() -> None:
            answer = method(*(None,) * count)
            if inspect.iscoroutine(answer):
                asyncio.run(answer)

        with pytest.raises(RuntimeError, match=rf"ctx\.hooks\.{hook} was called in the thread"):
            await asyncio.to_thread(call)


async def test_another_thread_may_wait_for_a_command_that_runs_on_the_loop() -> None:
    async with World(FakeTransport) as world:

        def pause(_: PauseContact) -> None:
            world.ctx.publish(ContactPaused())

        world.ctx.handle(PauseContact, pause)
        loop = asyncio.get_running_loop()

        def give() -> None:
            asyncio.run_coroutine_threadsafe(world.ctx.execute(PauseContact()), loop).result(10)

        await asyncio.to_thread(give)

        assert world.state.contact.paused


async def test_every_verb_of_a_context_is_kept_to_its_thread_or_known_to_be_free() -> None:
    async with World(FakeTransport) as world:
        public = {name for name in dir(world.ctx) if not name.startswith("_")}
        hooks = {name for name in dir(world.ctx.hooks) if not name.startswith("_")}

    assert public == {*VERBS, *FREE}
    known = {"diagnosis", "discipline", "events_after", "handled_by", "own_measures", "recall", "respond_deadline"}
    assert hooks - {*HOOKS} == known
