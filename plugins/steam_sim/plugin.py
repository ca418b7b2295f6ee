"""The plugin: a simulated Steam inside the process, by the kernel's clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kernel.codes import KernelRefusal
from kernel.context import Context
from kernel.errors import Malformed, PluginFailed
from kernel.findings import Deployment, unwritable
from kernel.plugin import Plugin, PluginConfig
from plugins.steam_sim.clock import OwnClock
from plugins.steam_sim.commands import DoAsPlayer, ShowPersona, SwitchFaultOn, SwitchFaultsOff
from plugins.steam_sim.errors import BadOptions, SimulationError, SteamRefused
from plugins.steam_sim.faults import FaultRule
from plugins.steam_sim.options import Ports, SimOptions
from plugins.steam_sim.simulation import Simulation


class SteamSimConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[steam_sim]`. A port of 0 is the folder's from an earlier run, or a free one."""

    folder: str | None = None
    """Where its files are. Left out: the plugin's own data folder."""
    bots: int = 20
    """Accounts that are made for bots, with their maFiles."""
    players: int = 60
    """Accounts that are made for players, who answer by themselves."""
    seed: int | None = None
    """What accounts and players come from. A folder keeps the seed that it was made with."""
    cms: int = 1
    """How many CMs the directory lists."""
    host: str = "127.0.0.1"
    """The address that everything listens on."""
    directory_port: int = 0
    """Of the Web API with the list of CMs."""
    cm_port: int = 0
    """Of the CM, a WebSocket over TLS."""
    socks_port: int = 0
    """Of the SOCKS5 proxy that bots go through."""
    http_proxy_port: int = 0
    """Of the HTTP proxy that bots go through."""
    hostile_names: bool = False
    """Players are called as people are who mean no good: controls, marks of direction, nothing at all."""
    faults: tuple[FaultRule, ...] = ()
    """What goes wrong from the start."""

    def __post_init__(self) -> None:
        if self.folder is not None and not self.folder.strip():
            raise ValueError("folder: give a path, or leave it out")
        try:
            self.options(Path())
        except BadOptions as error:
            raise ValueError(str(error)) from error

    def findings(self, _: Deployment) -> Iterator[str]:
        """See `kernel.findings.Examined`."""
        if self.folder is not None and (objection := unwritable(Path(self.folder))) is not None:
            yield f"folder: {objection}"

    def options(self, folder: Path) -> SimOptions:
        """The same as options of a simulation in `folder`."""
        ports = Ports(
            cm=self.cm_port, directory=self.directory_port, socks=self.socks_port, http_proxy=self.http_proxy_port
        )
        return SimOptions(
            folder=folder,
            bots=self.bots,
            players=self.players,
            seed=self.seed,
            host=self.host,
            ports=ports,
            cms=self.cms,
            hostile_names=self.hostile_names,
        )


class SteamSim(Plugin[SteamSimConfig]):
    """Serves while it runs; `ready.json` in its folder tells the rest of the world where."""

    Config = SteamSimConfig

    def __init__(self, ctx: Context, config: SteamSimConfig) -> None:
        super().__init__(ctx, config)
        self.simulation: Simulation | None = None

    async def start(self) -> None:
        """Raises PluginFailed."""
        folder = Path(self.config.folder) if self.config.folder is not None else self.ctx.data_dir
        try:
            simulation = Simulation(self.config.options(folder), OwnClock(self.ctx.clock))
            for rule in self.config.faults:
                simulation.switch_on(rule)
            ready = await simulation.start()
        except SimulationError as error:
            raise PluginFailed(str(error)) from error
        self.simulation = simulation
        self.ctx.handle(SwitchFaultOn, self._switch_on)
        self.ctx.handle(SwitchFaultsOff, self._switch_off)
        self.ctx.handle(ShowPersona, self._show)
        self.ctx.handle(DoAsPlayer, self._do)
        self.ctx.log.info("a simulated Steam serves at %s", ready.cm_url)

    async def stop(self) -> None:
        if self.simulation is not None:
            await self.simulation.stop()
            self.simulation = None

    def _switch_on(self, command: SwitchFaultOn) -> None:
        if self.simulation is not None:
            self.simulation.faults.switch_on(command.rule())

    def _switch_off(self, command: SwitchFaultsOff) -> None:
        account = int(command.steam_id64) if command.steam_id64 else None
        if self.simulation is not None:
            self.simulation.faults.switch_off(command.fault, account)

    def _do(self, command: DoAsPlayer) -> None:
        if self.simulation is not None:
            try:
                self.simulation.deeds.do(int(command.player), command.deed, int(command.other), command.text)
            except SteamRefused as refused:
                raise Malformed(KernelRefusal.INVALID_COMMAND, f"Steam refuses it: {refused.reason}.") from refused

    def _show(self, command: ShowPersona) -> None:
        if self.simulation is None:
            return
        try:
            self.simulation.personas.show(
                int(command.player),
                name=command.name,
                avatar=command.avatar,
                state=command.state,
                app=command.app,
                game=command.game,
            )
        except SteamRefused as refused:
            raise Malformed(
                KernelRefusal.INVALID_COMMAND, f"Steam takes no such persona: {refused.reason}."
            ) from refused
