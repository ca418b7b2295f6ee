"""Whole sessions with the simulated Steam: real protocol, real TLS, real proxies, on loopback."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import weakref
from pathlib import Path
from urllib.parse import quote

import pytest
import uvloop
from msgspec.structs import replace

from plugins.steam import proxy as proxies
from plugins.steam.connection import tls_context
from plugins.steam.dial import dial
from plugins.steam.errors import (
    CmUnreachable,
    DirectoryUnreachable,
    Disconnected,
    MessageTooLong,
    ProxyRefusedCredentials,
    ProxyUnreachable,
    RequestInDoubt,
    RequestNotSent,
    RequestRefused,
    SignInDeferred,
    SignInRejected,
)
from plugins.steam.events import FriendsListed, LoggedOn, MessageArrived, RelationshipChanged, Said
from plugins.steam.policy import Step
from plugins.steam.secrets import BotSecrets
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam.ground import PATIENCE, Bot, Ground, connected, simulated

SOCKS5_BOT, HTTP_BOT = 0, 1


@pytest.mark.parametrize("number", [SOCKS5_BOT, HTTP_BOT])
async def test_a_bot_signs_in_once_by_password_and_code_and_then_by_its_token(ground: Ground, number: int) -> None:
    bot = Bot(ground, number)

    client = await bot.connect()
    by_password = client.steam_id64
    await client.log_off()
    bot.forgets_password()
    client = await bot.connect()
    await client.log_off()

    assert by_password == client.steam_id64 == bot.secrets.steam_id64
    assert [saved.refresh_token is not None for saved in bot.saved] == [True]
    assert [type(event) for event in bot.seen if isinstance(event, LoggedOn | FriendsListed)] == [
        LoggedOn,
        FriendsListed,
    ] * 2
    assert client.closed.result() is None


@pytest.mark.parametrize("number", [SOCKS5_BOT, HTTP_BOT])
async def test_a_session_that_has_ended_waits_for_no_collector(ground: Ground, number: int) -> None:
    bot = Bot(ground, number)
    gc.collect()
    gc.disable()
    try:
        for dies in (False, True):
            client = await bot.connect()
            freed: asyncio.Queue[object] = asyncio.Queue()
            watched = [weakref.ref(one, freed.put_nowait) for one in (client.closed, client._link._connection._socket)]
            if dies:
                ground.simulation.faults.switch_on(Fault(FaultKind.DROP_SOCKET, times=1))
                client.acknowledge(1, 1)
                await bot.ends()
            else:
                await client.log_off()
            del client, bot.client
            async with asyncio.timeout(PATIENCE):
                for _ in watched:
                    await freed.get()
    finally:
        gc.enable()


@pytest.mark.parametrize("number", [SOCKS5_BOT, HTTP_BOT])
async def test_everything_of_a_bot_goes_through_its_own_proxy(ground: Ground, number: int) -> None:
    async with connected(ground, number) as bot:
        own = ground.simulation.proxy.traffic[bot.secrets.account_name]

        ports = {int(target.rpartition(":")[2]) for target in own.targets}

    assert ports == {ground.ready.ports.directory, ground.ready.ports.cm}
    assert sum(traffic.connections for traffic in ground.simulation.proxy.traffic.values()) == own.connections == 2


async def test_an_invite_is_accepted_and_a_chat_goes_both_ways(ground: Ground) -> None:
    player = ground.player(Temperament.EAGER)
    async with connected(ground) as bot:
        await bot.client.invite(player)
        await bot.sees(RelationshipChanged, lambda change: change.after == EFriendRelationship.REQUEST_INITIATOR)
        await ground.clock.advance(60_000)
        await bot.sees(RelationshipChanged, lambda change: change.after == EFriendRelationship.FRIEND)
        sent = await bot.client.send_message(player, "Hi [from 10.00 to 12.00]?")
        await ground.clock.advance(60_000)
        answer = await bot.sees(MessageArrived)

        assert bot.client.relationship(player) == EFriendRelationship.FRIEND
        assert sent.timestamp <= answer.timestamp
        assert (answer.steam_id64, answer.echo) == (player, False)
        assert await bot.client.history(player, 0) == [
            Said(sent.timestamp, sent.ordinal, bot.client.steam_id64, "Hi [from 10.00 to 12.00]?"),
            Said(answer.timestamp, answer.ordinal, player, answer.text),
        ]
        assert await bot.client.history(player, answer.timestamp + 1) == []
        (talk,) = await bot.client.active_sessions(0)
        assert (talk.steam_id64, talk.last_message, talk.unread) == (player, answer.timestamp, 1)
        bot.client.acknowledge(player, answer.timestamp)
        (talk,) = await bot.client.active_sessions(0)
        assert talk.unread == 0


async def test_a_long_history_is_read_page_by_page(ground: Ground) -> None:
    player = ground.player(Temperament.SILENT)
    async with connected(ground) as bot:
        await bot.client.invite(player)
        await ground.clock.advance(60_000)
        await bot.sees(RelationshipChanged, lambda change: change.after == EFriendRelationship.FRIEND)
        sent = [await bot.client.send_message(player, f"message {number}") for number in range(230)]

        history = await bot.client.history(player, 0)

    assert [(said.timestamp, said.ordinal) for said in history] == sent
    assert [said.text for said in history] == [f"message {number}" for number in range(230)]


async def test_a_friend_is_removed(ground: Ground) -> None:
    player = ground.player(Temperament.NEVER)
    async with connected(ground) as bot:
        await bot.client.invite(player)
        await bot.sees(RelationshipChanged, lambda change: change.after == EFriendRelationship.REQUEST_INITIATOR)
        await bot.client.remove_friend(player)
        await bot.sees(RelationshipChanged, lambda change: change.after == EFriendRelationship.NONE)

        assert bot.client.relationship(player) == EFriendRelationship.NONE


@pytest.mark.parametrize("number", [SOCKS5_BOT, HTTP_BOT])
async def test_a_wrong_proxy_password_is_told_apart_from_everything_else(ground: Ground, number: int) -> None:
    bot = Bot(ground, number)
    right = proxies.parse(bot.secrets.proxy_url)
    bot.secrets = replace(
        bot.secrets, proxy_url=f"{right.scheme}://{right.username}:{quote('@wrong/', safe='')}@{right.authority}"
    )

    with pytest.raises(ProxyRefusedCredentials) as refused:
        await bot.connect()

    assert str(right.username) in str(refused.value)
    assert "wrong" not in str(refused.value)


@pytest.mark.parametrize("number", [SOCKS5_BOT, HTTP_BOT])
async def test_with_its_proxy_stopped_a_bot_is_offline_and_nothing_arrives_anywhere(
    ground: Ground, number: int
) -> None:
    bot = Bot(ground, number)
    await bot.connect()
    arrived = sum(traffic.connections for traffic in ground.simulation.proxy.traffic.values())

    await ground.simulation.proxy.stop()
    ended = await bot.ends()
    with pytest.raises(ProxyUnreachable) as unreachable:
        await bot.connect()

    assert isinstance(ended, Disconnected)
    assert "cannot be reached" in str(unreachable.value)
    assert sum(traffic.connections for traffic in ground.simulation.proxy.traffic.values()) == arrived
    assert len(ground.simulation.sessions) == 0


async def test_a_dead_token_is_dropped_and_the_password_brings_a_new_one(ground: Ground) -> None:
    bot = Bot(ground)
    await (await bot.connect()).log_off()
    old = bot.secrets.refresh_token
    ground.next_code()
    ground.simulation.faults.switch_on(Fault(FaultKind.LOGON_RESULT, eresult=EResult.ACCESS_DENIED, times=1))

    client = await bot.connect()
    await client.log_off()

    assert [saved.refresh_token is None for saved in bot.saved] == [False, True, False]
    assert bot.secrets.refresh_token not in (None, old)


async def test_a_dead_token_without_a_password_needs_a_person_and_is_forgotten(ground: Ground) -> None:
    bot = Bot(ground)
    await (await bot.connect()).log_off()
    bot.forgets_password()
    ground.simulation.faults.switch_on(Fault(FaultKind.LOGON_RESULT, eresult=EResult.INVALID_PASSWORD))

    with pytest.raises(SignInRejected, match="remove the bot and add it again with its password"):
        await bot.connect()

    assert bot.secrets.refresh_token is None


async def test_a_token_that_is_refused_right_after_it_was_given_is_not_asked_for_again(ground: Ground) -> None:
    ground.simulation.faults.switch_on(Fault(FaultKind.LOGON_RESULT, eresult=EResult.INVALID_PASSWORD))
    bot = Bot(ground)

    with pytest.raises(SignInRejected, match="just given"):
        await bot.connect()


async def test_a_wrong_password_stops_the_bot(ground: Ground) -> None:
    bot = Bot(ground)
    bot.secrets = replace(bot.secrets, password="not it")

    with pytest.raises(SignInRejected, match="password is wrong") as rejected:
        await bot.connect()

    assert "not it" not in str(rejected.value)
    assert bot.saved == []


@pytest.mark.parametrize(
    ("kind", "result", "step"),
    [
        (FaultKind.BEGIN_RESULT, EResult.RATE_LIMIT_EXCEEDED, Step.HOLD_PROXY),
        (FaultKind.LOGON_RESULT, EResult.ACCOUNT_LOGIN_DENIED_THROTTLE, Step.HOLD_PROXY),
        (FaultKind.LOGON_RESULT, EResult.TRY_ANOTHER_CM, Step.RECONNECT),
        (FaultKind.LOGON_RESULT, 999, Step.RECONNECT),
    ],
)
async def test_what_steam_refuses_for_now_is_put_off(ground: Ground, kind: FaultKind, result: int, step: Step) -> None:
    ground.simulation.faults.switch_on(Fault(kind, eresult=result))

    with pytest.raises(SignInDeferred) as deferred:
        await Bot(ground).connect()

    assert deferred.value.verdict.step is step
    assert deferred.value.back_off_ms > 0


async def test_a_locked_account_stops_the_bot_with_what_to_do(ground: Ground) -> None:
    ground.simulation.faults.switch_on(Fault(FaultKind.LOGON_RESULT, eresult=EResult.ACCOUNT_LOCKED_DOWN))

    with pytest.raises(SignInRejected, match="unlock it"):
        await Bot(ground).connect()


async def test_what_steam_says_to_an_invite_and_a_message_is_passed_on_with_its_policy(ground: Ground) -> None:
    faults = ground.simulation.faults
    faults.switch_on(Fault(FaultKind.INVITE_RESULT, eresult=EResult.INSUFFICIENT_PRIVILEGE))
    faults.switch_on(Fault(FaultKind.CHAT_RESULT, eresult=EResult.RATE_LIMIT_EXCEEDED))
    async with connected(ground) as bot:
        with pytest.raises(RequestRefused) as invite:
            await bot.client.invite(ground.player(Temperament.EAGER))
        with pytest.raises(RequestRefused) as message:
            await bot.client.send_message(ground.player(Temperament.EAGER), "hi")

    assert invite.value.verdict.step is Step.HOLD_INVITES
    assert message.value.verdict.step is Step.HOLD_MESSAGES


async def test_a_message_that_steam_would_not_take_is_not_sent(ground: Ground) -> None:
    async with connected(ground) as bot:
        with pytest.raises(MessageTooLong):
            bot.client.send_message(ground.player(Temperament.EAGER), "a\n" * 110)


async def test_a_connection_that_dies_leaves_what_was_sent_in_doubt(ground: Ground) -> None:
    player = ground.player(Temperament.EAGER)
    async with connected(ground) as bot:
        ground.simulation.faults.switch_on(Fault(FaultKind.DROP_SOCKET, times=1))

        with pytest.raises(RequestInDoubt):
            await bot.client.invite(player)
        ended = await bot.ends()
        with pytest.raises(RequestNotSent):
            bot.client.send_message(player, "hi")

    assert isinstance(ended, Disconnected)


async def test_an_answer_that_does_not_come_leaves_the_request_in_doubt_and_the_session_alive(ground: Ground) -> None:
    player = ground.player(Temperament.NEVER)
    async with connected(ground, network=ground.network_with(answer_timeout=0.3)) as bot:
        faults = ground.simulation.faults
        end_of_stall = faults.switch_on(Fault(FaultKind.STALL))
        with pytest.raises(RequestInDoubt, match="in time"):
            await bot.client.invite(player)
        end_of_stall()

        assert not bot.client.closed.done()
        await bot.client.active_sessions(0)


@pytest.mark.slow
async def test_a_steam_that_falls_silent_is_left(tmp_path: Path) -> None:
    async with simulated(tmp_path, heartbeat_seconds=1) as ground, connected(ground) as bot:
        ground.simulation.faults.switch_on(Fault(FaultKind.STALL))

        ended = await bot.ends()

    assert isinstance(ended, Disconnected)
    assert "said nothing" in str(ended)


@pytest.mark.slow
async def test_heartbeats_keep_a_session_alive(tmp_path: Path) -> None:
    async with simulated(tmp_path, heartbeat_seconds=1) as ground, connected(ground) as bot:
        done, _ = await asyncio.wait((bot.client.closed,), timeout=4.5)  # the simulator gives up after 3

        assert not done
        await bot.client.active_sessions(0)


async def test_a_second_session_of_the_account_takes_the_place_of_the_first(ground: Ground) -> None:
    async with connected(ground) as first:
        second = Bot(ground)
        second.secrets = first.secrets
        await second.connect()
        ended = await first.ends()
        await second.client.log_off()

    assert isinstance(ended, Disconnected)
    assert ended.verdict is not None
    assert ended.verdict.result == EResult.LOGON_SESSION_REPLACED


async def test_a_notification_that_comes_twice_is_told_once(ground: Ground) -> None:
    player = ground.player(Temperament.EAGER)
    ground.simulation.faults.switch_on(Fault(FaultKind.DUPLICATE_NOTIFICATIONS))
    async with connected(ground) as bot:
        await bot.client.invite(player)
        await ground.clock.advance(60_000)
        await bot.sees(RelationshipChanged, lambda change: change.after == EFriendRelationship.FRIEND)
        await bot.client.active_sessions(0)

    changes = [event for event in bot.seen if isinstance(event, RelationshipChanged)]
    assert changes == [RelationshipChanged(player, 0, 4), RelationshipChanged(player, 4, 3)]


async def test_a_listener_that_fails_ends_no_session(ground: Ground, caplog: pytest.LogCaptureFixture) -> None:
    bot = Bot(ground)
    plain_hear = bot.hear

    def hear_and_fail(event: object) -> None:
        plain_hear(event)  # type: ignore[arg-type]
        raise RuntimeError("a bug of the owner")

    bot.hear = hear_and_fail  # type: ignore[method-assign]
    client = await bot.connect()
    await client.active_sessions(0)
    await client.log_off()

    assert "a bug of the owner" in caplog.text


async def test_a_cm_whose_certificate_nobody_vouches_for_is_not_spoken_to(ground: Ground) -> None:
    network = dataclasses.replace(ground.network, tls=tls_context())

    with pytest.raises(CmUnreachable, match="certificate is not trusted"):
        await Bot(ground, network=network).connect()


async def test_without_any_directory_a_bot_says_so(ground: Ground) -> None:
    network = ground.network_with(directory_url=f"http://127.0.0.1:{ground.ready.ports.directory}/nothing/here")

    with pytest.raises(DirectoryUnreachable, match="404"):
        await Bot(ground, network=network).connect()


async def test_there_is_no_way_to_dial_without_a_proxy() -> None:
    with pytest.raises(TypeError, match="no direct one"):
        await dial(None, "127.0.0.1", 1)  # type: ignore[arg-type]


async def test_a_connect_that_is_given_up_leaves_nothing_behind(ground: Ground) -> None:
    bot, saving = Bot(ground), asyncio.Event()

    async def save_for_ever(secrets: BotSecrets) -> None:
        saving.set()
        await asyncio.Event().wait()

    bot.save = save_for_ever  # type: ignore[method-assign]
    connecting = asyncio.create_task(bot.connect())
    await asyncio.wait_for(saving.wait(), PATIENCE)

    connecting.cancel()
    await asyncio.wait((connecting,))

    assert connecting.cancelled()
    assert len(ground.simulation.sessions) == 0
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("steam reader")]


def test_all_of_it_works_on_uvloop_too(tmp_path: Path) -> None:
    async def talk() -> list[str]:
        async with simulated(tmp_path) as ground:
            for number in (SOCKS5_BOT, HTTP_BOT):
                async with connected(ground, number) as bot:
                    player = ground.player(Temperament.SILENT)
                    await bot.client.invite(player)
                    await ground.clock.advance(60_000)
                    await bot.sees(RelationshipChanged, lambda change: change.after == EFriendRelationship.FRIEND)
                    await bot.client.send_message(player, "hi")
                    said = await bot.client.history(player, 0)
            await ground.simulation.proxy.stop()
            with pytest.raises(ProxyUnreachable):
                await bot.connect()
            return [message.text for message in said]

    assert uvloop.run(talk()) == ["hi"]
