"""Commands that name what has left the state are told so, and when it ended."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kernel.commands import AddNote, Command, DisposeTask, RetryMessage, SendMessage, ToggleAgent
from kernel.hookspecs import hookimpl
from kernel.ids import ChatId, MessageId, TaskId
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import NOON, FakeTransport, World
from plugins.contact_policy import ContactPolicy
from plugins.dialogue import Dialogue
from plugins.history.readers import ended_at
from plugins.tasks import Tasks
from plugins.team import Team
from tests.histories import fold, history
from tests.plugins.history.archives import archived

GONE = ("chat_gone", "task_gone")


class Attic(Plugin[PluginConfig]):
    """An archive of one chat and its task."""

    @hookimpl
    def ended_at(self, of: str) -> int | None:
        return NOON if of in GONE else None


def commands(which: str) -> list[Command[Any]]:
    chat_id = ChatId(f"chat_{which}")
    return [
        DisposeTask(task_id=TaskId(f"task_{which}")),
        SendMessage(chat_id=chat_id, text="thanks"),
        RetryMessage(chat_id=chat_id, message_id=MessageId("msg_1")),
        ToggleAgent(chat_id=chat_id, enabled=True),
        AddNote(chat_id=chat_id, text="paid"),
    ]


async def test_a_command_about_what_has_left_the_state_is_told_when_it_ended() -> None:
    async with World(ContactPolicy, FakeTransport, Tasks, Dialogue, Team, Attic) as world:
        refusals = [await world.refusal(command) for command in commands("gone")]
        unknown = [await world.refusal(command) for command in commands("never")]

    assert {(refused.code, refused.status) for refused in refusals} == {("archived", 404)}
    assert {refused.field for refused in refusals} == {"chatId", "taskId"}
    day = datetime.fromtimestamp(NOON / 1_000, UTC).date()
    assert all(f"ended on {day}" in str(refused) for refused in refusals), [*map(str, refusals)]
    assert {refused.code for refused in unknown} == {"unknownTask", "unknownChat"}


def test_the_archive_knows_when_a_chat_or_task_ended(tmp_path: Path) -> None:
    events = history(Random(5), 400)
    state = fold(events)
    path = archived(tmp_path, events)
    closed = [chat for chat in state.chats.values() if not chat.is_open]
    ended = [task for task in state.tasks.values() if not task.is_open]

    assert closed
    assert ended
    moments = {envelope.ts for envelope in events}
    assert {ended_at(path, chat.id) for chat in closed} <= moments
    assert {ended_at(path, task.id) for task in ended} <= moments
    assert [ended_at(path, task.id) for task in state.tasks.values() if task.is_open] == [None] * (
        len(state.tasks) - len(ended)
    )
    assert ended_at(path, "chat_never") is None
    assert ended_at(path, "nothing of ours") is None


@pytest.mark.parametrize("content", [None, b"", b"no archive"])
def test_an_archive_that_cannot_be_read_knows_nothing_and_holds_no_command_up(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "archive.db"
    if content is not None:
        path.write_bytes(content)

    assert ended_at(path, "chat_1") is None
