"""Python's reducers and TypeScript's fold the same histories to the same state, cut wherever you like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kernel.checks import Check, Round
from kernel.clock import Millis
from kernel.events import KINDS, CommandCompleted, Envelope, Event
from kernel.ids import CommandId
from kernel.reducers import COMMANDS_KEPT, COMMANDS_KEPT_FOR
from kernel.rows import MESSAGES_KEPT, Delivery, Forgotten, LineKey, Sender
from kernel.snapshot import Snapshot
from kernel.state import State
from tests.contract.fold import Drifted, Refused, TypeScriptFold, running, whole
from tests.histories import Author, fold, histories, history

PATIENT = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # minutes of shrinking do not make a random history plainer
)


@pytest.fixture(scope="module")
def typescript() -> Iterator[TypeScriptFold]:
    with running() as fold_in_typescript:
        yield fold_in_typescript


def batches(events: Sequence[Envelope], cuts: Sequence[int]) -> list[Sequence[Envelope]]:
    """The events, cut at these places into what arrives together."""
    places = sorted({0, len(events), *(cut % (len(events) + 1) for cut in cuts)})
    return [events[start:end] for start, end in pairwise(places)]


def once_round(state: State, rows: int) -> list[Check]:
    """Checks of every row, so many at a time."""
    goes, told = Round(state), list[Check]()
    left = {(table.name, number) for table in state.tables for number in range(len(table))}
    while left:
        checks = goes.next(rows)
        left -= {(check.table, check.start + number) for check in checks for number in range(check.count)}
        told += checks
    return told


@given(
    events=histories(),
    cut=st.integers(0, 120),
    rows_a_part=st.integers(1, 20),
    cuts=st.lists(st.integers(0, 120), max_size=6),
)
@settings(PATIENT, max_examples=150)
def test_a_snapshot_and_what_follows_give_the_same_state_in_both_languages(
    typescript: TypeScriptFold, events: list[Envelope], cut: int, rows_a_part: int, cuts: list[int]
) -> None:
    before, after = events[: cut % (len(events) + 1)], events[cut % (len(events) + 1) :]
    snapshot, state = Snapshot.of(fold(before)), fold(events)

    there = typescript(list(snapshot.parts(rows_a_part)), batches(after, cuts), once_round(state, rows_a_part))

    assert there == whole(Snapshot.of(state))


def test_a_long_history_with_every_kind_of_event_does_too(typescript: TypeScriptFold) -> None:
    events = history(Random(8), 6_000)
    assert {envelope.kind for envelope in events} == set(KINDS)

    state = fold(events)

    there = typescript([], batches(events, range(0, 6_000, 37)), once_round(state, 50))

    assert there == whole(Snapshot.of(state))


def test_both_forget_the_same_messages_of_a_long_chat_and_the_same_commands(typescript: TypeScriptFold) -> None:
    author = Author(Random(1))
    events: list[Envelope] = []
    while not any(chat.is_open for chat in author.state.chats.values()):
        events.append(author.next())
    chat_id = author.open_chat().id
    facts: list[Event] = []
    heard = [author.message(Sender.PLAYER, None) for _ in range(4)]
    for ordinal, message in zip((3, 9, 1, 2), heard, strict=True):
        numbered = replace(message, steam_ts=1_700_000_000 + ordinal % 2, ordinal=ordinal)
        facts.append(KINDS["chat.messageReceived"](chat_id=chat_id, message=numbered))
    for number in range(MESSAGES_KEPT + 7):
        message = author.message(Sender.BOT, Delivery.QUEUED)
        facts.append(KINDS["chat.messageQueued"](chat_id=chat_id, message=message))
        if number % 3 == 0:
            facts.append(
                KINDS["chat.messageSent"](
                    chat_id=chat_id, message_id=message.id, steam_ts=1_700_000_000, ordinal=number
                )
            )
    facts += [
        CommandCompleted(id=CommandId(f"cmd_{number}"), command="CreateTask") for number in range(COMMANDS_KEPT + 9)
    ]
    for fact in facts:
        seq = events[-1].seq + 1
        events.append(Envelope.of(seq, events[-1].ts, "operator:anna", None, fact))
    known = fold(events).commands
    assert len(known) > COMMANDS_KEPT, "no id is forgotten within its week"
    later, last = (
        max(done.ts for done in known.values()) + COMMANDS_KEPT_FOR + 1,
        CommandCompleted(id=CommandId("cmd_last"), command="CreateTask"),
    )
    events.append(Envelope.of(events[-1].seq + 1, Millis(later), "operator:anna", None, last))

    state = fold(events)
    chat = state.chats[chat_id]
    assert len(chat.messages) == MESSAGES_KEPT
    assert sum(m.delivery is Delivery.QUEUED for m in chat.messages) >= 338, "what is owed is held"
    assert chat.forgotten == Forgotten(bot=LineKey(1_700_000_000, 18), player=LineKey(1_700_000_001, 9))
    assert len(state.commands) == COMMANDS_KEPT
    assert typescript([], batches(events, range(0, len(events), 101))) == whole(Snapshot.of(state))


@given(events=histories(), of=st.randoms(use_true_random=False))
@settings(PATIENT, max_examples=60)
def test_a_copy_that_differs_in_one_field_of_one_row_is_found_out_by_a_check(
    typescript: TypeScriptFold, events: list[Envelope], of: Random
) -> None:
    state = fold(events)
    changed = [table for table in state.tables if len(table)]
    table = changed[of.randrange(len(changed))]
    row = list(table.values())[of.randrange(len(table))]
    fields = [field for field in row.__struct_fields__ if field != table.key_field]
    field = fields[of.randrange(len(fields))]
    cut = Snapshot.of(state)
    other = "another" if getattr(row, field) != "another" else "yet another"
    cut.tables[table.name] = [replace(r, **{field: other}) if r is row else r for r in cut.tables[table.name]]

    with pytest.raises(Drifted):
        typescript(list(cut.parts()), [], once_round(state, 20))


@given(events=histories(60).filter(lambda events: len(events) > 1), at=st.integers(0, 58))
@settings(PATIENT, max_examples=40)
def test_an_event_that_is_missing_or_comes_twice_is_found_out(
    typescript: TypeScriptFold, events: list[Envelope], at: int
) -> None:
    at %= len(events) - 1
    with pytest.raises(Refused):
        typescript([], [events[:at] + events[at + 1 :]])
    with pytest.raises(Refused):
        typescript([], [events[: at + 1], events[at:]])
