"""New code for the transport while bots are online: they come back, and nothing is lost or complained of."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from kernel import commands as c
from kernel.events import BotConnected, ErrorLogged, PluginReloaded
from kernel.ids import ChatId, MessageId
from plugins.fleet import Fleet
from tests.plugins.steam.test_plugin import staged


async def test_a_reload_with_bots_online_brings_them_back_and_delivers_what_was_said_meanwhile(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with staged(tmp_path, Fleet) as stage:
        world = stage.world
        bots = [await world.execute(stage.add_command(number)) for number in range(2)]
        await stage.until(lambda: all(world.state.bots[bot].status == "connected" for bot in bots))
        player = await stage.make_friends(bots[0])
        before = len(world.happened(BotConnected))
        caplog.clear()
        caplog.set_level(logging.WARNING)

        reload = asyncio.create_task(world.ctx.execute(c.ReloadPlugin(name="steam")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        history = asyncio.create_task(world.ctx.execute(c.ReadHistory(bot_id=bots[0], player=player, since=0)))
        again = [asyncio.create_task(world.ctx.execute(c.ConnectBot(bot_id=bot))) for bot in bots]
        await stage.until(reload.done)
        await reload
        await stage.until(lambda: all(world.state.bots[bot].status == "connected" for bot in bots))
        await asyncio.gather(*again)
        await asyncio.gather(history, return_exceptions=True)
        said = c.DeliverMessage(
            chat_id=ChatId("chat_1"), message_id=MessageId("msg_1"), bot_id=bots[0], player=player, text="Still there?"
        )
        await world.execute(said)

        assert len(world.happened(PluginReloaded)) == 1
        assert len(world.happened(BotConnected)) == before + 2
        assert world.happened(ErrorLogged) == []
        assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
