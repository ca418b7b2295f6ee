"""A simulated Steam with the handles that tests need."""

from __future__ import annotations

from kernel.testing import ManualClock
from plugins.steam_protocol import totp
from plugins.steam_sim.accounts import BotAccount, PlayerAccount
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.ready import Ready
from plugins.steam_sim.simulation import Simulation
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam_sim.client import SteamClient
from tests.plugins.steam_sim.keys import with_key

NOON = 1_800_000_000.0


class Steam:
    """Starts and stops simulations in one folder; `wall` is the time that codes go by, and a test sets it."""

    def __init__(self, options: SimOptions, clock: ManualClock) -> None:
        self.options = options
        self.clock = clock
        self.wall = NOON
        self.ready: Ready
        self.simulation: Simulation

    async def start(self) -> None:
        self.simulation = with_key(Simulation(self.options, self.clock, lambda: self.wall))
        self.ready = await self.simulation.start()

    async def stop(self) -> None:
        await self.simulation.stop()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def bot(self, number: int = 0) -> BotAccount:
        return self.simulation.accounts.bots[number]

    def player(self, temperament: Temperament) -> PlayerAccount:
        """The first player of that temperament."""
        return next(player for player in self.simulation.accounts.players if player.temperament is temperament)

    def code(self, number: int = 0, steps: int = 0) -> str:
        """The Steam Guard code of a bot, now or so many 30-second steps away."""
        return totp.code(self.bot(number).shared_secret, int(self.wall) + steps * totp.STEP_SECONDS)

    def proxy(self, number: int = 0) -> str:
        return self.ready.proxies[number].proxy_url

    async def client(self, proxy: str | None = None) -> SteamClient:
        return await SteamClient.open(self.ready.cm_url, self.ready.ca_file, proxy)

    async def token(self, number: int = 0) -> str:
        """A refresh token of a bot, by a sign-in of its own; takes the code of this step."""
        bot = self.bot(number)
        async with await self.client() as client:
            return await client.sign_in(bot.login, bot.password, self.code(number))

    async def online(self, number: int = 0, proxy: str | None = None) -> SteamClient:
        """A bot that is logged on, its first friends list taken."""
        token = await self.token(number)
        client = await self.client(proxy)
        await client.log_on(self.bot(number).steam_id64, token)
        await client.friends_list()
        return client
