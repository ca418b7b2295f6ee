"""What stays of rows that have left: looked up as before, taken back with an event that is refused, and small."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import events as e
from kernel import memory
from kernel.clock import DAY, Millis
from kernel.codes import LeftAlone, Open, Undeclared
from kernel.errors import IllegalTransition
from kernel.ids import BotId, ChatId, CommandId, MessageId, SteamId64, TaskId, account_number, steam_id_of
from kernel.memory import OTHER_REASON, Meetings, Memory, Remembered, RememberedPlayers
from kernel.reducers import reduce
from kernel.rows import InviteRefusal, Message, Sender, TaskStatus
from kernel.state import State
from kernel.tables import Ledger
from kernel.testing import NOON
from tests.histories import differences, from_snapshot

ACCOUNT, PLAYER = SteamId64("76561199000000001"), SteamId64("76561198000000001")
BOT = BotId("bot_1")


class Story:
    """Events told one after another, each a day after the one before."""

    def __init__(self) -> None:
        self.state = State()
        self.tell(e.BotAdded(bot_id=BOT, steam_id64=ACCOUNT, proxy_url="socks5://p"))

    def tell(self, *events: e.Event) -> None:
        for event in events:
            seq = self.state.seq + 1
            reduce(self.state, e.Envelope.of(seq, Millis(NOON + seq * DAY), "operator:anna", None, event))

    def chat(self, number: int = 1, *, steam_ts: int | None = None) -> ChatId:
        """A chat that is over, with a line of that second."""
        chat_id = ChatId(f"chat_{number}")
        line = Message(
            id=MessageId(f"msg_{number}"),
            sender=Sender.PLAYER,
            text="hi",
            ts=Millis(self.state.ts),
            author=f"player:{PLAYER}",
            steam_ts=steam_ts,
            ordinal=0,
        )
        self.tell(
            e.ChatStarted(chat_id=chat_id, bot_id=BOT, player=PLAYER, agent_enabled=False),
            e.ChatMessageReceived(chat_id=chat_id, message=line),
            e.ChatClosed(chat_id=chat_id, reason=Undeclared("over")),
        )
        return chat_id

    def task(self) -> TaskId:
        task_id = TaskId("task_1")
        one = Decimal(1)
        self.tell(
            e.TaskCreated(task_id=task_id, player=PLAYER, item="AK-47", price_min=one, price_max=one, currency="USD"),
            e.TaskStatusChanged(task_id=task_id, status=TaskStatus.FAILED),
        )
        return task_id

    def resumed(self) -> State:
        """The state as a snapshot brings it back."""
        again = from_snapshot(self.state)
        assert not differences(self.state, again)
        return again


def test_who_has_met_whom_and_how_far_was_heard_outlast_the_chat() -> None:
    story = Story()
    first, second = story.chat(1, steam_ts=1_000), story.chat(2, steam_ts=900)

    story.tell(e.ChatArchived(chat_ids=(first,)))
    assert story.state.index.chat_of_account[ACCOUNT, PLAYER] == second
    story.tell(e.ChatArchived(chat_ids=(second,), heard={ACCOUNT: 1_500}))

    for state in (story.state, story.resumed()):
        assert not state.chats
        assert not state.index.chat_between
        assert ACCOUNT not in state.index.players_of_account
        assert state.have_talked(ACCOUNT, PLAYER)
        assert not state.have_talked(ACCOUNT, SteamId64("76561198000000002"))
        assert state.met.heard_until(ACCOUNT) == 1_500


def test_the_chat_before_is_the_latest_again_where_a_later_one_leaves_first() -> None:
    story = Story()
    first, second, third = story.chat(1), story.chat(2), story.chat(3)

    story.tell(e.ChatArchived(chat_ids=(third, first)))

    assert story.state.index.chat_between[BOT, PLAYER] == second
    assert story.resumed().index.chat_between[BOT, PLAYER] == second


@pytest.mark.parametrize(
    ("refusal", "after", "kept"),
    [
        (InviteRefusal.DECLINED, InviteRefusal.IN_DOUBT, InviteRefusal.DECLINED),
        (InviteRefusal.IN_DOUBT, InviteRefusal.LAPSED, InviteRefusal.LAPSED),
        (InviteRefusal.IN_DOUBT, None, InviteRefusal.IN_DOUBT),
    ],
)
def test_a_refusal_outlasts_the_row_and_a_doubt_takes_nothing_away(
    refusal: InviteRefusal, after: InviteRefusal | None, kept: InviteRefusal
) -> None:
    story = Story()

    def refuses(why: InviteRefusal) -> None:
        story.tell(
            e.FriendInviteLeftBehind(steam_id64=ACCOUNT, player=PLAYER),
            e.FriendInviteTakenBack(steam_id64=ACCOUNT, player=PLAYER, refusal=why),
        )

    refuses(refusal)
    story.tell(e.PlayerArchived(players=(PLAYER,)))
    if after is not None:
        refuses(after)
        assert story.state.invite_refusal(PLAYER) is kept, "the row and what is remembered together"
        story.tell(e.PlayerArchived(players=(PLAYER,)))

    assert not story.state.players
    assert story.resumed().invite_refusal(PLAYER) is kept
    story.tell(e.PlayerInviteAllowed(player=PLAYER))
    assert story.state.invite_refusal(PLAYER) is (None if kept is InviteRefusal.IN_DOUBT else kept)


@pytest.mark.parametrize("reason", [*LeftAlone, Undeclared("of another day")])
def test_the_do_not_contact_list_outlasts_its_rows_until_a_person_takes_somebody_off(reason: Open[LeftAlone]) -> None:
    story = Story()
    story.tell(e.DoNotContactAdded(player=PLAYER, reason=reason), e.PlayerArchived(players=(PLAYER,)))

    remembered = reason if isinstance(reason, LeftAlone) else OTHER_REASON
    for state in (story.state, story.resumed()):
        assert state.left_alone(PLAYER) == remembered
        assert state.remembered.left_alone_by_reason == {remembered: 1}

    story.tell(e.DoNotContactRemoved(player=PLAYER, friends=(ACCOUNT,)))
    assert story.state.left_alone(PLAYER) is None
    assert story.state.players[PLAYER].cleared_among == (ACCOUNT,)
    assert not story.resumed().remembered.left_alone_by_reason


def test_that_somebody_was_taken_off_the_list_holds_until_they_talk_again() -> None:
    story = Story()
    story.tell(e.ChatArchived(chat_ids=(story.chat(1),)), e.DoNotContactAdded(player=PLAYER, reason=LeftAlone.OPERATOR))
    story.tell(e.DoNotContactRemoved(player=PLAYER), e.PlayerArchived(players=(PLAYER,)))
    cleared = story.state.remembered.get(PLAYER)
    story.tell(e.ChatArchived(chat_ids=(story.chat(2),)))
    talked = story.state.remembered.get(PLAYER)

    assert (cleared and cleared.cleared, talked and talked.cleared) == (True, False)


def test_a_chat_that_began_after_somebody_was_taken_off_the_list_is_told_from_one_before() -> None:
    story = Story()
    before = story.chat(1)
    story.tell(
        e.DoNotContactAdded(player=PLAYER, reason=LeftAlone.OPERATOR),
        e.DoNotContactRemoved(player=PLAYER),
        e.ChatArchived(chat_ids=(before,)),
    )
    assert story.state.players[PLAYER].cleared_among == ()

    story.tell(e.ChatArchived(chat_ids=(story.chat(2),)))
    assert story.state.players[PLAYER].cleared_among == (ACCOUNT,)


def test_the_last_contact_stays_for_ever() -> None:
    story = Story()
    story.tell(e.TaskArchived(task_ids=(story.task(),)))
    ended = (NOON + story.state.seq * DAY - DAY) // DAY

    assert story.state.remembered.get(PLAYER) == Remembered(day=ended)
    story.tell(e.ChatArchived(chat_ids=(story.chat(),)))
    assert story.state.remembered.get(PLAYER) == Remembered(day=(story.state.ts - DAY) // DAY)


@pytest.mark.parametrize("what", ["chat", "task", "player", "stranger"])
def test_what_is_open_does_not_leave_and_an_event_that_is_refused_leaves_nothing_behind(what: str) -> None:
    story = Story()
    closed, task = story.chat(1), story.task()
    story.tell(e.DoNotContactAdded(player=PLAYER, reason=LeftAlone.OPERATOR))
    open_chat = ChatId("chat_9")
    story.tell(e.ChatStarted(chat_id=open_chat, bot_id=BOT, player=PLAYER, agent_enabled=False))
    before = from_snapshot(story.state)
    refused: dict[str, e.Event] = {
        "chat": e.ChatArchived(chat_ids=(closed, open_chat)),
        "task": e.TaskArchived(task_ids=(task, TaskId("task_2"))),
        "player": e.PlayerArchived(players=(PLAYER,)),
        "stranger": e.PlayerArchived(players=(SteamId64("103582791429521408"),)),
    }

    with pytest.raises(IllegalTransition):
        story.tell(refused[what])

    assert not differences(story.state, before)
    assert list(story.state.chats) == list(before.chats), "in the order in which browsers have them"
    assert story.state.index.chat_of_account[ACCOUNT, PLAYER] == open_chat


def test_only_a_reducer_writes_it() -> None:
    with pytest.raises(RuntimeError, match="only a reducer"):
        State().remembered.put(PLAYER, Remembered())
    with pytest.raises(RuntimeError, match="only a reducer"):
        State().met.put(ACCOUNT, PLAYER, 0)


@given(st.dictionaries(st.integers(0, (1 << 32) - 1), st.integers(0, 0xFFFF), max_size=50))
def test_any_players_come_back_from_the_disk_as_they_went(days: dict[int, int]) -> None:
    ledger = Ledger()
    ledger.open = True
    players = RememberedPlayers(ledger)
    for number, day in days.items():
        players.put(steam_id_of(number), Remembered(day=day, cleared=bool(day % 2)))

    again = RememberedPlayers(Ledger())
    again.load(Memory.of(players, Meetings(ledger)).players())

    assert [number for number, _ in again.items()] == sorted(days)
    for number, day in days.items():
        assert again.get(steam_id_of(number)) == Remembered(day=day, cleared=bool(day % 2))


def test_players_are_the_same_whether_they_lie_among_the_recent_or_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_RECENT_MOST", 3)
    random, state, known = Random(1), State(), dict[int, int]()
    for round_no in range(400):
        state.begin()
        before = dict(known)
        for _ in range(random.randrange(1, 9)):
            number = random.randrange(12) << 18
            remembered = Remembered(random.choice((None, LeftAlone.SAID_STOP)), day=random.randrange(1, 9))
            state.remembered.put(steam_id_of(number), remembered)
            known[number] = remembered.packed()
        if random.random() < 0.5:
            state.roll_back()
            known = before
        else:
            state.commit()
        listed = sum(Remembered.unpacked(value).left_alone is not None for value in known.values())
        assert +state.remembered.left_alone_by_reason == Counter({LeftAlone.SAID_STOP: listed} if listed else {})
        assert len(state.remembered) == len(known)
        if round_no % 5 == 0:
            assert dict(state.remembered.items()) == known


def test_a_player_and_a_pair_cost_twelve_bytes() -> None:
    of, ledger = Random(5), Ledger()
    ledger.open = True
    players, meetings = RememberedPlayers(ledger), Meetings(ledger)
    for number in {of.randrange(1 << 31) for _ in range(20_000)}:
        players.put(steam_id_of(number), Remembered(day=20_000))
        meetings.put(SteamId64(str(of.randrange(20))), steam_id_of(number), 0)
        ledger.undo.clear()
    whole = Memory.of(players, meetings)

    stored = sum(len(piece.numbers) + len(piece.values) for piece in whole.players())
    stored += sum(len(piece.numbers) for piece in whole.meetings())
    assert stored == 12 * len(players)
    assert account_number("nobody") is None


def test_of_more_commands_than_can_be_held_for_a_week_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernel.reducers.system.COMMANDS_KEPT", 2)
    monkeypatch.setattr("kernel.reducers.system.COMMANDS_MOST", 5)
    story = Story()

    story.tell(*(e.CommandCompleted(id=CommandId(f"cmd_{n}"), command="CreateTask") for n in range(8)))

    assert list(story.state.commands) == ["cmd_3", "cmd_4", "cmd_5", "cmd_6", "cmd_7"]
    story.tell(*(e.ContactResumed() for _ in range(9)), e.CommandCompleted(id=CommandId("cmd_9"), command="CreateTask"))
    assert list(story.state.commands) == ["cmd_7", "cmd_9"]
