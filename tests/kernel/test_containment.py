"""What goes wrong in a plugin, in whatever way, is told of that plugin and reaches nobody else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from kernel import commands as c
from kernel.commands import Command
from kernel.errors import HandlerFailed, IllegalTransition, PluginFailed, Rejected, UnreadableEvent
from kernel.events import (
    ContactPaused,
    ErrorLogged,
    Event,
    PluginQuarantined,
    PluginStarted,
    PluginStopped,
    Relationship,
    StopWordAdded,
)
from kernel.hookspecs import hookimpl
from kernel.ids import BotId, SteamId64, TaskId
from kernel.plugin import Plugin, PluginConfig
from kernel.recovery import Recovery
from kernel.state import State
from kernel.testing import FakeTransport, World, idle
from tests.restart import history, replay

INVITE = c.SendInvite(task_id=TaskId("task_1"), bot_id=BotId("bot_1"), player=SteamId64("76561198000000001"))


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize("error", [asyncio.CancelledError(), ValueError("\udcff"), Unspeakable(), TimeoutError()])
async def test_an_error_of_any_kind_stays_with_the_handler_that_raised_it(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL + 1, "kernel")  # a report with such a text in it breaks the test runner
    async with World(FakeTransport) as world:
        seen: list[str] = []

        def fail(*_: object) -> None:
            raise error

        world.ctx.subscribe(ContactPaused, fail)
        world.ctx.subscribe(ContactPaused, lambda e, _: seen.append(e.kind))
        world.ctx.publish(ContactPaused())

        assert seen == ["contact.paused"]
        (logged,) = world.happened(ErrorLogged)
        assert logged.detail is not None and logged.detail.startswith(type(error).__name__)


async def test_a_future_that_was_cancelled_inside_a_handler_is_its_failure_and_does_not_cancel_the_caller() -> None:
    async with World(FakeTransport) as world:

        async def lost(_: c.ResumeContact) -> None:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            future.cancel()
            await future

        world.ctx.handle(c.ResumeContact, lost)
        task = world.ctx.spawn(lost(c.ResumeContact()), "lose it")
        with pytest.raises(HandlerFailed):
            await world.ctx.execute(c.ResumeContact())
        await task

        assert {e.message for e in world.happened(ErrorLogged)} == {"task lose it", "handler of ResumeContact"}


class Odd(Event, frozen=True, kw_only=True):
    kind = "odd.happened"


@pytest.mark.parametrize("event", [Odd(), StopWordAdded(word=5), StopWordAdded(word=None)])  # type: ignore[arg-type]
async def test_an_event_that_the_next_start_could_not_read_does_not_happen(event: Event) -> None:
    async with World(FakeTransport) as world:
        seq = world.state.seq
        with pytest.raises(UnreadableEvent, match="cannot be read back"):
            world.ctx.publish(event)

        assert (world.state.seq, world.state.contact.stop_words) == (seq, ())


@pytest.mark.parametrize("answer", [True, "no", 0])
async def test_a_guard_that_answers_nonsense_lets_nothing_through(answer: object) -> None:
    class Confused(Plugin[PluginConfig]):
        @hookimpl
        def admit(self, command: Command[Any]) -> object:
            return answer

    async with World(FakeTransport, Confused) as world:
        with pytest.raises(Rejected, match="The guard confused failed"):
            await world.ctx.execute(INVITE)


async def test_a_guard_that_is_async_by_mistake_lets_nothing_through() -> None:
    class Slow(Plugin[PluginConfig]):
        @hookimpl
        async def admit(self, command: Command[Any]) -> None: ...

    async with World(FakeTransport, Slow) as world:
        with pytest.raises(Rejected, match="The guard slow failed"):
            await world.ctx.execute(INVITE)
        assert "it is async" in str(world.happened(ErrorLogged)[0].detail)


async def test_hooks_that_answer_nonsense_are_passed_over() -> None:
    class Confused(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self) -> object:
            return "hello"

        @hookimpl
        def health(self) -> object:
            return None

        @hookimpl
        def mounts(self) -> object:
            return ["/metrics"]

        @hookimpl
        def relationship(self) -> object:
            raise asyncio.CancelledError

    async with World(Confused, FakeTransport) as world:
        ask = world.ctx.hooks
        assert await ask.respond(None) is None  # type: ignore[arg-type]
        assert ([health.name for health in ask.health()], ask.mounts()) == (["clock"], {})
        assert ask.relationship(BotId("bot_1"), SteamId64("7")) == Relationship.NONE
        assert [e.message for e in world.happened(ErrorLogged)] == ["respond", "mounts", "relationship"]


async def test_a_guard_by_another_name_is_missed_too_when_it_is_not_running() -> None:
    class Guard(Plugin[PluginConfig]):
        @hookimpl(specname="admit")
        def consider(self, command: Command[Any], state: State) -> None: ...

    async with World(FakeTransport, Guard) as world:
        await world.system.host.disable("guard")

        assert (await world.refusal(INVITE)).code == "guardMissing"


def _raises_in_init(self: Any, ctx: Any, config: Any) -> None:
    Plugin.__init__(self, ctx, config)
    ctx.subscribe(ContactPaused, lambda *_: pytest.fail("it never came to be"))
    ctx.spawn(asyncio.Event().wait(), "wait for ever")
    raise SystemExit(3)


def _hook_with_wrong_argument(self: Any, order: Any) -> None: ...


def _hook_that_is_none(self: Any) -> None: ...


UNBUILDABLE = [
    {"__init__": _raises_in_init},
    {"admit": hookimpl(_hook_with_wrong_argument)},
    {"admitt": hookimpl(_hook_that_is_none)},
]


@pytest.mark.parametrize("body", UNBUILDABLE)
async def test_a_plugin_that_cannot_be_built_is_left_out_and_the_others_run(body: dict[str, Any]) -> None:
    sick = type("Sick", (Plugin,), {"__module__": "tests", **body})
    async with World(sick, FakeTransport) as world:
        world.ctx.publish(ContactPaused())
        await idle()

        assert world.state.plugins["sick"].status == "quarantined"
        assert "cannot be built" in str(world.state.plugins["sick"].detail)
        assert [e.name for e in world.happened(PluginStarted)] == ["faketransport"]
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("sick")]


async def test_nothing_goes_out_when_the_guard_could_not_be_built() -> None:
    sick = type("Sick", (Plugin,), {"__module__": "tests", "admit": hookimpl(_hook_with_wrong_argument)})
    async with World(FakeTransport, sick) as world:
        assert (await world.refusal(INVITE)).code == "guardMissing"


@pytest.mark.parametrize("body", UNBUILDABLE)
async def test_an_essential_plugin_that_cannot_be_built_stops_the_start(body: dict[str, Any]) -> None:
    stopped: list[str] = []

    class First(Plugin[PluginConfig]):
        async def stop(self) -> None:
            stopped.append(self.ctx.name)

    sick = type("Sick", (Plugin,), {"__module__": "tests", "essential": True, **body})
    with pytest.raises(PluginFailed, match="sick: cannot be built: "):
        async with World(First, sick):
            pass
    assert stopped == ["first"]
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("error", [IllegalTransition("no such thing"), asyncio.CancelledError()])
async def test_a_recovery_that_fails_stops_the_start_and_is_named(error: BaseException) -> None:
    class Amnesiac(Plugin[PluginConfig]):
        @hookimpl
        async def recover(self, recovery: Recovery) -> None:
            raise error

    with pytest.raises(PluginFailed, match=r"amnesiac: does not recover: (no such thing|CancelledError)"):
        async with World(Amnesiac):
            pass


async def test_a_plugin_that_does_not_start_in_time_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Plugin[PluginConfig]):
        async def start(self) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr("kernel.hosting.host.START_DEADLINE", 0.01)
    async with World(Slow, FakeTransport) as world:
        assert world.state.plugins["slow"].detail == "does not start: not within 0 s"


async def test_a_plugin_that_is_switched_off_while_it_starts_is_not_said_to_run() -> None:
    class Eager(Plugin[PluginConfig]):
        async def start(self) -> None:
            self.ctx.subscribe(ContactPaused, self.fail)
            self.ctx.publish(ContactPaused())
            await idle()
            self.ctx.subscribe(StopWordAdded, self.fail)
            self.task = self.ctx.spawn(asyncio.Event().wait(), "too late")

        def fail(self, *_: object) -> None:
            raise ValueError

    async with World(Eager, FakeTransport, config={"kernel": {"error_budget": 1}}) as world:
        world.ctx.publish(StopWordAdded(word="halt"))

        assert world.state.plugins["eager"].status == "quarantined"
        assert len(world.happened(ErrorLogged)) == 1, "what it took after it was switched off is not given to it"
        await idle()
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("eager")]


async def test_a_stop_that_does_not_let_itself_be_cancelled_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    free = asyncio.Event()

    class Stubborn(Plugin[PluginConfig]):
        async def stop(self) -> None:
            while not free.is_set():
                try:
                    await free.wait()
                except asyncio.CancelledError:
                    continue

    monkeypatch.setattr("kernel.hosting.host.GRACE", 0.01)
    async with World(FakeTransport, Stubborn, config={"kernel": {"stop_deadline_s": 0.01}}) as world:
        async with asyncio.timeout(5):
            assert await world.system.stop() == ["stubborn: stop"]
        free.set()
        await idle()


async def test_a_quarantine_under_way_is_finished_before_the_system_has_stopped() -> None:
    ended: list[str] = []

    class Sick(Plugin[PluginConfig]):
        async def start(self) -> None:
            self.ctx.subscribe(ContactPaused, self.fail)

        def fail(self, *_: object) -> None:
            raise ValueError

        async def stop(self) -> None:
            await idle(100)
            ended.append("clean")

    async with World(FakeTransport, Sick, config={"kernel": {"error_budget": 1}}) as world:
        world.ctx.publish(ContactPaused())
        await asyncio.sleep(0)
        await world.system.stop()

        assert ended == ["clean"]
        assert [e.name for e in world.happened(PluginQuarantined)] == ["sick"]


async def test_a_plugin_that_is_no_longer_in_the_config_is_not_said_to_run() -> None:
    class Former(Plugin[PluginConfig]):
        pass

    async with World(Former, FakeTransport) as world:
        past = history(world)
        async with World(replay(past), FakeTransport) as later:
            assert later.state.plugins["former"].status == "stopped"
            assert [e.name for e in later.happened(PluginStopped)] == ["former"]


async def test_a_command_whose_task_is_cancelled_is_not_held_against_the_plugin() -> None:
    async with World(FakeTransport) as world:
        world.ctx.handle(c.ResumeContact, lambda _: asyncio.Event().wait())
        task = asyncio.create_task(world.ctx.execute(c.ResumeContact()))
        await idle()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert world.happened(ErrorLogged) == []


async def test_an_agent_that_is_called_off_is_not_passed_over_but_ends() -> None:
    asked: list[str] = []

    def agent(name: str, wait: Callable[[], Any]) -> type[Plugin[Any]]:
        async def respond(self: Plugin[Any]) -> None:
            asked.append(name)
            await wait()

        return type(name, (Plugin,), {"respond": hookimpl(respond), "__module__": "tests"})

    async with World(agent("First", lambda: asyncio.Event().wait()), agent("Second", idle)) as world:
        task = asyncio.create_task(world.ctx.hooks.respond(None))  # type: ignore[arg-type]
        await idle()
        task.cancel()
        await asyncio.wait([task])

        assert task.cancelled()
        assert asked == ["First"]
