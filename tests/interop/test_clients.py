"""The simulated Steam satisfies clients that were not written here: npm's steam-user and PyPI's steamio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.interop.clients import PATIENCE, Refusal, User, Users
from tests.plugins.steam_sim.steam import Steam

NONE, INVITES_US, FRIEND, INVITED, IGNORED = 0, 2, 3, 4, 5
ONLINE = 1


def told(users: Users, eresult: EResult) -> tuple[EResult | None, ...]:
    """What may stand there for that result of Steam's: some makes of clients do not say."""
    return (eresult,) if users.make.tells_results else (eresult, None)


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if so():
                return
            await asyncio.sleep(0.01)


async def signed_in(steam: Steam, users: Users, number: int = 0, **options: object) -> User:
    """A client that has come in by password and code, and has its friends list."""
    bot = steam.bot(number)
    client = await users.client(bot.login, **options)
    await client.does(
        "logOn", {"accountName": bot.login, "password": bot.password, "twoFactorCode": steam.code(number)}
    )
    await client.hears("loggedOn", steamId=str(bot.steam_id64))
    await client.hears("friendsList", friends={})
    return client


async def comes_back(users: Users, client: User) -> None:
    """By itself, or as a new client with the token that the old one had."""
    if users.make.reconnects:
        await client.hears("disconnected")
    else:
        await client.hears("error")
        token = (await client.hears("refreshToken"))["token"]
        client = await users.client("back")
        await client.does("logOn", {"refreshToken": token})
    await client.hears("loggedOn")


async def befriended(steam: Steam, one: User, other: User) -> tuple[str, str]:
    """Bot 0 and bot 1 become friends; gives the SteamIDs of both."""
    first, second = str(steam.bot(0).steam_id64), str(steam.bot(1).steam_id64)
    await one.does("addFriend", second)
    await other.hears("relationship", friend=first, now=INVITES_US)
    await other.does("addFriend", first)
    await one.hears("relationship", friend=second, now=FRIEND)
    return first, second


async def test_it_signs_in_with_password_and_code_and_is_told_all_that_it_waits_for(steam: Steam, users: Users) -> None:
    client = await signed_in(steam, users)

    assert (await client.hears("refreshToken"))["token"].count(".") == 2
    if users.make.tells_standing:
        assert await client.hears("limitations") == {"limited": False, "banned": False, "locked": False}
    assert (await client.hears("webSession"))["cookies"] > 0


async def test_it_signs_in_with_the_token_that_it_got_and_needs_neither_password_nor_code(
    steam: Steam, users: Users
) -> None:
    first = await signed_in(steam, users)
    token = (await first.hears("refreshToken"))["token"]
    await first.does("logOff")

    later = await users.client("later")
    await later.does("logOn", {"refreshToken": token})

    await later.hears("loggedOn", steamId=str(steam.bot().steam_id64))


@pytest.mark.parametrize(("number", "option"), [(0, "socksProxy"), (1, "httpProxy")])
async def test_it_comes_through_a_bots_proxy_and_is_seen_at_that_proxys_address(
    steam: Steam, users: Users, number: int, option: str
) -> None:
    if option == "socksProxy" and not users.make.socks:
        pytest.skip(f"{users.make.name} speaks no SOCKS")
    proxy = steam.proxy(number).replace("socks5h://", "socks5://")
    bot = steam.bot(number)
    client = await users.client(bot.login, **{option: proxy})

    await client.does(
        "logOn", {"accountName": bot.login, "password": bot.password, "twoFactorCode": steam.code(number)}
    )

    assert (await client.hears("loggedOn"))["publicIp"].startswith("198.18.")
    assert steam.simulation.proxy.traffic[bot.login].connections > 0


async def test_a_wrong_password_is_said_to_be_wrong(steam: Steam, users: Users) -> None:
    client = await users.client("a")

    await client.does("logOn", {"accountName": steam.bot().login, "password": "wrong", "twoFactorCode": steam.code()})

    assert (await client.hears("error"))["eresult"] in told(users, EResult.INVALID_PASSWORD)


async def test_a_wrong_code_is_asked_for_again_and_the_right_one_is_then_taken(steam: Steam, users: Users) -> None:
    bot = steam.bot()
    client = await users.client("a")

    await client.does(
        "logOn", {"accountName": bot.login, "password": bot.password, "twoFactorCode": steam.code(steps=9)}
    )

    assert (await client.hears("steamGuard"))["lastCodeWrong"] is True
    await client.does("logOn", {"accountName": bot.login, "password": bot.password, "twoFactorCode": steam.code()})
    await client.hears("loggedOn")


async def test_without_a_code_it_is_told_that_the_app_has_one(steam: Steam, users: Users) -> None:
    client = await users.client("a")

    await client.does("logOn", {"accountName": steam.bot().login, "password": steam.bot().password})

    assert await client.hears("steamGuard") == {"domain": None, "lastCodeWrong": False}


