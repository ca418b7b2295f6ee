"""What is remembered of invites: attempts that reached Steam count, doubts bar, and what was left behind is owed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kernel import events as e
from kernel.clock import MINUTE, Millis
from kernel.codes import WaitReason
from kernel.errors import Binds, IllegalTransition
from kernel.ids import BotId, SteamId64, TaskId
from kernel.reducers import reduce
from kernel.rows import INVITE_MOVES, InviteRefusal, InviteStatus, LeftBehind, TaskStatus
from kernel.state import State
from plugins.steam.codes import SteamRefusal

TASK, BOT = TaskId("task_1"), BotId("bot_1")
ACCOUNT, PLAYER = SteamId64("76561199000000001"), SteamId64("76561198000000001")
IT: dict[str, Any] = {"task_id": TASK, "bot_id": BOT, "player": PLAYER}


class Folded:
    """A state with a bot and a task of its own; each further event comes a minute after the one before."""

    def __init__(self) -> None:
        self.state = State()
        price = Decimal(1)
        self(
            e.BotAdded(bot_id=BOT, steam_id64=ACCOUNT, proxy_url="http://127.0.0.1:1"),
            e.TaskCreated(task_id=TASK, player=PLAYER, item="x", price_min=price, price_max=price, currency="USD"),
            e.TaskAssigned(task_id=TASK, bot_id=BOT),
            e.FriendInviteQueued(**IT),
        )

    def __call__(self, *events: e.Event) -> Millis:
        """When the last of them came."""
        for event in events:
            at = Millis(self.state.ts + MINUTE)
            reduce(self.state, e.Envelope.of(self.state.seq + 1, at, "test", None, event))
        return at

    def refused(self, binds: Binds = Binds.REQUEST, retry_at: Millis | None = None) -> Millis:
        requested = e.FriendInviteRequested(**IT)
        refused = e.FriendInviteRefused(
            **IT, reason=SteamRefusal.STEAM_BUSY, detail="Busy.", binds=binds, retry_at=retry_at
        )
        return self(requested, refused)


def test_a_refused_attempt_starts_the_accounts_minute_stays_in_the_fleets_hour_and_is_remembered_of_the_task() -> None:
    it = Folded()

    at = it.refused(retry_at=Millis(10 * MINUTE))

    invite, task = it.state.invites[TASK], it.state.tasks[TASK]
    assert (invite.status, invite.attempts, invite.retry_at) == ("queued", 1, 10 * MINUTE)
    assert (invite.reason, invite.detail, invite.binds) == ("steamBusy", "Busy.", "request")
    assert task.invite_attempts == 1
    assert it.state.accounts[ACCOUNT].last_invite_at == at
    assert it.state.contact.invites == (at,), "Steam may have seen it as late as then"


def test_what_surely_never_left_counts_for_nothing_and_changes_nothing_about_the_tries() -> None:
    it = Folded()
    at = it.refused(retry_at=Millis(10 * MINUTE))

    it(e.FriendInviteRequested(**IT), e.FriendInviteQueued(**IT))

    invite = it.state.invites[TASK]
    assert (invite.status, invite.attempts, invite.retry_at, invite.reason) == ("queued", 1, 10 * MINUTE, "steamBusy")
    assert it.state.tasks[TASK].invite_attempts == 1
    assert it.state.accounts[ACCOUNT].last_invite_at == at
    assert it.state.contact.invites == (at,), "Steam may have seen it as late as then"


def test_what_may_have_left_counts_although_it_is_back_in_the_queue() -> None:
    it = Folded()

    at = it(e.FriendInviteRequested(**IT), e.FriendInviteQueued(**IT, attempted=True))

    assert (it.state.invites[TASK].status, it.state.invites[TASK].attempts) == ("queued", 1)
    assert it.state.tasks[TASK].invite_attempts == 1
    assert it.state.accounts[ACCOUNT].last_invite_at == at
    assert it.state.contact.invites == (at,), "Steam may have seen it as late as then"


def test_a_task_remembers_its_attempts_over_all_bots() -> None:
    it = Folded()
    it.refused(Binds.ACCOUNT)
    other = BotId("bot_2")
    elsewhere = IT | {"bot_id": other}

    it(
        e.TaskStatusChanged(task_id=TASK, status=TaskStatus.CREATED),
        e.FriendInviteFailed(**IT, reason=WaitReason.WITHDRAWN, detail="d"),
        e.BotAdded(bot_id=other, steam_id64=SteamId64("76561199000000002"), proxy_url="http://127.0.0.1:2"),
        e.TaskAssigned(task_id=TASK, bot_id=other),
        e.FriendInviteQueued(**elsewhere),
        e.FriendInviteRequested(**elsewhere),
        e.FriendInviteSent(**elsewhere),
    )

    assert (it.state.tasks[TASK].invite_attempts, it.state.invites[TASK].attempts) == (2, 1)
    assert it.state.invites[TASK].reason is None


def test_nothing_is_refused_that_was_not_asked_for() -> None:
    it = Folded()
    with pytest.raises(IllegalTransition, match="not on its way"):
        it(e.FriendInviteRefused(**IT, reason=SteamRefusal.STEAM_BUSY, detail="d", binds=Binds.REQUEST))


def test_a_doubt_is_remembered_as_a_refusal_and_overwrites_no_certainty() -> None:
    it = Folded()
    it(e.FriendInviteRequested(**IT), e.FriendInviteFailed(**IT, reason=InviteRefusal.IN_DOUBT, detail="d"))
    assert it.state.players[PLAYER].invite_refusal is InviteRefusal.IN_DOUBT
    assert it.state.tasks[TASK].invite_attempts == 1

    for certain in (InviteRefusal.DECLINED, InviteRefusal.LAPSED):
        it(e.FriendInviteFailed(**IT, reason=certain, detail="d"))
        it(e.FriendInviteFailed(**IT, reason=InviteRefusal.IN_DOUBT, detail="d"))
        it(e.PlayerInviteAllowed(player=PLAYER))
        assert it.state.players[PLAYER].invite_refusal is certain


def test_what_a_removed_account_left_with_a_player_is_owed_until_it_is_taken_back() -> None:
    it = Folded()
    at = it(e.FriendInviteRequested(**IT), e.FriendInviteSent(**IT))
    left = e.FriendInviteLeftBehind(steam_id64=ACCOUNT, player=PLAYER)
    since = it(left)
    it(left)  # the same a second time is the same debt
    it(
        e.TaskStatusChanged(task_id=TASK, status=TaskStatus.FAILED),
        e.FriendInviteFailed(**IT, reason=WaitReason.WITHDRAWN, detail="d"),
        e.BotRemoved(bot_id=BOT),
    )

    account = it.state.accounts[ACCOUNT]
    assert (account.last_invite_at, account.left_behind) == (at, (LeftBehind(player=PLAYER, since=since),))
    assert list(it.state.index.left_behind[PLAYER]) == [ACCOUNT]

    it(e.FriendInviteTakenBack(steam_id64=ACCOUNT, player=PLAYER))
    assert it.state.accounts[ACCOUNT].left_behind == ()
    assert PLAYER not in it.state.index.left_behind
    assert PLAYER not in it.state.players


def test_a_person_who_allows_an_invite_lifts_the_doubt_and_the_debts() -> None:
    it = Folded()
    it(e.FriendInviteRequested(**IT), e.FriendInviteLeftBehind(steam_id64=ACCOUNT, player=PLAYER))
    it(e.FriendInviteTakenBack(steam_id64=ACCOUNT, player=PLAYER, refusal=InviteRefusal.IN_DOUBT))
    it(e.FriendInviteLeftBehind(steam_id64=ACCOUNT, player=PLAYER))
    assert it.state.players[PLAYER].invite_refusal is InviteRefusal.IN_DOUBT

    it(e.PlayerInviteAllowed(player=PLAYER, accounts=(ACCOUNT,)))

    assert it.state.players[PLAYER].invite_refusal is None
    assert it.state.accounts[ACCOUNT].left_behind == ()


MOVES: dict[InviteStatus, tuple[type[e.FriendInviteQueued | e.FriendInviteRequested | e.FriendInviteSent], ...]] = {
    InviteStatus.QUEUED: (),
    InviteStatus.REQUESTED: (e.FriendInviteRequested,),
    InviteStatus.SENT: (e.FriendInviteRequested, e.FriendInviteSent),
}
"""By status, what brings a queued invite there."""


def standing(status: InviteStatus) -> Folded:
    it = Folded()
    for event in MOVES[status]:
        it(event(**IT))
    return it


@pytest.mark.parametrize("before", InviteStatus)
@pytest.mark.parametrize("after", InviteStatus)
def test_an_invite_moves_as_its_table_says_and_no_other_way(before: InviteStatus, after: InviteStatus) -> None:
    it = standing(before)
    row = it.state.invites[TASK]
    told = MOVES[after][-1] if MOVES[after] else e.FriendInviteQueued

    if after in INVITE_MOVES[before]:
        it(told(**IT))
        assert it.state.invites[TASK].status is after
    else:
        with pytest.raises(IllegalTransition, match=f"cannot go from {before} to {after}"):
            it(told(**IT))
        assert it.state.invites[TASK] == row


def test_nothing_is_requested_twice() -> None:
    """What may have reached the player goes back to the queue, or is settled, before it is asked for again."""
    ways = {before for before, after in INVITE_MOVES.items() if InviteStatus.REQUESTED in after}
    assert ways == {InviteStatus.QUEUED}


@pytest.mark.parametrize("status", InviteStatus)
def test_an_invite_may_end_wherever_it_stands(status: InviteStatus) -> None:
    for end in (e.FriendInviteAccepted(**IT), e.FriendInviteFailed(**IT, reason=WaitReason.WITHDRAWN, detail="d")):
        it = standing(status)
        it(end)
        assert TASK not in it.state.invites
        with pytest.raises(IllegalTransition, match="no invite"):
            it(e.FriendInviteSent(**IT))
