"""What Prometheus reads, after things have happened."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics

from kernel import commands as c
from kernel.clock import MINUTE
from kernel.config import check
from kernel.errors import ConfigInvalid, Refused
from kernel.events import ContactPaused, ErrorLogged, PluginQuarantined
from kernel.state import State
from kernel.testing import FakeTransport, World
from plugins.metrics import Metrics
from plugins.tasks import Tasks
from tests.histories import history
from tests.plugins.metrics.scraping import samples, scrape, value


def counted_by_hand(state: State, now: int) -> dict[tuple[str, frozenset[tuple[str, str]]], int]:
    """The gauges, by walking through all rows."""
    found: Counter[tuple[str, frozenset[tuple[str, str]]]] = Counter()

    def count(name: str, **labels: str) -> None:
        found[name, frozenset(labels.items())] += 1

    for bot in state.bots.rows():
        count("switchboard_bots", status=bot.status)
        count("switchboard_bots_by_reason", status=bot.status, reason=bot.reason or "none")
        for standing in bot.standing:
            count("switchboard_bots_by_standing", standing=standing)
        for what, until in (
            ("invites", bot.invites_blocked_until),
            ("messages", bot.messages_held_until),
            ("trades", bot.trades_held_until),
        ):
            if (until or 0) > now:
                count("switchboard_bots_held", what=what)
    for task in state.tasks.rows():
        count("switchboard_tasks", status=task.status)
    for invite in state.invites.rows():
        count("switchboard_invites", status=invite.status)
    for chat in state.chats.rows():
        driver = "none" if not chat.is_open else "agent" if chat.agent_enabled else "operator"
        count("switchboard_chats", state=chat.status, driver=driver)
    for player in state.players.rows():
        if player.do_not_contact is not None:
            count("switchboard_players_do_not_contact")
    for _ in range(state.remembered.left_alone_by_reason.total()):
        count("switchboard_players_do_not_contact")
    return dict(found)


async def test_gauges_say_what_the_rows_say_whatever_has_happened() -> None:
    async with World(Metrics, FakeTransport) as world:
        seen: set[tuple[str, frozenset[tuple[str, str]]]] = set()
        names: set[str] = set()
        for number, envelope in enumerate(history(Random(6), 3_000)):
            world.ctx.publish(envelope.payload, actor=envelope.actor)
            if number % 10 == 0:
                found, expected = await samples(world), counted_by_hand(world.state, world.clock.now())
                names |= {name for name, _ in expected}
                gauges = {series: n for series, n in found.items() if series[0] in names and n}
                assert gauges == expected
                seen |= set(expected)
        found = await samples(world)

        every = {series for series in found if series[0] in names}
        assert every <= seen, "no history has come to the rest"  # nobody may be left of whom one saw before
        assert value(found, "switchboard_seq") == world.state.seq
        happened = Counter(event.kind for event in world.events)
        for kind, times in happened.items():
            assert value(found, "switchboard_events_total", kind=kind) == times


async def test_commands_are_counted_with_what_came_of_them_and_how_long_it_took() -> None:
    async with World(Metrics, Tasks) as world:
        task = await world.create_task()
        await world.execute(c.DisposeTask(task_id=task))
        for _ in range(2):
            with pytest.raises(Refused):
                await world.ctx.execute(c.DisposeTask(task_id=task))
        with pytest.raises(Refused):
            await world.ctx.execute(c.PauseContact())
        found = await samples(world)

        assert value(found, "switchboard_commands_total", kind="CreateTask", result="ok") == 1
        assert value(found, "switchboard_commands_total", kind="DisposeTask", result="ok") == 1
        assert value(found, "switchboard_commands_total", kind="DisposeTask", result="taskEnded") == 2
        assert value(found, "switchboard_commands_total", kind="PauseContact", result="noHandler") == 1
        assert value(found, "switchboard_command_seconds_count", kind="DisposeTask") == 3
        assert value(found, "switchboard_command_seconds_sum", kind="DisposeTask") >= 0


async def test_what_waits_is_told_with_how_long_it_has_waited() -> None:
    async with World(Metrics, Tasks) as world:
        assert value(await samples(world), "switchboard_task_wait_seconds") == 0
        await world.create_task()
        await world.clock.advance(2 * MINUTE)
        await world.create_task()

        found = await samples(world)
        assert value(found, "switchboard_task_wait_seconds") == 120
        assert value(found, "switchboard_task_oldest_seconds", status="created") == 120
        assert value(found, "switchboard_task_oldest_seconds", status="invited") == 0


async def test_the_journals_lag_is_told_once_there_is_a_journal() -> None:
    async with World(Metrics, FakeTransport) as world:
        commits = world.system.commits
        assert value(await samples(world), "switchboard_journal_lag_events") == 0

        commits.take_charge(world.state.seq)
        for _ in range(3):
            world.ctx.publish(ContactPaused())
        commits.fail("No space left on device")
        found = await samples(world)
        assert value(found, "switchboard_journal_lag_events") == 3
        assert value(found, "switchboard_journal_failing") == 1
        assert value(found, "switchboard_contact_paused") == 1

        commits.advance(world.state.seq)
        found = await samples(world)
        assert value(found, "switchboard_journal_lag_events") == value(found, "switchboard_journal_failing") == 0


async def test_errors_are_counted_by_plugin_and_strangers_share_a_label() -> None:
    async with World(Metrics, FakeTransport) as world:
        for source in ("faketransport", "kernel", "faketransport", "76561198000000001", "bot_1"):
            world.ctx.publish(ErrorLogged(source=source, message="It went wrong."))
        found = await samples(world)

        errors = {
            dict(labels)["source"]: n for (name, labels), n in found.items() if name == "switchboard_errors_total"
        }
        assert errors == {"faketransport": 2, "kernel": 1, "other": 2}


async def test_plugins_are_counted_by_how_they_are() -> None:
    async with World(Metrics, FakeTransport, Tasks) as world:
        await world.system.host.disable("tasks")
        found = await samples(world)

        assert value(found, "switchboard_plugins", status="running") == 2
        assert value(found, "switchboard_plugins", status="stopped") == 1


async def test_a_quarantine_is_counted_for_the_plugin_that_was_switched_off() -> None:
    async with World(Metrics, FakeTransport) as world:
        world.ctx.publish(PluginQuarantined(name="talker", detail="failed 200 times within a minute"))
        _, _, text = await scrape(world)

        assert 'switchboard_plugin_quarantines_total{plugin="talker"} 1.0' in text
        assert 'switchboard_plugins{status="quarantined"} 1.0' in text


async def test_no_label_grows_with_the_fleet() -> None:
    async with World(Metrics, Tasks) as world:
        world.add_bot()
        before = set(await samples(world))
        for _ in range(50):
            world.add_bot()
            await world.create_task()
        new = {(name, labels) for name, labels in set(await samples(world)) - before if "event" not in name}

        assert {name for name, _ in new} <= {
            "switchboard_commands_total",
            "switchboard_command_seconds_bucket",
            "switchboard_command_seconds_count",
            "switchboard_command_seconds_sum",
        }
        assert {dict(labels)["kind"] for _, labels in new} == {"CreateTask"}


async def test_the_page_speaks_both_formats_and_takes_nothing_but_get() -> None:
    async with World(Metrics, FakeTransport) as world:
        world.ctx.publish(ContactPaused())
        _, plain, text = await scrape(world)
        _, open_, opened = await scrape(world, accept="application/openmetrics-text;version=1.0.0")

        assert plain.startswith("text/plain")
        assert open_.startswith("application/openmetrics-text")
        names = {family.name for family in parse_openmetrics(opened)}  # type: ignore[no-untyped-call]
        assert {"switchboard_events", "switchboard_bots", "switchboard_build"} <= names
        assert opened.count("# EOF") == 1
        assert "# EOF" not in text
        assert (await scrape(world, method="POST"))[0] == 405
        for own in ("process_resident_memory_bytes", "python_gc_collections", "switchboard_loop_late_seconds"):
            assert own in text


async def test_a_plugin_that_is_stopped_counts_no_more() -> None:
    async with World(Metrics, FakeTransport) as world:
        page = world.ctx.hooks.mounts()["/metrics"]
        await world.system.host.disable("metrics")

        assert page is not None
        assert "/metrics" not in world.ctx.hooks.mounts()
        world.ctx.publish(ContactPaused())  # and nobody complains


def test_a_sample_of_the_loop_takes_time() -> None:
    with pytest.raises(ConfigInvalid, match="loop_sample_ms: must be at least 1"):
        check({"kernel": {"plugins": ["metrics"]}, "metrics": {"loop_sample_ms": 0}}, {"metrics": Metrics})
