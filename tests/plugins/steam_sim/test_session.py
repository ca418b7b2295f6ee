"""A bot's whole session, over a TLS WebSocket: sign-in, friends, chat, log-off."""

from __future__ import annotations

from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.messages import CMsgClientHeartBeat, CMsgClientLoggedOff, CMsgClientLogOff
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam_sim.steam import Steam


async def test_a_bot_signs_in_makes_a_friend_talks_and_logs_off(steam: Steam) -> None:
    bot, player = steam.bot(), steam.player(Temperament.EAGER)
    async with await steam.client() as client:
        token = await client.sign_in(bot.login, bot.password, steam.code())
        response = await client.log_on(bot.steam_id64, token)
        assert (await client.friends_list()).friends == []
        assert response.heartbeat_seconds == 9

        added = await client.add_friend(player.steam_id64)
        assert (added.eresult, added.persona_name_added) == (1, player.name)
        await client.becomes(player.steam_id64, EFriendRelationship.REQUEST_INITIATOR)
        await steam.clock.advance(60_000)
        await client.becomes(player.steam_id64, EFriendRelationship.FRIEND)

        said = await client.say(player.steam_id64, "I'm a bot; from 10.00 to 12.00?")
        assert said.server_timestamp == steam.clock.now() // 1000
        await steam.clock.advance(60_000)
        heard = await client.hears()
        assert heard.steamid_friend == player.steam_id64
        assert heard.message_no_bbcode
        assert not heard.local_echo

        await client.send(EMsg.CLIENT_HEART_BEAT, CMsgClientHeartBeat(send_reply=True))
        await client.expect(EMsg.CLIENT_HEART_BEAT)
        await client.send(EMsg.CLIENT_LOG_OFF, CMsgClientLogOff())
        assert (await client.expect(EMsg.CLIENT_LOGGED_OFF)).parse(CMsgClientLoggedOff).eresult == 1
        await client.is_closed()
    assert len(steam.simulation.sessions) == 0
