"""Every fault that the simulated Steam has, and what the transport makes of it."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from plugins.steam import proxy as proxies
from plugins.steam.auth import POLL_FOR
from plugins.steam.errors import (
    CmUnreachable,
    DirectoryUnreachable,
    Disconnected,
    ProxyRefusedCredentials,
    ProxyRefusedTarget,
    ProxyUnreachable,
    RequestInDoubt,
    RequestNotSent,
    RequestRefused,
    SignInDeferred,
    SignInRejected,
    TransportError,
)
from plugins.steam.events import FriendsListed, MessageArrived, RelationshipChanged
from plugins.steam.policy import Step
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.plugins.invites import test_friend_requests
from tests.plugins.steam import test_approval, test_cms, test_standing, test_steam_time
from tests.plugins.steam.ground import Bot, Ground, connected, simulated

BOTH_KINDS_OF_PROXY = pytest.mark.parametrize("number", [0, 1], ids=["socks5", "http"])


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    async with simulated(tmp_path) as ground:
        yield ground


def strikes(ground: Ground, kind: FaultKind, eresult: int = 2, times: int | None = 1, **more: int) -> None:
    ground.simulation.faults.switch_on(Fault(kind, eresult=eresult, times=times, **more))


async def failure(bot: Bot) -> TransportError:
    with pytest.raises(TransportError) as failed:
        await bot.connect()
    return failed.value


async def comes_back(ground: Ground, bot: Bot) -> None:
    """The fault is over: the same bot gets in as if nothing had been."""
    ground.next_code()
    await bot.connect()
    await bot.client.log_off()


async def befriended(ground: Ground, bot: Bot) -> int:
    player = ground.player(Temperament.SILENT)
    await bot.client.invite(player)
    await ground.clock.advance(60_000)
    await bot.sees(RelationshipChanged, lambda event: event.after == EFriendRelationship.FRIEND)
    return player


# ── sign-in and logon


@pytest.mark.parametrize(
    "kind", [FaultKind.KEY_RESULT, FaultKind.BEGIN_RESULT, FaultKind.CODE_RESULT, FaultKind.POLL_RESULT]
)
@pytest.mark.parametrize(
    ("eresult", "error"),
    [
        (EResult.FAIL, SignInDeferred),
        (EResult.SERVICE_UNAVAILABLE, SignInDeferred),
        (EResult.RATE_LIMIT_EXCEEDED, SignInDeferred),
        (EResult.ACCOUNT_LOCKED_DOWN, SignInRejected),
        (999, SignInDeferred),
    ],
)
async def test_a_sign_in_that_fails_at_any_step_is_put_off_or_stopped_and_works_again_afterwards(
    ground: Ground, kind: FaultKind, eresult: int, error: type[TransportError]
) -> None:
    bot = Bot(ground)
    strikes(ground, kind, eresult)

    assert type(await failure(bot)) is error

    await comes_back(ground, bot)


async def test_a_sign_in_whose_poll_says_that_it_is_gone_is_begun_anew_later(ground: Ground) -> None:
    bot = Bot(ground)
    strikes(ground, FaultKind.POLL_RESULT, EResult.FILE_NOT_FOUND)

    failed = await failure(bot)

    assert isinstance(failed, SignInDeferred)
    assert 0 < failed.back_off_ms <= POLL_FOR
    await comes_back(ground, bot)


@pytest.mark.parametrize("kind", [FaultKind.ACCOUNT_LOCKED, FaultKind.ACCOUNT_DISABLED, FaultKind.COMMUNITY_BANNED])
async def test_an_account_that_is_locked_disabled_or_banned_has_no_session(ground: Ground, kind: FaultKind) -> None:
    bot = Bot(ground)
    strikes(ground, kind, times=None)

    try:
        await bot.connect()
        ended = await bot.client.closed
    except TransportError as error:
        ended = error
    assert isinstance(ended, Disconnected)
    assert ended.verdict is not None
    assert ended.verdict.step is Step.STOP
    ground.simulation.faults.switch_off()
    await comes_back(ground, bot)


async def test_a_limited_account_is_told_of_its_limit(ground: Ground) -> None:
    bot = Bot(ground)
    strikes(ground, FaultKind.ACCOUNT_LIMITED, times=None)
    await bot.connect()

    with pytest.raises(RequestRefused) as refused:
        await bot.client.invite(ground.player(Temperament.SILENT))
    assert refused.value.verdict.step is Step.HOLD_INVITES


async def test_a_poll_that_stays_pending_ends(ground: Ground) -> None:
    bot = Bot(ground)
    strikes(ground, FaultKind.POLL_PENDING, times=None)
    signing_in = asyncio.ensure_future(failure(bot))
    while not signing_in.done():
        ground.now_ms += 5_000
        await asyncio.sleep(0.01)

    assert isinstance(signing_in.result(), SignInDeferred)
    ground.simulation.faults.switch_off()
    await comes_back(ground, bot)


async def test_a_session_that_steam_serves_no_more_ends_though_its_heartbeats_are_answered(ground: Ground) -> None:
    bot = Bot(ground)
    await bot.connect()
    strikes(ground, FaultKind.SESSION_RESULT, EResult.NOT_LOGGED_ON)

    with pytest.raises(RequestRefused):
        await bot.client.history(ground.player(Temperament.SILENT), 0)

    ended = await bot.client.closed
    assert isinstance(ended, Disconnected)
    assert ended.verdict is not None
    assert ended.verdict.step is Step.RECONNECT
    await comes_back(ground, bot)


async def test_a_struct_answer_to_the_logon_means_another_cm(ground: Ground) -> None:
    bot = Bot(ground)
    strikes(ground, FaultKind.LOGON_STRUCT)

    failed = await failure(bot)

    assert isinstance(failed, SignInDeferred)
    assert failed.verdict.step is Step.RECONNECT
    await comes_back(ground, bot)


async def test_a_logon_that_is_refused_with_a_dead_token_brings_a_new_one_by_password(ground: Ground) -> None:
    bot = Bot(ground)
    await comes_back(ground, bot)
    for eresult in (EResult.INVALID_PASSWORD, EResult.ACCESS_DENIED, EResult.REVOKED, EResult.EXPIRED):
        strikes(ground, FaultKind.LOGON_RESULT, eresult)
        before = bot.secrets.refresh_token

        await comes_back(ground, bot)

        assert bot.secrets.refresh_token not in (None, before)


async def test_a_token_that_steam_does_not_renew_serves_on(ground: Ground) -> None:
    bot = Bot(ground)
    await comes_back(ground, bot)
    token = bot.secrets.refresh_token
    ground.now_ms += 190 * 86_400_000  # less than thirty days are left of it
    strikes(ground, FaultKind.RENEW_RESULT, EResult.ACCESS_DENIED)

    await comes_back(ground, bot)

    assert bot.secrets.refresh_token == token


# ── a session ends


@pytest.mark.parametrize(
    ("kind", "eresult", "step"),
    [
        (FaultKind.LOGGED_OFF, EResult.SERVICE_UNAVAILABLE, Step.RECONNECT),
        (FaultKind.LOGGED_OFF, EResult.LOGON_SESSION_REPLACED, Step.RETRY),
        (FaultKind.LOGGED_OFF, EResult.LOGGED_IN_ELSEWHERE, Step.RETRY),
        (FaultKind.LOGGED_OFF, EResult.ACCOUNT_DISABLED, Step.STOP),
        (FaultKind.LOGGED_OFF_STRUCT, EResult.FAIL, Step.RECONNECT),
        (FaultKind.SERVER_UNAVAILABLE, EResult.FAIL, Step.RECONNECT),
        (FaultKind.TOKEN_REVOKED, EResult.FAIL, Step.REAUTHENTICATE),
    ],
)
async def test_a_session_that_steam_ends_says_what_to_do_next(
    ground: Ground, kind: FaultKind, eresult: int, step: Step
) -> None:
    bot = Bot(ground)
    await bot.connect()
    strikes(ground, kind, eresult)

    with pytest.raises(RequestInDoubt):
        await bot.client.active_sessions(0)
    reason = await bot.ends()

    assert isinstance(reason, Disconnected)
    assert reason.verdict is not None
    assert reason.verdict.step is step
    await comes_back(ground, bot)


async def test_a_socket_that_closes_without_a_word_leaves_the_request_in_doubt(ground: Ground) -> None:
    bot = Bot(ground)
    await bot.connect()
    strikes(ground, FaultKind.DROP_SOCKET)

    with pytest.raises(RequestInDoubt):
        await bot.client.active_sessions(0)

    assert isinstance(await bot.ends(), Disconnected)
    with pytest.raises(RequestNotSent):
        bot.client.invite(ground.player(Temperament.EAGER))
    await comes_back(ground, bot)


async def test_a_steam_that_says_nothing_at_the_sign_in_is_left_for_another_cm(ground: Ground) -> None:
    bot = Bot(ground, network=ground.network_with(answer_timeout=0.2))
    strikes(ground, FaultKind.STALL, times=None)

    assert isinstance(await failure(bot), CmUnreachable)

    ground.simulation.faults.switch_off()
    bot.network = ground.network
    await comes_back(ground, bot)


# ── answers and notifications out of line


async def test_a_late_answer_leaves_the_request_in_doubt_and_harms_nothing_when_it_comes(ground: Ground) -> None:
    async with connected(ground, network=ground.network_with(answer_timeout=0.3)) as bot:
        player = await befriended(ground, bot)
        strikes(ground, FaultKind.LATE_ANSWERS, delay_ms=60_000)

        with pytest.raises(RequestInDoubt):
            await bot.client.send_message(player, "did it arrive?")
        await ground.clock.advance(60_000)

        assert [said.text for said in await bot.client.history(player, 0)] == ["did it arrive?"]
        assert not bot.client.closed.done()


async def test_a_late_burst_after_the_logon_still_makes_a_usable_bot(ground: Ground) -> None:
    bot = Bot(ground)
    await comes_back(ground, bot)
    strikes(ground, FaultKind.LATE_ANSWERS, delay_ms=5_000)

    connecting = asyncio.create_task(bot.connect())
    while not ground.simulation.sessions:
        await ground.clock.advance(0)
        await asyncio.sleep(0.001)
    await ground.clock.advance(5_000)
    client = await connecting

    assert client.steam_id64
    await client.log_off()


async def test_answers_in_another_order_find_their_own_requests(ground: Ground) -> None:
    async with connected(ground) as bot:
        player = await befriended(ground, bot)
        strikes(ground, FaultKind.REORDERED_ANSWERS)

        first, second = bot.client.send_message(player, "first"), bot.client.send_message(player, "second")
        sent = [await first, await second]

        said = await bot.client.history(player, 0)
        assert [(one.timestamp, one.ordinal) for one in said] == [tuple(one) for one in sent]


async def test_an_accepted_invite_that_is_told_before_the_invite_is_answered_counts_once(ground: Ground) -> None:
    async with connected(ground) as bot:
        strikes(ground, FaultKind.LATE_ANSWERS, delay_ms=90_000)
        player = ground.player(Temperament.EAGER)

        invited = bot.client.invite(player)
        await bot.sees(RelationshipChanged, lambda event: event.after == EFriendRelationship.REQUEST_INITIATOR)
        await ground.clock.advance(60_000)
        await bot.sees(RelationshipChanged, lambda event: event.after == EFriendRelationship.FRIEND)
        await ground.clock.advance(30_000)
        await invited

        changes = [event.after for event in bot.seen if isinstance(event, RelationshipChanged)]
        assert changes == [EFriendRelationship.REQUEST_INITIATOR, EFriendRelationship.FRIEND]


async def test_a_notification_that_comes_twice_carries_one_key(ground: Ground) -> None:
    async with connected(ground) as bot, connected(ground, 1) as other:
        await other.client.invite(bot.client.steam_id64)
        await bot.sees(RelationshipChanged)
        strikes(ground, FaultKind.DUPLICATE_NOTIFICATIONS, times=None)
        await bot.client.invite(other.client.steam_id64)
        await other.sees(RelationshipChanged, lambda event: event.after == EFriendRelationship.FRIEND)
        await other.client.send_message(bot.client.steam_id64, "twice")
        await other.client.send_message(bot.client.steam_id64, "end")
        await bot.sees(MessageArrived, lambda event: event.text == "end")

        told = [event for event in bot.seen if isinstance(event, MessageArrived) and event.text == "twice"]
        changes = [event for event in bot.seen if isinstance(event, RelationshipChanged)]
        assert len({(one.steam_id64, one.timestamp, one.ordinal) for one in told}) == 1
        assert len(changes) == len(set(changes))


# ── friends and chat


async def test_a_full_friends_list_holds_the_bots_invites_and_is_told(ground: Ground) -> None:
    strikes(ground, FaultKind.FRIENDS_LIST_FULL, times=None)
    async with connected(ground) as bot:
        assert (await bot.sees(FriendsListed)).list_full

        with pytest.raises(RequestRefused) as refused:
            await bot.client.invite(ground.player(Temperament.EAGER))

        assert refused.value.verdict.step is Step.HOLD_INVITES


async def test_a_huge_friends_list_is_kept_up_to_a_limit(ground: Ground) -> None:
    strikes(ground, FaultKind.HUGE_FRIENDS_LIST, times=None, amount=30_000)
    async with connected(ground) as bot:
        assert len(bot.client.friends) == 10_000


@pytest.mark.parametrize(
    ("kind", "eresult", "step"),
    [
        (FaultKind.INVITE_RESULT, EResult.INVALID_STATE, Step.GIVE_UP),
        (FaultKind.INVITE_RESULT, EResult.ACCESS_DENIED, Step.GIVE_UP),
        (FaultKind.INVITE_RESULT, EResult.INSUFFICIENT_PRIVILEGE, Step.HOLD_INVITES),
        (FaultKind.INVITE_RESULT, EResult.LIMIT_EXCEEDED, Step.HOLD_INVITES),
        (FaultKind.INVITE_RESULT, EResult.BLOCKED, Step.GIVE_UP),
        (FaultKind.INVITE_RESULT, EResult.IGNORED, Step.GIVE_UP),
        (FaultKind.INVITE_RESULT, EResult.RATE_LIMIT_EXCEEDED, Step.HOLD_INVITES),
        (FaultKind.INVITE_RESULT, EResult.SERVICE_UNAVAILABLE, Step.RETRY),
        (FaultKind.INVITE_RESULT, 998, Step.RETRY),
        (FaultKind.CHAT_RESULT, EResult.ACCESS_DENIED, Step.GIVE_UP),
        (FaultKind.CHAT_RESULT, EResult.LIMIT_EXCEEDED, Step.HOLD_MESSAGES),
        (FaultKind.CHAT_RESULT, EResult.RATE_LIMIT_EXCEEDED, Step.HOLD_MESSAGES),
        (FaultKind.CHAT_RESULT, EResult.BLOCKED, Step.GIVE_UP),
    ],
)
async def test_what_steam_refuses_in_a_session_has_its_policy_and_leaves_the_session_alone(
    ground: Ground, kind: FaultKind, eresult: int, step: Step
) -> None:
    async with connected(ground) as bot:
        player = ground.player(Temperament.SILENT)
        strikes(ground, kind, eresult)
        invites = kind is FaultKind.INVITE_RESULT

        with pytest.raises(RequestRefused) as refused:
            await (bot.client.invite(player) if invites else bot.client.send_message(player, "hi"))

        assert refused.value.verdict.step is step
        assert not bot.client.closed.done()


async def test_an_invite_that_steam_refuses_and_shows_all_the_same_is_in_the_list(ground: Ground) -> None:
    async with connected(ground) as bot:
        player = ground.player(Temperament.NEVER)
        strikes(ground, FaultKind.INVITE_LIES, EResult.BUSY)

        with pytest.raises(RequestRefused):
            await bot.client.invite(player)

        await bot.sees(RelationshipChanged, lambda change: change.after == EFriendRelationship.REQUEST_INITIATOR)


async def test_an_invite_that_steam_takes_and_loses_is_never_in_the_list(ground: Ground) -> None:
    async with connected(ground) as bot:
        player = ground.player(Temperament.EAGER)
        strikes(ground, FaultKind.INVITE_LOST)

        await bot.client.invite(player)
        await ground.clock.advance(3_600_000)

        assert bot.client.relationship(player) == EFriendRelationship.NONE


async def test_the_history_tells_whether_a_message_arrived_whatever_its_answer_was(ground: Ground) -> None:
    async with connected(ground) as bot:
        player = await befriended(ground, bot)
        strikes(ground, FaultKind.CHAT_LIES, EResult.BUSY)
        with pytest.raises(RequestRefused):
            await bot.client.send_message(player, "refused, and yet there")
        strikes(ground, FaultKind.CHAT_LOST)
        await bot.client.send_message(player, "taken, and nowhere")

        assert [said.text for said in await bot.client.history(player, 0)] == ["refused, and yet there"]


async def test_a_history_that_lags_tells_in_the_end(ground: Ground) -> None:
    async with connected(ground) as bot:
        player = await befriended(ground, bot)
        ground.simulation.faults.switch_on(Fault(FaultKind.HISTORY_LAGS, delay_ms=30_000))
        await bot.client.send_message(player, "hi")
        assert await bot.client.history(player, 0) == []

        await ground.clock.advance(31_000)

        assert [said.text for said in await bot.client.history(player, 0)] == ["hi"]


async def test_a_history_that_steam_does_not_give_is_refused_and_asked_for_again(ground: Ground) -> None:
    async with connected(ground) as bot:
        player = await befriended(ground, bot)
        await bot.client.send_message(player, "hi")
        strikes(ground, FaultKind.HISTORY_RESULT, EResult.BUSY)

        with pytest.raises(RequestRefused):
            await bot.client.history(player, 0)

        assert [said.text for said in await bot.client.history(player, 0)] == ["hi"]


# ── the way there


@BOTH_KINDS_OF_PROXY
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.PROXY_DENIES, ProxyRefusedCredentials),
        (FaultKind.PROXY_REFUSES, ProxyRefusedTarget),
        (FaultKind.PROXY_SILENT, ProxyUnreachable),
        (FaultKind.PROXY_CUTS, DirectoryUnreachable),
    ],
)
async def test_a_failing_proxy_is_told_apart_from_a_failing_steam(
    ground: Ground, number: int, kind: FaultKind, error: type[TransportError]
) -> None:
    bot = Bot(ground, number, network=dataclasses.replace(ground.network_with(), dial_timeout=0.5))
    strikes(ground, kind)

    assert type(await failure(bot)) is error

    bot.network = ground.network
    await comes_back(ground, bot)


@BOTH_KINDS_OF_PROXY
async def test_a_proxy_that_fails_at_the_cm_only_puts_no_other_way_in_its_place(ground: Ground, number: int) -> None:
    await ground.network.directory.pick(proxies.parse(ground.secrets(number).proxy_url))  # the list is there
    bot = Bot(ground, number)
    strikes(ground, FaultKind.PROXY_CUTS)

    assert isinstance(await failure(bot), CmUnreachable)

    await comes_back(ground, bot)


@pytest.mark.parametrize("kind", [FaultKind.DIRECTORY_FAILS, FaultKind.DIRECTORY_EMPTY])
async def test_a_directory_that_fails_stops_nobody_who_has_an_older_list(ground: Ground, kind: FaultKind) -> None:
    bot = Bot(ground)
    strikes(ground, kind)
    assert isinstance(await failure(bot), DirectoryUnreachable)
    await comes_back(ground, bot)
    ground.now_ms += 10 * 60_000
    strikes(ground, kind, times=None)

    await comes_back(ground, bot)


def test_every_fault_of_the_simulator_is_met_here_or_in_a_file_of_its_own() -> None:
    modules = (sys.modules[__name__], test_approval, test_cms, test_friend_requests, test_standing, test_steam_time)
    here = "".join(map(inspect.getsource, modules))

    assert [kind.name for kind in FaultKind if f"FaultKind.{kind.name}" not in here] == []


async def test_a_fresh_folder_connects_by_a_list_of_which_one_entry_is_a_cm(ground: Ground) -> None:
    ground.simulation.faults.switch_on(Fault(FaultKind.DIRECTORY_ODD, amount=100))
    ground.simulation.faults.switch_on(Fault(FaultKind.CM_LIST_SENT))

    async with connected(ground) as bot:
        again = await ground.network.directory.pick(proxies.parse(bot.secrets.proxy_url))

    assert again == f"127.0.0.1:{ground.ready.ports.cm}"
    assert ground.network.directory.odd_entries >= 90
    targets = ground.simulation.proxy.traffic[bot.secrets.account_name].targets
    assert set(targets) == {again, f"127.0.0.1:{ground.ready.ports.directory}"}


async def test_a_null_list_is_no_list_and_the_next_one_serves(ground: Ground) -> None:
    strikes(ground, FaultKind.DIRECTORY_NULL)
    bot = Bot(ground)

    assert isinstance(await failure(bot), DirectoryUnreachable)

    await comes_back(ground, bot)