async def test_a_revoked_token_is_refused(steam: Steam, users: Users) -> None:
    first = await signed_in(steam, users)
    token = (await first.hears("refreshToken"))["token"]
    await first.does("logOff")
    await first.hears("disconnected")
    steam.simulation.revoke(steam.bot().login)

    later = await users.client("later")
    await later.does("logOn", {"refreshToken": token})

    assert (await later.hears("error"))["eresult"] == EResult.INVALID_PASSWORD


async def test_logging_off_is_answered_and_ends_the_session(steam: Steam, users: Users) -> None:
    client = await signed_in(steam, users)

    await client.does("logOff")

    assert (await client.hears("disconnected"))["eresult"] in told(users, EResult.OK)
    await until(lambda: len(steam.simulation.sessions) == 0)


async def test_a_second_sign_in_of_the_same_machine_ends_the_first(steam: Steam, users: Users) -> None:
    first = await signed_in(steam, users)
    token = (await first.hears("refreshToken"))["token"]

    second = await users.client("second")
    await second.does("logOn", {"refreshToken": token})

    await second.hears("loggedOn")
    ending = await first.hears("error")
    assert ending["eresult"] in told(users, EResult.LOGON_SESSION_REPLACED)


async def test_a_dropped_socket_is_a_disconnection_that_it_comes_back_from(steam: Steam, users: Users) -> None:
    client = await signed_in(steam, users, autoRelogin=True)

    assert steam.simulation.drop(steam.bot().login) == 1

    await comes_back(users, client)


async def test_two_of_them_invite_accept_and_part_again(steam: Steam, users: Users) -> None:
    one, other = await asyncio.gather(signed_in(steam, users, 0), signed_in(steam, users, 1))
    first, second = str(steam.bot(0).steam_id64), str(steam.bot(1).steam_id64)

    answer = await one.does("addFriend", second)

    assert answer in (None, {"personaName": steam.bot(1).name})
    await one.hears("relationship", friend=second, now=INVITED)
    await other.hears("relationship", friend=first, now=INVITES_US)
    await other.does("addFriend", first)
    await other.hears("relationship", friend=first, now=FRIEND)
    await one.hears("relationship", friend=second, now=FRIEND)
    await one.does("removeFriend", second)
    await other.hears("relationship", friend=first, now=NONE)


async def test_an_invite_is_taken_back_and_another_one_declined(steam: Steam, users: Users) -> None:
    one, other = await asyncio.gather(signed_in(steam, users, 0), signed_in(steam, users, 1))
    first, second = str(steam.bot(0).steam_id64), str(steam.bot(1).steam_id64)
    await one.does("addFriend", second)
    await other.hears("relationship", friend=first, now=INVITES_US)

    await one.does("removeFriend", second)
    await other.hears("relationship", friend=first, now=NONE)
    await other.does("addFriend", first)
    await one.hears("relationship", friend=second, now=INVITES_US)
    await one.does("removeFriend", second)

    await other.hears("relationship", friend=first, now=NONE)


async def test_friends_made_earlier_are_in_its_list_at_the_next_sign_in(steam: Steam, users: Users) -> None:
    one, other = await asyncio.gather(signed_in(steam, users, 0), signed_in(steam, users, 1))
    token = (await one.hears("refreshToken"))["token"]
    _, second = await befriended(steam, one, other)
    await one.does("logOff")
    await one.hears("disconnected")

    later = await users.client("later")
    await later.does("logOn", {"refreshToken": token})

    assert (await later.hears("friendsList"))["friends"] == {second: FRIEND}
    assert await later.does("getPersonas", [second]) == {second: steam.bot(1).name}


async def test_an_invite_to_nobody_is_refused_with_steams_own_result(steam: Steam, users: Users) -> None:
    client = await signed_in(steam, users)

    with pytest.raises(Refusal) as refused:
        await client.does("addFriend", "76561197960265729")

    assert refused.value.eresult == EResult.ACCOUNT_NOT_FOUND


async def test_two_of_them_chat_both_ways_word_for_word(steam: Steam, users: Users) -> None:
    one, other = await asyncio.gather(signed_in(steam, users, 0), signed_in(steam, users, 1))
    first, second = await befriended(steam, one, other)
    words = "20 [b]USD[/b]? Да — 🙂\nС доставкой"

    sent = await one.does("write", second, words)
    heard = await other.hears("friendMessage", friend=first)
    await other.does("type", first)
    await other.does("write", first, "yes")

    assert heard["text"] == words
    assert heard["ordinal"] == sent["ordinal"]
    await one.hears("friendTyping", friend=second)
    assert (await one.hears("friendMessage", friend=second))["text"] == "yes"


