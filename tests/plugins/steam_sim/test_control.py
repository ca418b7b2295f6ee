"""Orders from outside: faults, what players do, and cut connections, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from kernel.testing import ManualClock
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.messages import CMsgClientPersonaState
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.deeds import MARKUP
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam_sim.steam import Steam


@pytest.fixture
async def steam(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Steam]:
    running = Steam(SimOptions(folder=tmp_path, bots=1, players=20, seed=7, control=True), clock)
    await running.start()
    yield running
    await running.stop()


async def order(steam: Steam, **what: object) -> httpx.Response:
    assert steam.ready.control_url is not None
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.post(steam.ready.control_url, json=what)


async def test_faults_are_switched_on_and_off(steam: Steam) -> None:
    player = steam.player(Temperament.NEVER).steam_id64
    async with await steam.online() as client:
        answer = await order(steam, do="faultOn", rule={"fault": "invite_result", "eresult": 20})
        assert (await client.add_friend(player)).eresult == 20
        await order(steam, do="faultsOff")
        assert (await client.add_friend(player)).eresult == 1

    assert answer.json() == {"ok": True, "at": steam.clock.now()}


async def test_a_player_does_what_they_are_told(steam: Steam) -> None:
    player = steam.player(Temperament.NEVER).steam_id64
    async with await steam.online() as client:
        await client.add_friend(player)
        both = {"player": str(player), "other": str(client.steam_id64)}
        await order(steam, do="act", deed="invite", **both)
        await client.becomes(player, EFriendRelationship.FRIEND)
        await order(steam, do="act", deed="say", text="leave me alone", **both)
        heard = await client.hears()
        await order(steam, do="act", deed="remove", **both)
        await client.becomes(player, EFriendRelationship.NONE)

    assert heard.message_no_bbcode == "leave me alone"


async def test_a_player_is_renamed_before_the_eyes_of_friends_alone_and_stays_so(steam: Steam) -> None:
    friend, stranger = (steam.player(temper).steam_id64 for temper in (Temperament.NEVER, Temperament.SILENT))
    async with await steam.online() as client:
        await client.add_friend(friend)
        both = {"player": str(friend), "other": str(client.steam_id64)}
        await order(steam, do="act", deed="invite", **both)
        await client.becomes(friend, EFriendRelationship.FRIEND)
        for _ in range(3):  # its own, of whom it has invited, and the new friend's
            await client.expect(EMsg.CLIENT_PERSONA_STATE)
        await order(steam, do="show", player=str(stranger), name="Nobody hears")
        await order(steam, do="show", player=str(friend), name="\u202eNew", state=3, app=730, game="CS")
        told = (await client.expect(EMsg.CLIENT_PERSONA_STATE)).parse(CMsgClientPersonaState).friends
        refused = await order(steam, do="show", player=str(friend), avatar="none")

    assert [(f.friendid, f.player_name, f.persona_state, f.game_played_app_id, f.game_name) for f in told] == [
        (friend, "\u202eNew", 3, 730, "CS")
    ]
    assert (refused.status_code, "40 hexadecimal digits" in refused.json()["error"]) == (400, True)
    await steam.restart()
    assert steam.simulation.personas.name(friend) == "\u202eNew"


async def test_a_player_sends_markup_with_and_without_its_plain_text(steam: Steam) -> None:
    player = steam.player(Temperament.NEVER).steam_id64
    async with await steam.online() as client:
        await client.add_friend(player)
        both = {"player": str(player), "other": str(client.steam_id64)}
        await order(steam, do="act", deed="invite", **both)
        await client.becomes(player, EFriendRelationship.FRIEND)
        await order(steam, do="act", deed="markup", text="sticker", **both)
        whole = await client.hears()
        await order(steam, do="act", deed="markupOnly", text="tradeOffer", **both)
        bare = await client.hears()
        refused = await order(steam, do="act", deed="markup", text="hologram", **both)

    assert (whole.message, whole.message_no_bbcode) == (MARKUP["sticker"], MARKUP["sticker"])
    assert (bare.message, bare.message_no_bbcode) == (MARKUP["tradeOffer"], "")
    assert "there are: sticker" in refused.text


async def test_a_bots_connections_are_cut(steam: Steam) -> None:
    async with await steam.online() as client:
        await order(steam, do="drop", login=steam.bot().login)
        await client.is_closed()


@pytest.mark.parametrize(
    "wrong",
    [
        {"do": "sing"},
        {"do": "faultOn", "rule": {"fault": "stall", "login": "nobody"}},
        {"do": "act", "player": "1", "other": "2", "deed": "remove"},
        {"do": "act", "player": "one", "other": "2", "deed": "remove"},
    ],
)
async def test_an_order_that_makes_no_sense_is_told_so(steam: Steam, wrong: dict[str, object]) -> None:
    answer = await order(steam, **wrong)

    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_nobody_is_told_anything_unless_asked_for(tmp_path: Path, clock: ManualClock) -> None:
    quiet = Steam(SimOptions(folder=tmp_path, bots=1, players=1), clock)
    await quiet.start()
    await quiet.stop()

    assert quiet.ready.control_url is None
    assert not (tmp_path / "record.ndjson").exists()
