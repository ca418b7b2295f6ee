"""The simulated Steam as a plugin: served from inside the system, which still speaks to it over sockets alone."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from kernel.errors import PluginFailed
from kernel.plugin import Plugin, PluginConfig
from plugins.steam_sim.errors import SimulationError
from plugins.steam_sim.options import Ports, SimOptions
from plugins.steam_sim.simulation import Simulation


class SteamSimConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[steam_sim]`. Ports that are 0 are chosen at the first start and kept."""

    folder: str
    """Where the simulated Steam keeps its world, and writes maFiles, accounts and `ready.json`."""
    bots: int = 20
    players: int = 60
    seed: int | None = None
    cm_port: int = 0
    directory_port: int = 0
    socks_port: int = 0
    http_proxy_port: int = 0

    def __post_init__(self) -> None:
        try:
            self.options()
        except SimulationError as error:
            raise ValueError(str(error)) from error

    def options(self) -> SimOptions:
        """The same in the simulation's own words."""
        ports = Ports(
            cm=self.cm_port, directory=self.directory_port, socks=self.socks_port, http_proxy=self.http_proxy_port
        )
        return SimOptions(folder=Path(self.folder), bots=self.bots, players=self.players, seed=self.seed, ports=ports)


class SteamSim(Plugin[SteamSimConfig]):
    """Its players live by the system's clock. Nobody else in the process knows that it is there."""

    Config: ClassVar[type[PluginConfig]] = SteamSimConfig
    essential = True
    _simulation: Simulation | None = None

    async def start(self) -> None:
        try:
            simulation = Simulation(self.config.options(), self.ctx.clock)
            ready = await simulation.start()
        except SimulationError as error:
            raise PluginFailed(str(error)) from error
        self._simulation = simulation
        self.ctx.log.info("the simulated Steam serves its directory at %s", ready.directory_url)

    async def stop(self) -> None:
        if self._simulation is not None:
            await self._simulation.stop()