async def test_what_was_said_is_read_back_and_what_is_unread_is_counted_until_it_is_acknowledged(
    steam: Steam, users: Users
) -> None:
    one, other = await asyncio.gather(signed_in(steam, users, 0), signed_in(steam, users, 1))
    first, second = await befriended(steam, one, other)
    for words in ("one", "two", "three"):
        await one.does("write", second, words)
    last = await other.hears("friendMessage", text="three")

    history = await other.does("history", first)
    before = await other.does("active")
    await other.does("acknowledge", first, last["timestamp"])

    assert sorted(said["text"] for said in history) == ["one", "three", "two"]
    assert {said["sender"] for said in history} == {first}
    assert [said["ordinal"] for said in sorted(history, key=lambda said: said["ordinal"])] == [0, 1, 2]
    assert before == [{"friend": first, "unread": 3}]
    assert await other.does("active") == [{"friend": first, "unread": 0}]


async def test_what_it_writes_in_one_session_echoes_in_the_other(steam: Steam, users: Users) -> None:
    """The other one comes from another address: of one address and one login id, Steam keeps the later."""
    one, other = await asyncio.gather(signed_in(steam, users, 0), signed_in(steam, users, 1))
    first, _ = await befriended(steam, one, other)
    token = (await other.hears("refreshToken"))["token"]
    twin = await users.client("twin", httpProxy=steam.proxy(1))
    await twin.does("logOn", {"refreshToken": token, "logonID": 99})
    await twin.hears("friendsList")

    await other.does("write", first, "from here")

    assert (await twin.hears("friendMessageEcho", friend=first))["text"] == "from here"


async def test_whoever_is_blocked_can_neither_write_nor_invite_until_the_block_is_lifted(
    steam: Steam, users: Users
) -> None:
    one, other = await asyncio.gather(signed_in(steam, users, 0), signed_in(steam, users, 1))
    first, second = await befriended(steam, one, other)

    await other.does("blockUser", first)

    if users.make.tells_blocks:
        await other.hears("relationship", friend=first, now=IGNORED)
    with pytest.raises(Refusal) as refused:
        await one.does("write", second, "hello?")
    assert refused.value.eresult == EResult.BLOCKED
    with pytest.raises(Refusal) as refused:
        await one.does("addFriend", second)
    assert refused.value.eresult == EResult.IGNORED
    await other.does("unblockUser", first)
    await one.does("addFriend", second)
    await other.hears("relationship", friend=first, now=INVITES_US)


@pytest.mark.parametrize("fault", [Fault(FaultKind.DUPLICATE_NOTIFICATIONS), Fault(FaultKind.LATE_ANSWERS, delay_ms=0)])
async def test_with_notifications_twice_and_late_answers_two_of_them_still_meet_and_talk(
    steam: Steam, users: Users, fault: Fault
) -> None:
    one, other = await asyncio.gather(signed_in(steam, users, 0), signed_in(steam, users, 1))
    steam.simulation.faults.switch_on(fault)

    first, second = await befriended(steam, one, other)
    await one.does("write", second, "hello")

    assert (await other.hears("friendMessage", friend=first))["text"] == "hello"


async def test_what_steam_refuses_is_told_by_its_number_and_the_session_goes_on(steam: Steam, users: Users) -> None:
    one, other = await asyncio.gather(signed_in(steam, users, 0), signed_in(steam, users, 1))
    second = str(steam.bot(1).steam_id64)
    for kind, action, given in (
        (FaultKind.INVITE_RESULT, "addFriend", (second,)),
        (FaultKind.CHAT_RESULT, "write", (second, "hello")),
    ):
        if kind is FaultKind.CHAT_RESULT:
            await befriended(steam, one, other)
        steam.simulation.faults.switch_on(Fault(kind, eresult=EResult.RATE_LIMIT_EXCEEDED, times=1))
        with pytest.raises(Refusal) as refused:
            await one.does(action, *given)
        assert refused.value.eresult == EResult.RATE_LIMIT_EXCEEDED

    await one.does("write", second, "hello")

    assert (await other.hears("friendMessage"))["text"] == "hello"


async def test_a_session_that_steam_ends_is_begun_anew(steam: Steam, users: Users) -> None:
    client = await signed_in(steam, users, autoRelogin=True)
    steam.simulation.faults.switch_on(Fault(FaultKind.LOGGED_OFF, eresult=EResult.SERVICE_UNAVAILABLE, times=1))

    await client.does("setPersona", ONLINE)

    await comes_back(users, client)


async def test_a_player_of_the_simulation_accepts_its_invite_and_reads_what_it_writes(
    steam: Steam, users: Users
) -> None:
    client = await signed_in(steam, users)
    await client.does("setPersona", ONLINE)
    player = str(steam.player(Temperament.EAGER).steam_id64)

    await client.does("addFriend", player)
    await client.hears("relationship", friend=player, now=INVITED)
    await steam.clock.advance(60_000)
    await client.hears("relationship", friend=player, now=FRIEND)
    await client.does("write", player, "Hello! Are you interested?")
    await steam.clock.advance(120_000)

    assert (await client.hears("friendMessage", friend=player))["text"]
