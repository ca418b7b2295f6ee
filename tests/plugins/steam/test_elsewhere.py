"""An operator signs in as the bot with another Steam client, and what they write is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.events import FriendMessageArrived
from plugins.steam.secrets import SecretStore
from tests.plugins.steam.test_plugin import Stage, staged
from tests.plugins.steam_sim.client import SteamClient


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


async def test_a_message_from_another_steam_client_is_told_as_the_bots_own(stage: Stage) -> None:
    bot_id = await stage.online()
    player = await stage.make_friends(bot_id)
    secrets = SecretStore(stage.world.data / "steam" / "secrets").load(bot_id)
    assert secrets is not None
    assert secrets.refresh_token is not None
    assert secrets.steam_id64 is not None
    async with await SteamClient.open(stage.ready.cm_url, stage.ready.ca_file) as by_hand:
        await by_hand.log_on(secrets.steam_id64, secrets.refresh_token)
        await by_hand.friends_list()
        await by_hand.say(int(player), "this is Anna")
        await stage.until(lambda: [e for e in stage.world.happened(FriendMessageArrived) if e.from_bot])

    told = [event for event in stage.world.happened(FriendMessageArrived) if event.from_bot]
    assert [(event.bot_id, event.player, event.text) for event in told] == [(bot_id, player, "this is Anna")]
