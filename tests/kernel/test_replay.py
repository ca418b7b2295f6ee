"""A start's own way of folding: it leads where the reducers lead, and refuses what they refuse, in their words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import events as e
from kernel.clock import DAY, Millis
from kernel.codec import CODEC, encode
from kernel.codes import LeftAlone, Undeclared
from kernel.errors import IllegalTransition
from kernel.events import Envelope, Event, FriendInviteRequested
from kernel.ids import BotId, ChatId, CommandId, SteamId64, TaskId
from kernel.reducers import COMMANDS_KEPT, reduce
from kernel.replay import Replay
from kernel.replay.forms import FORMS, Form, Tables
from kernel.rows import Contact, InviteRefusal, TaskStatus
from kernel.state import State
from tests.histories import differences, from_snapshot, histories, history

CLOSED_BOOK = {"bots_with_holds", "bots_by_reason"}
"""What no order is promised of: each change of a bot's row puts it behind the others."""


def lines(past: list[Envelope]) -> bytes:
    return b"".join(encode(envelope) + b"\n" for envelope in past)


def indexed(state: State) -> dict[str, object]:
    """Every index, with the order of what is in it."""
    return {name: _ordered(name, value) for name, value in vars(state.index).items()}


def _ordered(name: str, value: Any) -> object:
    if isinstance(value, Counter):
        return +value
    if isinstance(value, dict) and name not in CLOSED_BOOK:
        found = {key: _ordered(name, held) for key, held in value.items()}
        if isinstance(value, defaultdict):  # whoever asks leaves an empty group behind
            return {key: held for key, held in found.items() if held}
        return list(found) if all(held is None for held in found.values()) else found
    return value


def expect_same(replayed: State, live: State) -> None:
    assert not differences(replayed, live)
    assert indexed(replayed) == indexed(live)
    for one, other in zip(replayed.tables, live.tables, strict=True):
        assert list(one) == list(other), f"{one.name} are in another order"


@given(histories(), st.randoms(use_true_random=False))
def test_a_start_leads_to_the_same_state_row_by_row_and_index_by_index(past: list[Envelope], random: Random) -> None:
    live, snapshot = State(), random.randrange(len(past) + 1)
    replayed = State()
    for envelope in past[:snapshot]:
        reduce(live, envelope)
    if snapshot:
        replayed, live = from_snapshot(live), from_snapshot(live)
    replay, rest = Replay(replayed), past[snapshot:]
    for envelope in rest:
        reduce(live, CODEC.decode(encode(envelope)))
    while rest:
        count = random.randrange(1, len(rest) + 1)
        replay.fold(lines(rest[:count]))
        rest = rest[count:]

    expect_same(replayed, live)


def test_every_form_is_met_in_long_histories_and_none_of_them_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: Counter[type[Event]] = Counter()

    def counting(event: type[Event], form: Form) -> Form:
        def counted(tables: Tables, wire: Any, payload: Any) -> bool:
            folded = form(tables, wire, payload)
            taken[event] += folded
            return folded

        return counted

    for event, form in list(FORMS.items()):
        monkeypatch.setitem(FORMS, event, counting(event, form))
    for seed in range(5):
        past = history(Random(seed), 1_500)
        live, replayed = State(), State()
        for envelope in past:
            reduce(live, envelope)
        Replay(replayed).fold(lines(past))
        expect_same(replayed, live)

    assert set(FORMS) == set(+taken), f"never: {set(FORMS) - set(+taken)}"


@pytest.mark.parametrize("seed", range(3))
def test_what_cannot_follow_is_refused_in_the_reducers_words_and_the_state_stands_before_it(seed: int) -> None:
    random, past = Random(seed), history(Random(seed), 400)
    state = State()
    for envelope in past[:200]:
        reduce(state, envelope)
    refused = 0
    for envelope in past:  # each once more, where most cannot be any more
        again = msgspec.structs.replace(envelope, seq=201, ts=Millis(state.ts + random.randrange(9)))
        said = [_refusal(fold, from_snapshot(state), again) for fold in (reduce, _replayed)]
        assert said[0] == said[1], envelope
        refused += said[0][0] != ""

    assert refused > 30


def _replayed(state: State, envelope: Envelope) -> None:
    Replay(state).fold(lines([envelope]))


def _refusal(fold: Callable[[State, Envelope], None], state: State, envelope: Envelope) -> tuple[str, int, object]:
    try:
        fold(state, envelope)
    except (IllegalTransition, KeyError) as error:
        return f"{type(error)}: {error}", state.seq, [table.rows() for table in state.tables]
    return "", state.seq, [table.rows() for table in state.tables]


def test_a_gap_a_newer_form_and_a_line_that_is_no_event_stop_it_where_they_stand() -> None:
    past = history(Random(5), 60)
    for fault in (
        lines([past[31]]),
        encode(past[30]).replace(b'"payload":', b'"v":99,"payload":', 1) + b"\n",
        b"no event\n",
    ):
        state = State()
        replay = Replay(state)
        replay.fold(lines(past[:20]))
        with pytest.raises(ValueError):
            replay.fold(lines(past[20:30]) + fault)
        assert state.seq in {20, 30}
        replay.fold(lines(past[state.seq :]))
        assert (state.seq, state.ts) == (past[-1].seq, past[-1].ts)


