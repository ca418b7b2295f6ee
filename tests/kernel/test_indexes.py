"""The look-ups: kept in step with the rows, whichever way the state came about."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from kernel.clock import Millis
from kernel.codes import LeftAlone, WaitReason
from kernel.events import (
    BotAdded,
    BotStandingChanged,
    ChatAgentToggled,
    ChatClosed,
    ChatMessageReceived,
    ChatStarted,
    DoNotContactAdded,
    DoNotContactRemoved,
    Envelope,
    Event,
    FriendInviteFailed,
    FriendInviteQueued,
    FriendInviteRequested,
    TaskAssigned,
    TaskCreated,
    TaskStatusChanged,
)
from kernel.ids import BotId, ChatId, MessageId, SteamId64, TaskId
from kernel.reducers import reduce
from kernel.rows import AccountStanding, BotStatus, ChatStatus, InviteStatus, Message, Sender, TaskStatus
from kernel.snapshot import Snapshot
from kernel.state import State
from plugins.dialogue.codes import ChatEnd, HandoverReason
from tests.histories import history

BOT = BotId("bot_1")


def fold(state: State, *events: Event) -> None:
    for event in events:
        reduce(state, Envelope.of(state.seq + 1, Millis(1_000 + state.seq), "test", None, event))


def counted(state: State) -> dict[str, Any]:
    """The indexes that are counts or queues, without the zeros that a Counter keeps."""
    index = state.index
    return {
        "chats": {driver: n for driver, n in index.chats_by_driver.items() if n},
        "invites": {status: n for status, n in index.invites_by_status.items() if n},
        "queued": list(index.queued_invites),
        "reasons": dict(index.bots_by_reason),
        "open tasks": {status: list(tasks) for status, tasks in index.open_tasks.items() if tasks},
        "of bots": {bot: list(tasks) for bot, tasks in index.invites_of_bot.items()},
        "standing": +index.bots_by_standing,
        "held": dict(index.bots_with_holds),
        "left alone": index.do_not_contact,
        "left alone by reason": dict(index.left_alone_by_reason),
    }


def player(number: int) -> SteamId64:
    return SteamId64(str(76561198000000000 + number))


def task(number: int) -> list[Event]:
    task_id = TaskId(f"task_{number}")
    created = TaskCreated(
        task_id=task_id,
        player=player(number),
        item="x",
        price_min=Decimal(1),
        price_max=Decimal(2),
        currency="USD",
    )
    return [
        created,
        TaskAssigned(task_id=task_id, bot_id=BOT),
        FriendInviteQueued(task_id=task_id, bot_id=BOT, player=player(number)),
    ]


def test_chats_are_counted_by_who_leads_them_and_invites_queue_in_order() -> None:
    state = State()
    fold(state, BotAdded(bot_id=BOT, steam_id64=SteamId64("76561199000000001"), proxy_url="http://127.0.0.1:1"))
    fold(state, *task(1), *task(2), *task(3))
    fold(state, FriendInviteRequested(task_id=TaskId("task_1"), bot_id=BOT, player=player(1)))
    fold(state, FriendInviteQueued(task_id=TaskId("task_1"), bot_id=BOT, player=player(1)))

    assert counted(state)["queued"] == ["task_2", "task_3", "task_1"], "who is put back goes to the end"
    assert counted(state)["of bots"] == {BOT: ["task_1", "task_2", "task_3"]}, "and keeps the place with its bot"

    fold(state, FriendInviteRequested(task_id=TaskId("task_2"), bot_id=BOT, player=player(2)))
    ended = FriendInviteFailed(
        task_id=TaskId("task_3"), bot_id=BOT, player=player(3), reason=WaitReason.WITHDRAWN, detail=""
    )
    fold(state, ended)
    chats = [ChatId(f"chat_{number}") for number in range(3)]
    fold(state, *(ChatStarted(chat_id=chat, bot_id=BOT, player=player(9)) for chat in chats))
    line = Message(id=MessageId("msg_1"), sender=Sender.PLAYER, text="hi", ts=Millis(1), author="player:9")
    fold(
        state,
        ChatMessageReceived(chat_id=chats[0], message=line),
        ChatAgentToggled(chat_id=chats[0], enabled=False, epoch=2, reason=HandoverReason.TAKEN_OVER),
        ChatClosed(chat_id=chats[1], reason=ChatEnd.COMPLETED),
        DoNotContactAdded(player=player(1), reason=LeftAlone.OPERATOR),
        DoNotContactAdded(player=player(2), reason=LeftAlone.OPERATOR),
        DoNotContactAdded(player=player(3), reason=LeftAlone.SAID_STOP),
        DoNotContactRemoved(player=player(1)),
        BotStandingChanged(bot_id=BOT, standing=(AccountStanding.LIMITED, AccountStanding.VAC_BANNED)),
        BotStandingChanged(
            bot_id=BOT, standing=(AccountStanding.VAC_BANNED, AccountStanding.TRADE_HELD), trades_held_until=Millis(9)
        ),
    )

    assert counted(state) == {
        "chats": {(ChatStatus.OPEN, True): 1, (ChatStatus.OPEN, False): 1, (ChatStatus.CLOSED, False): 1},
        "invites": {InviteStatus.QUEUED: 1, InviteStatus.REQUESTED: 1},
        "queued": ["task_1"],
        "reasons": {(BotStatus.DISCONNECTED, None): 1},
        "open tasks": {TaskStatus.ASSIGNED: ["task_1", "task_2", "task_3"]},
        "of bots": {BOT: ["task_1", "task_2"]},
        "standing": {AccountStanding.VAC_BANNED: 1, AccountStanding.TRADE_HELD: 1},
        "held": {BOT: None},
        "left alone": {player(2), player(3)},
        "left alone by reason": {LeftAlone.OPERATOR: 1, LeftAlone.SAID_STOP: 1},
    }

    loaded = State()
    for name, rows in Snapshot.of(state).tables.items():
        loaded.load(name, rows)
    assert counted(loaded) == counted(state)


def test_a_chat_weighs_as_much_as_its_messages_when_a_snapshot_is_cut() -> None:
    state = State()
    fold(state, BotAdded(bot_id=BOT, steam_id64=SteamId64("76561199000000001"), proxy_url="http://127.0.0.1:1"))
    for number in range(10):
        chat = ChatId(f"chat_{number}")
        fold(state, ChatStarted(chat_id=chat, bot_id=BOT, player=player(number)))
        for n in range(30):
            message_id = MessageId(f"msg_{number}_{n}")
            line = Message(id=message_id, sender=Sender.PLAYER, text="hi", ts=Millis(1), author="player:9")
            fold(state, ChatMessageReceived(chat_id=chat, message=line))

    parts = list(Snapshot.of(state).parts(rows=100))

    assert [row.id for p in parts for row in p.state.get("chats", [])] == list(state.chats)  # type: ignore[attr-defined]
    assert {p.parts for p in parts} == {len(parts)}
    assert max(len(p.state.get("chats", [])) for p in parts) <= 4


def looked_up(state: State) -> dict[str, Any]:
    """Every look-up, without the empty ones that a Counter or a defaultdict keeps; the queues with their order."""
    found: dict[str, Any] = {}
    for name, index in vars(state.index).items():
        if name in {"queued_invites", "waiting_tasks"}:
            found[name] = list(index)
        elif isinstance(index, dict):
            found[name] = {key: value for key, value in index.items() if value}
        else:
            found[name] = index
    return found


def reloaded(state: State) -> State:
    loaded = State()
    for name, rows in Snapshot.of(state).tables.items():
        loaded.load(name, rows)
    loaded.set_position(state.seq, state.ts)
    return loaded


@pytest.mark.parametrize("seed", range(20))
def test_a_state_that_was_loaded_looks_things_up_as_the_one_that_was_folded(seed: int) -> None:
    state = State()
    for envelope in history(Random(seed), 1_000):
        reduce(state, envelope)

    assert looked_up(reloaded(state)) == looked_up(state)


def test_an_older_chat_that_changes_hands_or_is_closed_does_not_become_the_latest() -> None:
    state = State()
    fold(state, BotAdded(bot_id=BOT, steam_id64=SteamId64("76561199000000001"), proxy_url="http://127.0.0.1:1"))
    older, newer = (ChatStarted(chat_id=ChatId(name), bot_id=BOT, player=player(1)) for name in ("older", "newer"))
    fold(
        state,
        older,
        newer,
        ChatAgentToggled(chat_id=older.chat_id, enabled=False, epoch=2, reason=HandoverReason.TAKEN_OVER),
    )
    assert state.index.chat_between == {(BOT, player(1)): "newer"}

    fold(state, ChatClosed(chat_id=older.chat_id, reason=ChatEnd.COMPLETED))
    assert state.index.chat_between == {(BOT, player(1)): "newer"}


def test_of_two_open_tasks_of_one_player_the_other_is_still_known_when_one_ends() -> None:
    state = State()
    fold(state, BotAdded(bot_id=BOT, steam_id64=SteamId64("76561199000000001"), proxy_url="http://127.0.0.1:1"))
    fold(state, *task(1), replace(task(1)[0], task_id=TaskId("task_2")))
    fold(state, TaskStatusChanged(task_id=TaskId("task_2"), status=TaskStatus.DISPOSED))
    assert state.index.open_task_of_player == {player(1): "task_1"}

    fold(state, TaskStatusChanged(task_id=TaskId("task_1"), status=TaskStatus.FAILED))
    assert state.index.open_task_of_player == {}


def test_who_is_put_back_waits_at_the_end_after_a_restart_too() -> None:
    state = State()
    fold(state, BotAdded(bot_id=BOT, steam_id64=SteamId64("76561199000000001"), proxy_url="http://127.0.0.1:1"))
    fold(state, *task(1), task(2)[0])
    fold(state, TaskStatusChanged(task_id=TaskId("task_1"), status=TaskStatus.CREATED))
    assert list(state.index.waiting_tasks) == ["task_2", "task_1"]
    assert list(reloaded(state).index.waiting_tasks) == ["task_2", "task_1"]
