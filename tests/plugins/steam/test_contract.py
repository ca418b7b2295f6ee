"""The transport against the simulated Steam keeps what every transport has to keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path

from kernel.commands import SendInvite
from kernel.ids import BotId, SteamId64
from kernel.testing.transports import INVITE, Request, TransportContract, TransportStage
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam.test_plugin import Stage, staged


class SimulatedStage(TransportStage):
    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.world)
        self._stage = stage
        self._numbers = count()
        people = stage.simulation.accounts.players
        self._players = (p.steam_id64 for p in people if p.temperament is Temperament.SILENT)
        self._strangers = (p.steam_id64 for p in people if p.temperament is Temperament.NEVER)

    async def add_bot(self) -> BotId:
        return await self.world.execute(self._stage.add_command(next(self._numbers)))

    def player(self) -> SteamId64:
        return SteamId64(str(next(self._players)))

    def stranger(self) -> SteamId64:
        return SteamId64(str(next(self._strangers)))

    async def accept(self, bot_id: BotId, player: SteamId64) -> None:
        """They do so by themselves."""

    async def say(self, bot_id: BotId, player: SteamId64, text: str) -> None:
        account = int(self.world.state.bots[bot_id].steam_id64)
        self._stage.simulation.desk.social.chats.say(int(player), account, text)

    def got(self, bot_id: BotId, player: SteamId64) -> list[str]:
        account = int(self.world.state.bots[bot_id].steam_id64)
        world = self._stage.simulation.desk.backend.world
        seen = world.relationship(int(player), account) in {
            EFriendRelationship.REQUEST_RECIPIENT,
            EFriendRelationship.FRIEND,
        }
        said = [
            message.text for message in world.conversation(int(player), account).messages if message.sender == account
        ]
        return [INVITE] * seen + said

    @asynccontextmanager
    async def _while(self, fault: Fault) -> AsyncIterator[None]:
        self._stage.simulation.faults.switch_on(fault)
        yield
        self._stage.simulation.faults.switch_off()

    def refusing(self, request: Request) -> AbstractAsyncContextManager[None]:
        of = FaultKind.INVITE_RESULT if isinstance(request, SendInvite) else FaultKind.CHAT_RESULT
        return self._while(Fault(of, eresult=EResult.BUSY))

    def losing_the_answer(self, request: Request) -> AbstractAsyncContextManager[None]:
        return self._while(Fault(FaultKind.LATE_ANSWERS, delay_ms=3_600_000))

    def taking_nothing(self, request: Request) -> AbstractAsyncContextManager[None]:
        return self._while(Fault(FaultKind.STALL))

    async def breathe(self) -> None:
        await asyncio.sleep(0.002)


@asynccontextmanager
async def stage(tmp_path: Path) -> AsyncIterator[TransportStage]:
    async with staged(tmp_path, answer_timeout_s=1.0) as running:
        yield SimulatedStage(running)


class TestSteamKeepsTheContract(TransportContract):
    def staged(self, tmp_path: Path) -> AbstractAsyncContextManager[TransportStage]:
        return stage(tmp_path)
