"""The transport against the simulated Steam keeps what every transport has to keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path

from kernel.ids import BotId, SteamId64
from kernel.transport_contract import TransportContract, TransportStage
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam.test_plugin import Stage, staged


class SimulatedStage(TransportStage):
    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.world)
        self._stage = stage
        self._numbers = count()
        people = stage.simulation.accounts.players
        self._players = (p.steam_id64 for p in people if p.temperament is Temperament.SILENT)

    async def add_bot(self) -> BotId:
        return await self.world.execute(self._stage.add_command(next(self._numbers)))

    def player(self) -> SteamId64:
        return SteamId64(str(next(self._players)))

    async def accept(self, bot_id: BotId, player: SteamId64) -> None:
        """They do so by themselves."""

    async def say(self, bot_id: BotId, player: SteamId64, text: str) -> None:
        account = int(self.world.state.bots[bot_id].steam_id64)
        self._stage.simulation.desk.social.chats.say(int(player), account, text)

    async def breathe(self) -> None:
        await asyncio.sleep(0.002)


@asynccontextmanager
async def stage(tmp_path: Path) -> AsyncIterator[TransportStage]:
    async with staged(tmp_path) as running:
        yield SimulatedStage(running)


class TestSteamKeepsTheContract(TransportContract):
    def staged(self, tmp_path: Path) -> AbstractAsyncContextManager[TransportStage]:
        return stage(tmp_path)
