"""Questions of a notebook to the archive of the running system, as data frames."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

import switchboard
from kernel.errors import CommandError
from kernel.events import ChatMessageEchoed, ChatMessageQueued, ChatMessageReceived, TaskCreated
from plugins.history import History
from plugins.journal import Journal
from switchboard import past
from tests.histories import history
from tests.notebooks.site import serving, token_of, url_of
from tests.plugins.journal.folders import Folder

EVENTS = history(Random(31), 900)
CREATED = [e.payload for e in EVENTS if isinstance(e.payload, TaskCreated)]
SAID = [e.payload for e in EVENTS if isinstance(e.payload, ChatMessageReceived | ChatMessageQueued | ChatMessageEchoed)]


@pytest.fixture
async def sb(tmp_path: Path) -> AsyncIterator[switchboard.Switchboard]:
    """Connected to a system that has a past."""
    (tmp_path / "journal").mkdir()
    Folder(tmp_path / "journal").write(EVENTS)
    async with serving(History, first=Journal, data=tmp_path) as world:
        await world.plugin(History).caught_up()
        async with await switchboard.connect(url_of(world), token_of(world, "ben")) as connected:
            yield connected


async def test_a_notebook_asks_the_past(sb: switchboard.Switchboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "PAGE", 3)  # so that there are several
    tasks = await sb.history.tasks()
    frame = tasks.to_pandas()
    assert [task["id"] for task in tasks] == [event.task_id for event in reversed(CREATED)], "what has left too"
    assert len(tasks) > 6
    assert str(frame["created_at"].dtype) == "datetime64[ms, UTC]"
    assert isinstance(frame["price_min"][0], Decimal)
    assert list(tasks.to_polars()["id"]) == list(frame["id"])
    some = await sb.history.tasks(player=tasks[0]["playerSteamId64"], created_until=frame["created_at"][0])
    assert all(task["playerSteamId64"] == tasks[0]["playerSteamId64"] for task in some)
    short = await sb.history.tasks(most=2)
    assert (len(short), short.more) == (2, True)

    chat = max({event.chat_id for event in SAID}, key=lambda one: sum(event.chat_id == one for event in SAID))
    lines = await sb.history.chat(chat)
    assert [line["text"] for line in lines] == [event.message.text for event in SAID if event.chat_id == chat]
    player = next(one["playerSteamId64"] for one in await sb.history.chats() if one["id"] == chat)
    timeline = await sb.history.timeline(player, most=500)
    assert {"message", "chatStarted"} <= set(timeline.to_pandas()["kind"])
    assert len(await sb.history.search("Привет")) == sum("Привет" in event.message.text for event in SAID)

    report = await sb.history.report("2025-12-25", "2026-12-25")
    assert report.funnel["created"] == len(tasks)
    assert sum(report.causes.to_pandas()["ended"]) == sum("endedAt" in task for task in tasks)
    assert str(past.Records([{"place": 0.5}, {}], up_to=1).to_pandas()["place"].dtype) == "Float64"
    with pytest.raises(CommandError, match="day such as"):
        await sb.history.report("tomorrow")


async def test_a_script_asks_the_same(sb: switchboard.Switchboard) -> None:
    blocking = sb.blocking()

    tasks = await asyncio.to_thread(blocking.history.tasks, most=5)
    report = await asyncio.to_thread(blocking.history.report, "2025-12-25", "2026-12-25")

    assert len(tasks) == 5
    assert report.days.to_polars().height == 366
