"""A whole day of deals: bots sign in from maFiles over TLS, players are invited and answer, deals end.

The day is played once for all of its tests: they are one worker's (tests/scheduling.py).
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest

from kernel.events import (
    BotAdded,
    BotConnected,
    BotConnecting,
    ChatMessageQueued,
    ChatMessageSent,
    Envelope,
    FriendInviteRequested,
    FriendInviteSent,
    TaskAssigned,
)
from kernel.ids import ChatId
from kernel.reducers import reduce
from kernel.rows import Message, TaskStatus
from kernel.state import State
from tests.e2e.running import SPEED, fold, of, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> list[Envelope]:
    """The journal of a demonstration that ran to its end: 20 bots, 60 players."""
    data = tmp_path_factory.mktemp("demo")
    with running(data, "--until-done") as demo:
        assert demo.wait(240) == 0, "\n".join(demo.lines[-40:])
        return demo.envelopes()


def test_every_bot_is_connected_from_its_mafile_within_ten_seconds_of_its_turn(day: list[Envelope]) -> None:
    turns = {event.bot_id: envelope.ts for envelope, event in reversed(of(BotConnecting, day))}
    took = {event.bot_id: (envelope.ts - turns[event.bot_id]) / SPEED for envelope, event in of(BotConnected, day)}

    assert len(of(BotAdded, day)) == len(took) == 20
    assert max(took.values()) < 10_000


def test_every_task_has_an_outcome_or_waits_for_a_reason_that_is_told(day: list[Envelope]) -> None:
    tasks = fold(day).tasks.values()

    assert len(tasks) == 60
    for task in tasks:
        assert task.status in {TaskStatus.RESOLVED, TaskStatus.FAILED, TaskStatus.INVITED}, task
        assert task.status is TaskStatus.RESOLVED or (task.reason and task.detail), task
    outcomes = {task.status for task in tasks}
    assert outcomes >= {TaskStatus.RESOLVED, TaskStatus.FAILED}, "a day without either would prove nothing"


def test_tasks_fall_to_the_connected_bots_in_turn(day: list[Envelope]) -> None:
    """Between two tasks of one bot, every bot that was connected all the while has had one."""
    state = State()
    had: dict[str, int] = {}
    connected_since: dict[str, int] = {}
    for envelope in day:
        event = envelope.payload
        if isinstance(event, TaskAssigned):
            longest = min(had.get(bot, connected_since[bot]) for bot in connected_since)
            assert had.get(event.bot_id, 0) <= longest or event.bot_id not in had, envelope
            assert event.bot_id in connected_since
            had[event.bot_id] = envelope.seq
        elif isinstance(event, BotConnected):
            connected_since[event.bot_id] = envelope.seq
        elif envelope.kind in {"bot.disconnected", "bot.removed"}:
            connected_since.pop(event.bot_id, None)  # type: ignore[attr-defined]
        reduce(state, envelope)
    assert len(of(TaskAssigned, day)) >= 60


def test_no_bot_sends_two_invites_within_a_minute_of_the_clock(day: list[Envelope]) -> None:
    sent = defaultdict(list)
    for envelope, event in of(FriendInviteSent, day):
        sent[event.bot_id].append(envelope.ts)
    for envelope, request in of(FriendInviteRequested, day):
        earlier = [ts for ts in sent[request.bot_id] if ts < envelope.ts]
        assert not earlier or envelope.ts - earlier[-1] >= 60_000, envelope

    assert sum(map(len, sent.values())) > 40
    assert all(after - before >= 60_000 for times in sent.values() for before, after in pairwise(times))


def test_the_first_message_of_every_dialogue_says_that_a_program_writes_and_how_to_stop_it(day: list[Envelope]) -> None:
    first: dict[ChatId, Message] = {}
    for _, event in of(ChatMessageQueued, day):
        first.setdefault(event.chat_id, event.message)

    assert first
    for message in first.values():
        assert message.author == "agent:scripted_agent"
        text = message.text.lower()
        assert ("automated" in text and "stop" in text) or ("автомат" in text and "стоп" in text), text


def test_nobody_is_written_to_after_they_said_stop(day: list[Envelope]) -> None:
    state = State()
    refused = 0
    for envelope in day:
        if isinstance(envelope.payload, ChatMessageSent):
            chat = state.chats[envelope.payload.chat_id]
            player = state.players.get(chat.player)
            if player is not None and player.do_not_contact is not None:
                message = chat.message(envelope.payload.message_id)
                assert message is not None and message.ts <= player.do_not_contact.since, envelope
        reduce(state, envelope)
        refused += envelope.kind == "doNotContact.added"
    assert refused, "nobody said stop, so this has shown nothing"
