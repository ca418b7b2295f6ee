"""The transport and each independent client meet on one simulated Steam, and understand each other."""

from __future__ import annotations

from plugins.steam.events import MessageArrived, RelationshipChanged
from plugins.steam_protocol.relationship import EFriendRelationship
from tests.interop.clients import User, Users
from tests.interop.test_clients import FRIEND, INVITED, INVITES_US, signed_in
from tests.plugins.steam.ground import Bot, Ground, connected
from tests.plugins.steam_sim.steam import Steam


def ground(steam: Steam) -> Ground:
    """The same Steam as the transport's tests know it."""
    return Ground(steam.simulation, steam.clock, steam.ready)


async def befriended(steam: Steam, ours: Bot, theirs: User) -> tuple[int, int]:
    """Our bot, which is number 1, invites, and the other accepts; gives the SteamIDs of both."""
    our_id, their_id = steam.bot(1).steam_id64, steam.bot(0).steam_id64
    await ours.client.invite(their_id)
    await theirs.hears("relationship", friend=str(our_id), now=INVITES_US)
    await theirs.does("addFriend", str(our_id))
    await ours.sees(RelationshipChanged, lambda event: event.after == EFriendRelationship.FRIEND)
    return our_id, their_id


async def test_the_transports_bot_invites_another_client_and_each_reads_what_the_other_writes(
    steam: Steam, users: Users
) -> None:
    theirs = await signed_in(steam, users, 0)
    async with connected(ground(steam), 1) as ours:
        our_id, their_id = await befriended(steam, ours, theirs)

        sent = await ours.client.send_message(their_id, "12 [USD]? \\o/ Да")
        heard = await theirs.hears("friendMessage", friend=str(our_id))
        await theirs.does("write", str(our_id), "deal [:")

        assert (heard["text"], heard["timestamp"], heard["ordinal"]) == ("12 [USD]? \\o/ Да", *sent)
        assert (await ours.sees(MessageArrived)).text == "deal [:"
        assert [said.text for said in await ours.client.history(their_id, 0)] == ["12 [USD]? \\o/ Да", "deal [:"]


async def test_the_transports_bot_accepts_an_invite_of_another_clients(steam: Steam, users: Users) -> None:
    theirs = await signed_in(steam, users, 0)
    async with connected(ground(steam), 1) as ours:
        our_id, their_id = str(steam.bot(1).steam_id64), steam.bot(0).steam_id64
        await theirs.does("addFriend", our_id)
        await theirs.hears("relationship", friend=our_id, now=INVITED)
        await ours.sees(RelationshipChanged, lambda event: event.after == EFriendRelationship.REQUEST_RECIPIENT)

        await ours.client.invite(their_id)

        await theirs.hears("relationship", friend=our_id, now=FRIEND)


async def test_what_a_person_writes_as_the_bot_with_another_client_reaches_the_transport_as_its_own(
    steam: Steam, users: Users
) -> None:
    theirs = await signed_in(steam, users, 0)
    async with connected(ground(steam), 1) as ours:
        _, their_id = await befriended(steam, ours, theirs)
        by_hand = await users.client("by hand")
        assert ours.secrets.refresh_token is not None
        await by_hand.does("logOn", {"refreshToken": ours.secrets.refresh_token, "logonID": 5})
        await by_hand.hears("friendsList")

        await by_hand.does("write", str(their_id), "this is Anna")

        said = await ours.sees(MessageArrived)
        assert (said.steam_id64, said.text, said.echo) == (their_id, "this is Anna", True)


async def test_the_transports_and_another_clients_sessions_of_one_account_stand_side_by_side(
    steam: Steam, users: Users
) -> None:
    async with connected(ground(steam), 1) as ours:
        assert ours.secrets.refresh_token is not None
        theirs = await users.client("theirs")
        await theirs.does("logOn", {"refreshToken": ours.secrets.refresh_token, "logonID": 5})
        await theirs.hears("loggedOn")

        await theirs.does("logOff")
        await theirs.hears("disconnected")

        assert not ours.client.closed.done()
