"""Friends: inviting, accepting, removing, blocking, and the results that Steam gives for what it does not take."""

from __future__ import annotations

import pytest

from plugins.steam_protocol import services
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.messages import (
    CMsgClientRemoveFriend,
    CPlayer_AddFriend_Request,
    CPlayer_IgnoreFriend_Request,
    CPlayer_RemoveFriend_Request,
)
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim import friendship
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam_sim.client import SteamClient, SteamError
from tests.plugins.steam_sim.steam import Steam


async def refusal(client: SteamClient, friend: int) -> int:
    """The result of an invite by both messages for it, which must agree."""
    with pytest.raises(SteamError) as refused:
        await client.call(services.ADD_FRIEND, CPlayer_AddFriend_Request(steamid=friend))
    answer = await client.add_friend(friend)
    assert answer.eresult == refused.value.eresult
    return answer.eresult


async def test_two_bots_become_friends_by_inviting_each_other(steam: Steam) -> None:
    async with await steam.online(0) as first, await steam.online(1) as second:
        invited = await first.call(services.ADD_FRIEND, CPlayer_AddFriend_Request(steamid=second.steam_id64))
        assert (invited.invite_sent, invited.friend_relationship, invited.result) == (True, 4, 1)
        await first.becomes(second.steam_id64, EFriendRelationship.REQUEST_INITIATOR)
        await second.becomes(first.steam_id64, EFriendRelationship.REQUEST_RECIPIENT)

        accepted = await second.call(services.ADD_FRIEND, CPlayer_AddFriend_Request(steamid=first.steam_id64))
        assert (accepted.invite_sent, accepted.friend_relationship) == (False, 3)
        await first.becomes(second.steam_id64, EFriendRelationship.FRIEND)
        await second.becomes(first.steam_id64, EFriendRelationship.FRIEND)


async def test_the_answer_to_an_invite_comes_before_the_changed_list(steam: Steam) -> None:
    async with await steam.online() as client:
        client.forget()
        await client.add_friend(steam.player(Temperament.NEVER).steam_id64)

        assert not client.unasked
        await client.becomes(steam.player(Temperament.NEVER).steam_id64, EFriendRelationship.REQUEST_INITIATOR)


async def test_inviting_again_does_no_harm(steam: Steam) -> None:
    player = steam.player(Temperament.NEVER)
    async with await steam.online() as client:
        for _ in range(2):
            assert (await client.add_friend(player.steam_id64)).eresult == EResult.OK

    assert steam.simulation.world.relationship(client.steam_id64, player.steam_id64) == 4


async def test_an_invite_taken_back_is_gone_on_both_sides(steam: Steam) -> None:
    player = steam.player(Temperament.NEVER)
    async with await steam.online() as client:
        await client.add_friend(player.steam_id64)
        await client.send(EMsg.CLIENT_REMOVE_FRIEND, CMsgClientRemoveFriend(friendid=player.steam_id64))
        await client.becomes(player.steam_id64, EFriendRelationship.NONE)

    assert not list(steam.simulation.world.relationships(player.steam_id64))


async def test_a_friend_can_be_removed_by_the_service_too(steam: Steam) -> None:
    async with await steam.online(0) as first, await steam.online(1) as second:
        await first.add_friend(second.steam_id64)
        await second.add_friend(first.steam_id64)
        removed = await first.call(services.REMOVE_FRIEND, CPlayer_RemoveFriend_Request(steamid=second.steam_id64))

        assert removed.friend_relationship == EFriendRelationship.NONE
        await second.becomes(first.steam_id64, EFriendRelationship.NONE)


async def test_who_is_blocked_cannot_invite_and_who_blocks_cannot_either(steam: Steam) -> None:
    async with await steam.online(0) as first, await steam.online(1) as second:
        ignored = await first.call(services.IGNORE_FRIEND, CPlayer_IgnoreFriend_Request(steamid=second.steam_id64))
        assert ignored.friend_relationship == EFriendRelationship.IGNORED
        assert await refusal(first, second.steam_id64) == EResult.INVALID_STATE
        assert await refusal(second, first.steam_id64) == EResult.IGNORED

        undone = await first.call(
            services.IGNORE_FRIEND, CPlayer_IgnoreFriend_Request(steamid=second.steam_id64, unignore=True)
        )
        assert undone.friend_relationship == EFriendRelationship.NONE
        assert (await second.add_friend(first.steam_id64)).eresult == EResult.OK


async def test_nobody_invites_themselves_a_clan_or_someone_who_does_not_exist(steam: Steam) -> None:
    async with await steam.online() as client:
        assert await refusal(client, client.steam_id64) == EResult.INVALID_PARAM
        assert await refusal(client, 103582791429521408) == EResult.INVALID_PARAM
        assert await refusal(client, 0) == EResult.INVALID_PARAM
        assert await refusal(client, client.steam_id64 + 50) == EResult.ACCOUNT_NOT_FOUND


async def test_a_full_list_takes_no_more_on_either_side(steam: Steam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(friendship, "MAX_FRIENDS", 1)
    one, other = steam.player(Temperament.NEVER), steam.player(Temperament.SILENT)
    async with await steam.online(0) as first, await steam.online(1) as second:
        await first.add_friend(one.steam_id64)

        assert await refusal(first, other.steam_id64) == EResult.LIMIT_EXCEEDED
        assert await refusal(second, one.steam_id64) == EResult.ACCESS_DENIED


async def test_friends_and_invites_outlive_a_restart(steam: Steam) -> None:
    friend, pending = steam.player(Temperament.SILENT), steam.player(Temperament.NEVER)
    async with await steam.online() as client:
        await client.add_friend(friend.steam_id64)
        await client.add_friend(pending.steam_id64)
        await steam.clock.advance(60_000)
    await steam.restart()
    steam.wall += 30

    token = await steam.token()
    async with await steam.client() as client:
        await client.log_on(steam.bot().steam_id64, token)
        listed = await client.friends_list()
    assert not listed.bincremental
    assert {f.ulfriendid: f.efriendrelationship for f in listed.friends} == {
        friend.steam_id64: EFriendRelationship.FRIEND,
        pending.steam_id64: EFriendRelationship.REQUEST_INITIATOR,
    }