BOT, PLAYER, TASK = BotId("bot_1"), SteamId64("76561198000000001"), TaskId("task_1")
ABOUT: dict[str, Any] = {"task_id": TASK, "bot_id": BOT, "player": PLAYER}
ABOUT_TASK: dict[str, Any] = {
    "task_id": TASK,
    "player": PLAYER,
    "item": "x",
    "price_min": Decimal(1),
    "price_max": Decimal(2),
    "currency": "USD",
}
DEAL = (
    e.BotAdded(bot_id=BOT, steam_id64=SteamId64("76561199000000001"), proxy_url="http://127.0.0.1:1"),
    e.TaskCreated(**ABOUT_TASK),
    e.TaskAssigned(task_id=TASK, bot_id=BOT),
    e.FriendInviteQueued(**ABOUT),
    e.FriendInviteRequested(**ABOUT),
)
TALK = (
    e.DoNotContactAdded(player=PLAYER, reason=LeftAlone.OPERATOR),
    e.DoNotContactRemoved(player=PLAYER),
    e.ChatStarted(chat_id=ChatId("chat_1"), bot_id=BOT, player=PLAYER, task_id=TASK),
    e.ChatClosed(chat_id=ChatId("chat_1"), reason=Undeclared("over")),
)
GONE = e.TaskStatusChanged(task_id=TASK, status=TaskStatus.FAILED)


def commands(count: int) -> Iterator[Event]:
    for number in range(count):
        yield e.CommandCompleted(id=CommandId(f"cmd_{number}"), command="Pause")


@pytest.mark.parametrize(
    "past",
    [
        pytest.param([*DEAL, e.FriendInviteRequested(**ABOUT)], id="an invite that is on its way already"),
        pytest.param([*DEAL, GONE, e.TaskArchived(task_ids=(TASK,))], id="a task whose invite is still there"),
        pytest.param([*DEAL, e.TaskArchived(task_ids=(TASK,))], id="an open task leaves"),
        pytest.param([*DEAL, *TALK[:3], e.ChatArchived(chat_ids=(ChatId("chat_1"),))], id="an open chat leaves"),
        pytest.param([*DEAL, *TALK, e.ChatArchived(chat_ids=(ChatId("chat_1"),))], id="who was cleared leaves"),
        pytest.param([*DEAL, *TALK, e.ChatArchived(chat_ids=(ChatId("chat_1"),) * 2)], id="a chat leaves twice"),
        pytest.param([*DEAL, e.FriendInviteFailed(**ABOUT, reason=InviteRefusal.DECLINED, detail="")], id="a refusal"),
        pytest.param([*DEAL, e.TaskCreated(**ABOUT_TASK)], id="a task that is there"),
        pytest.param([*commands(COMMANDS_KEPT + 3)], id="the oldest command is forgotten"),
    ],
)
def test_what_is_not_the_plain_case_is_the_reducers(past: list[Event]) -> None:
    said = []
    for fold_one in (reduce, _replayed):
        state = State()
        for number, event in enumerate(past, 1):
            last = Millis(number + (0 if number < len(past) else 8 * DAY))
            envelope = Envelope.of(number, last, "test", None, event)
            if number < len(past):
                reduce(state, envelope)
            else:
                said.append((_refusal(fold_one, state, envelope), state))

    assert said[0][0] == said[1][0]
    expect_same(said[1][1], said[0][1])


def test_times_of_invites_that_do_not_ascend_are_counted_as_the_reducers_count_them() -> None:
    seed = next(seed for seed in range(40) if _queued(fold(seed)))
    states = [from_snapshot(fold(seed)) for _ in range(2)]
    for state in states:
        state.contacts.restore("contact", Contact(invites=(Millis(state.ts + 5), Millis(state.ts - 5), Millis(1))))
        task_id, invite = _queued(state)[0]
        requested = FriendInviteRequested(task_id=task_id, bot_id=invite.bot_id, player=invite.player)
        envelope = Envelope.of(state.seq + 1, Millis(state.ts + 1), "plugin:invites", None, requested)
        reduce(state, envelope) if state is states[0] else _replayed(state, envelope)

    expect_same(states[1], states[0])


def fold(seed: int) -> State:
    state = State()
    for envelope in history(Random(seed), 200):
        reduce(state, envelope)
    return state


def _queued(state: State) -> list[tuple[TaskId, Any]]:
    return [(task_id, state.invites[task_id]) for task_id in state.index.queued_invites]


@pytest.mark.parametrize("seed", [6, 7])
def test_a_long_history_whose_clock_steps_leads_to_the_same_state(seed: int) -> None:
    """Where the invites of the hour have lost their order, they are looked for as the reducers do."""
    past = history(Random(seed), 1_500)
    live, replayed = State(), State()
    for envelope in past:
        reduce(live, CODEC.decode(encode(envelope)))
    Replay(replayed).fold(lines(past))

    expect_same(replayed, live)
