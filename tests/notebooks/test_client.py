"""A notebook is an operator with a name: it sees the state live, gives commands, and outlives a lost connection."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import switchboard
from kernel.codes import Undeclared
from kernel.events import BotConnecting, ContactPaused, StopWordAdded, TaskCreated
from kernel.hookspecs import Rejection, hookimpl
from kernel.ids import BotId
from kernel.plugin import Plugin, PluginConfig
from kernel.roles import Role
from kernel.snapshot import Snapshot
from plugins.api.auth.tokens import Kind
from tests.contract.fold import whole
from tests.notebooks.site import DEADLINE_S, desk, serving, token_of, url_of
from tests.restart import history as record
from tests.restart import replay

PLAYER = "76561198000000001"
TASK: dict[str, Any] = {
    "player": PLAYER,
    "item": "AK-47 | Redline",
    "price_min": "10.00",
    "price_max": Decimal("12.50"),
    "currency": "USD",
}


class Slow(Plugin[PluginConfig]):
    """A guard that asks for patience with everything that is about tasks."""

    @hookimpl
    def admit(self, command: Any) -> Rejection | None:
        return Rejection("Ask in a minute.", Undeclared("tooSoon"), 59_000) if command.kind == "CreateTask" else None


async def test_what_a_command_created_is_there_when_it_is_answered_and_says_which_notebook_made_it() -> None:
    async with desk() as d:
        task_id = await d.sb.create_task(**TASK)

        assert d.sb.actor == "notebook:ben"
        assert d.sb.tasks[task_id].item == "AK-47 | Redline"
        assert d.sb.tasks[task_id].price_max == Decimal("12.50")
        created = [e for e in d.world.events if e.kind in {"task.created", "command.completed"}]
        assert [e.actor for e in created] == ["notebook:ben"] * 2


async def test_the_mirror_is_the_state_of_the_server_row_for_row() -> None:
    async with desk() as d:
        await d.sb.create_task(**TASK)
        d.world.add_bot()
        await d.sb.add_stop_word("отвали")
        await d.caught_up()

        assert whole(Snapshot.of(d.sb.state)) == whole(Snapshot.of(d.world.state))


async def test_a_command_that_is_refused_raises_the_servers_own_error() -> None:
    async with desk() as d:
        with pytest.raises(switchboard.Refused) as missing:
            await d.sb.dispose_task("task_1")
        with pytest.raises(switchboard.Refused, match="priceMin: is above priceMax; swap them"):
            await d.sb.create_task(PLAYER, "AK-47", "20", "10", "USD")
        with pytest.raises(TypeError, match="a float is not exact"):
            await d.sb.create_task(PLAYER, "AK-47", 0.1, "10", "USD")  # type: ignore[call-overload]

        assert type(missing.value).__name__ == "NotFound"
        assert (missing.value.code, missing.value.field) == ("unknownTask", "taskId")


async def test_a_dry_run_shows_what_a_command_would_be_refused_for_and_does_nothing() -> None:
    async with desk(Slow) as d:
        seq = d.world.state.seq
        guarded = await d.sb.create_task(**TASK, dry_run=True)
        malformed = await d.sb.create_task(PLAYER, "AK-47", "20", "10", "USD", dry_run=True)
        unknown = await d.sb.toggle_agent("chat_1", enabled=False, dry_run=True)
        fine = await d.sb.add_do_not_contact(PLAYER, dry_run=True)

        assert not guarded and (guarded.code, guarded.retry_after) == ("tooSoon", 59_000)
        assert "would be refused (tooSoon): Ask in a minute. Ask again in 59 s." in repr(guarded)
        assert not malformed and "swap them" in str(malformed.message)
        assert not unknown and unknown.code == "unknownChat"
        assert fine and repr(fine) == "AddDoNotContact would be carried out."
        assert d.world.state.seq == seq


async def test_a_notebook_may_do_what_its_role_allows_and_a_viewers_sees_all_that_it_may_see() -> None:
    async with serving() as world:
        world.add_bot()
        async with await switchboard.connect(url_of(world), token_of(world, "eve", role=Role.VIEWER)) as sb:
            world.add_bot()
            await sb.wait(lambda: len(sb.bots.filter(status="connected")) == 2, DEADLINE_S)
            verdict = await sb.create_task(**TASK, dry_run=True)
            with pytest.raises(switchboard.Refused, match="takes the role operator"):
                await sb.create_task(**TASK)

            assert not verdict and verdict.code == "roleTooLow"
            assert not world.state.tasks


async def test_a_command_given_twice_under_one_id_is_carried_out_once() -> None:
    async with desk() as d:
        first = await d.sb.create_task(**TASK, command_id="cmd_1")
        again = await d.sb.create_task(**TASK, command_id="cmd_1")

        assert first == again
        assert len(d.world.happened(TaskCreated)) == 1


async def test_events_come_from_the_moment_of_asking_on_and_only_those_that_were_asked_for() -> None:
    async with desk() as d:
        await d.sb.add_stop_word("before")
        words = d.sb.events("stopWord.added", ContactPaused)
        await d.sb.create_task(**TASK)
        for word in ("nope", "enough\u2028really\x85"):
            d.world.ctx.publish(StopWordAdded(word=word))
        await d.sb.pause_contact()

        seen = []
        async with asyncio.timeout(DEADLINE_S):
            async for event in words:
                seen.append(event)
                if event.kind == "contact.paused":
                    break
        assert [getattr(e.payload, "word", None) for e in seen] == ["nope", "enough\u2028really\x85", None]
        assert seen[-1].actor == "notebook:ben"


async def test_an_event_that_there_is_not_is_named_with_what_is_near_it() -> None:
    async with desk() as d:
        with pytest.raises(ValueError, match=r"no event 'task.create'; near it: \['task.created'"):
            d.sb.events("task.create")


async def test_waiting_returns_what_came_true_or_says_that_it_did_not() -> None:
    async with desk() as d:
        waiting = asyncio.ensure_future(d.sb.wait(lambda: d.sb.bots.filter(status="connected").first(), DEADLINE_S))
        bot_id = d.world.add_bot()
        assert (await waiting).id == bot_id  # type: ignore[union-attr]

        with pytest.raises(switchboard.TimedOut, match=r"within 0.01 s. The state stands at event \d+"):
            await d.sb.wait(lambda: len(d.sb.tasks) > 5, timeout=0.01)
        with pytest.raises(ZeroDivisionError):
            await d.sb.wait(lambda: 1 / 0)


async def test_a_script_without_a_loop_does_the_same_with_calls_that_block() -> None:
    def script(url: str, token: str) -> list[str]:
        with switchboard.connect_sync(url, token) as sb:
            events = sb.events("task.created", timeout=DEADLINE_S)
            task_id = sb.create_task(**TASK)
            assert next(events).payload.task_id == task_id  # type: ignore[attr-defined]
            assert not sb.create_task(**TASK, dry_run=True)
            sb.dispose_task(sb.tasks[task_id], "no longer needed")
            sb.wait(lambda: sb.tasks[task_id].status == "disposed", DEADLINE_S)
            assert next(sb.events(timeout=0), None) is None
            return [sb.actor, sb.tasks[task_id].detail or ""]

    async with serving() as world:
        said = await asyncio.to_thread(script, url_of(world), token_of(world, "cron", Kind.NOTEBOOK))

    assert said == ["notebook:cron", "no longer needed"]


async def test_one_connection_serves_awaiting_and_blocking_cells() -> None:
    async with desk() as d:
        blocking = d.sb.blocking()
        task_id = await asyncio.to_thread(lambda: blocking.create_task(**TASK))

        assert d.sb.tasks[task_id] is blocking.tasks[task_id]


async def test_a_restarted_server_is_found_again_and_an_iteration_is_told_what_it_missed(tmp_path: Path) -> None:
    async with serving(data=tmp_path) as world:
        token = token_of(world, "ben")
        port = int(url_of(world).rsplit(":", 1)[1])
        sb = await switchboard.connect(url_of(world), token)
        events = sb.events()
        before = sb.seq
        await sb.add_stop_word("banana")
        assert (await anext(events)).kind == "stopWord.added"
        last = before + 2
        past = record(world)
    await sb.wait(lambda: sb.trouble is not None, DEADLINE_S)
    assert "not live" in repr(sb)

    async with serving(data=tmp_path, port=port, first=replay(past)) as world:
        for number in range(20):
            world.ctx.publish(StopWordAdded(word=f"word {number}"))
        await sb.wait(lambda: sb.trouble is None, DEADLINE_S)
        await sb.wait(lambda: sb.seq == world.state.seq, DEADLINE_S)

        assert "word 19" in sb.state.contact.stop_words
        with pytest.raises(switchboard.Missed) as missed:
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    await anext(events)
        assert missed.value.after >= last
        await sb.add_stop_word("grapefruit")
        async with asyncio.timeout(DEADLINE_S):
            while (event := await anext(events)).actor != "notebook:ben":
                pass
        assert event.kind == "stopWord.added"
        await sb.close()


async def test_a_revoked_token_ends_the_connection_and_says_so() -> None:
    async with desk() as d:
        (d.world.data / "api" / "tokens.json").write_text("[]")
        with pytest.raises(switchboard.SignInRefused):
            await d.sb.pause_contact()
        with pytest.raises(switchboard.SignInRefused):
            await switchboard.connect(d.url, d.token)
    async with serving() as world:
        with pytest.raises(switchboard.SignInRefused, match="SWITCHBOARD_TOKEN"):
            await switchboard.connect(url_of(world))


async def test_nobody_at_the_address_is_said_with_the_address_and_without_the_token() -> None:
    with pytest.raises(switchboard.Unreachable, match=r"Nobody answers at http://127.0.0.1:9") as unreachable:
        await switchboard.connect("http://127.0.0.1:9", "swb_secret")
    assert "swb_secret" not in str(unreachable.value)
    for nonsense in ("localhost:8040", "http://[", "ftp://127.0.0.1"):
        with pytest.raises(switchboard.Unreachable):
            await switchboard.connect(nonsense, "swb_secret")


async def test_the_address_and_the_token_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as world:
        monkeypatch.setenv("SWITCHBOARD_URL", url_of(world))
        monkeypatch.setenv("SWITCHBOARD_TOKEN", token_of(world, "lab"))
        async with await switchboard.connect() as sb:
            assert sb.actor == "notebook:lab"
            assert "swb_" not in repr(sb) + repr(vars(sb)) + sb._repr_html_()


async def test_a_closed_connection_says_so_and_leaves_no_thread() -> None:
    async with desk() as d:
        sb = d.sb
        events = sb.events()
    with pytest.raises(switchboard.Closed):
        await sb.pause_contact()
    with pytest.raises(switchboard.Closed):
        await anext(events)
    for thread in threading.enumerate():
        if thread.name == "switchboard":
            await asyncio.to_thread(thread.join, DEADLINE_S)
            assert not thread.is_alive()


async def test_an_iteration_that_nobody_holds_any_more_is_forgotten() -> None:
    async with desk() as d:
        events = d.sb.events()
        gone = weakref.ref(events)
        del events
        gc.collect()
        assert gone() is None
        d.world.ctx.publish(StopWordAdded(word="enough"))
        await d.caught_up()


async def test_an_event_that_the_state_does_not_allow_is_never_shown_as_if_it_had_happened() -> None:
    async with desk() as d:
        with pytest.raises(Exception, match="there is no bot"):
            d.world.ctx.publish(BotConnecting(bot_id=BotId("bot_none")))
        await d.caught_up()

        assert d.sb.bots.get("bot_none") is None
