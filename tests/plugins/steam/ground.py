"""A simulated Steam, and bots of this package that meet it through its proxies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from kernel.testing import ManualClock
from plugins.steam import mafile
from plugins.steam.client import SteamClient
from plugins.steam.connection import tls_context
from plugins.steam.directory import Directory
from plugins.steam.events import SessionEvent
from plugins.steam.network import Network
from plugins.steam.secrets import BotSecrets
from plugins.steam.steam_clock import SteamClock
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.ready import Ready
from plugins.steam_sim.simulation import Simulation
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam_sim.keys import with_key

PATIENCE = 20.0  # seconds after which something that should happen never will

E = TypeVar("E")


class Ground:
    """Steam and the network towards it; `now_ms` is Steam's time, and only a test moves it."""

    def __init__(self, simulation: Simulation, clock: ManualClock, ready: Ready) -> None:
        self.simulation = simulation
        self.clock = clock
        self.ready = ready
        self.now_ms = 1_800_000_000_000
        self.network_ca = Path(ready.ca_file)
        self.network = self.network_with()

    def network_with(
        self, *, ca_file: str | None = None, directory_url: str | None = None, answer_timeout: float = 20.0
    ) -> Network:
        tls = tls_context(Path(ca_file or self.ready.ca_file))
        directory = Directory(tls, lambda: self.now_ms, url=directory_url or self.ready.directory_url)
        return Network(
            directory, tls, SteamClock(lambda: self.now_ms), dial_timeout=10.0, answer_timeout=answer_timeout
        )

    def secrets(self, number: int = 0) -> BotSecrets:
        """What an operator hands in for a bot: its maFile, its password, its proxy. Even numbers have a SOCKS5 one."""
        account = self.simulation.accounts.bots[number]
        file = mafile.parse(next(Path(self.ready.mafiles).glob(f"{account.steam_id64}*")).read_bytes())
        return BotSecrets(
            account_name=file.account_name,
            shared_secret=file.shared_secret,
            proxy_url=self.ready.proxies[number].proxy_url,
            mafile=file.document,
            password=account.password,
            steam_id64=file.steam_id64,
        )

    def player(self, temperament: Temperament) -> int:
        """The SteamID64 of the first player of that temperament."""
        return next(p.steam_id64 for p in self.simulation.accounts.players if p.temperament is temperament)

    def next_code(self) -> None:
        """Let time pass until a sign-in has a code that was not used yet."""
        self.now_ms += 60_000


class Bot:
    """One bot of this package with what it saw and what it would have put on disk."""

    def __init__(self, ground: Ground, number: int = 0, network: Network | None = None) -> None:
        self.ground = ground
        self.network = network or ground.network
        self.secrets = ground.secrets(number)
        self.saved: list[BotSecrets] = []
        self.seen: list[SessionEvent] = []
        self._news = asyncio.Event()
        self.client: SteamClient

    async def connect(self) -> SteamClient:
        self.client = await SteamClient.connect(
            self.secrets, self.network, save=self.save, on_event=self.hear, name=self.secrets.account_name
        )
        return self.client

    async def save(self, secrets: BotSecrets) -> None:
        await asyncio.sleep(0)
        self.secrets = secrets
        self.saved.append(secrets)

    def hear(self, event: SessionEvent) -> None:
        self.seen.append(event)
        self._news.set()

    async def sees(self, kind: type[E], fits: Callable[[E], bool] = lambda event: True) -> E:
        """The first event of that kind that fits, waited for."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for event in self.seen:
                    if isinstance(event, kind) and fits(event):
                        return event
                self._news.clear()
                await self._news.wait()

    async def ends(self) -> BaseException | None:
        """Why the session is over, waited for."""
        return await asyncio.wait_for(asyncio.shield(self.client.closed), PATIENCE)

    def forgets_password(self) -> None:
        self.secrets = replace(self.secrets, password=None)


@asynccontextmanager
async def connected(ground: Ground, number: int = 0, network: Network | None = None) -> AsyncIterator[Bot]:
    bot = Bot(ground, number, network)
    await bot.connect()
    try:
        yield bot
    finally:
        await bot.client.log_off()


@asynccontextmanager
async def simulated(folder: Path, heartbeat_seconds: int = 9, cms: int = 1) -> AsyncIterator[Ground]:
    clock = ManualClock()
    options = SimOptions(
        folder=folder, bots=2, players=20, seed=7, heartbeat_seconds=heartbeat_seconds, cms=cms, poll_interval=0.1
    )
    wall: list[Ground] = []
    simulation = with_key(Simulation(options, clock, lambda: wall[0].now_ms / 1000 if wall else 0.0))
    ready = await simulation.start()
    wall.append(Ground(simulation, clock, ready))
    try:
        yield wall[0]
    finally:
        await simulation.stop()
