"""The transport as a plugin: its settings, and its parts put together."""

from __future__ import annotations

import argparse
import asyncio
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from kernel.clock import Clock
from kernel.context import Context
from kernel.errors import PluginFailed
from kernel.events import Relationship
from kernel.findings import Deployment
from kernel.hookspecs import Health, hookimpl
from kernel.ids import BotId, SteamId64
from kernel.machine_clock import SystemClock
from kernel.measures import Measure
from kernel.plugin import Plugin, PluginConfig
from kernel.routes import Route
from plugins.steam import keys, proxies_line
from plugins.steam.accounts import BotAccounts
from plugins.steam.actions import BotActions
from plugins.steam.connection import spare_tls_memory, tls_context
from plugins.steam.connections import Connections
from plugins.steam.dial import TIMEOUT
from plugins.steam.directory import DEFAULT_URL, Directory
from plugins.steam.errors import SecretsUnreadable
from plugins.steam.fetch import fetch
from plugins.steam.hosts import is_loopback
from plugins.steam.importing import command_line
from plugins.steam.importing.imports import Imports
from plugins.steam.keys import KeySource
from plugins.steam.link import Tally
from plugins.steam.local import LocalSessions
from plugins.steam.network import ANSWER_TIMEOUT, Network
from plugins.steam.policy import SECOND
from plugins.steam.proxy import Proxy
from plugins.steam.proxy_check import ProxyCheck, Target, exit_address, fleet_targets
from plugins.steam.secrets import SecretStore
from plugins.steam.sessions import Sessions
from plugins.steam.steam_clock import SteamClock
from plugins.steam.time_report import time_measures, told


class SteamConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[steam]`."""

    directory_url: str = DEFAULT_URL
    """Where the list of CMs is asked for; another one points the transport at another Steam."""
    ca_file: str | None = None
    """A PEM file of the certificate authorities to trust instead of the machine's."""
    key: str | None = None
    """Where the key that seals the secrets is: `file:PATH`, `env:NAME`, `keyring:SERVICE`. Left out: beside them."""
    dial_timeout_s: float = TIMEOUT
    """For the way through the proxy, TLS and the WebSocket handshake."""
    answer_timeout_s: float = ANSWER_TIMEOUT
    """For one answer of Steam's."""
    exit_url: str | None = None
    """An address that answers with its caller's IP address alone: what `switchboard proxies check` tells exits by."""
    unseen_s: float = 5.0
    """A bot whose connection broke and that is back within this time was never shown as gone; 0 shows every break."""

    def __post_init__(self) -> None:
        if not self.directory_url.startswith(("http://", "https://")):
            raise ValueError("directory_url: must begin with https:// (or http:// for a simulator)")
        if self.directory_url.startswith("http://") and not is_loopback(urlsplit(self.directory_url).hostname or ""):
            raise ValueError("directory_url: http is for a simulator on this machine; write it with https://")
        if self.exit_url is not None and not self.exit_url.startswith(("http://", "https://")):
            raise ValueError("exit_url: must begin with https:// (or http:// for a simulator)")
        try:
            self.key_source()
        except ValueError as error:
            raise ValueError(f"key: {error}") from error
        if min(self.dial_timeout_s, self.answer_timeout_s) <= 0:
            raise ValueError("dial_timeout_s, answer_timeout_s: must be above 0")
        if not 0 <= self.unseen_s <= 60:
            raise ValueError("unseen_s: must be from 0 to 60")

    def key_source(self) -> KeySource | None:
        """The place that `key` names; None: beside the secrets."""
        return keys.parse(self.key) if self.key is not None else None

    def findings(self, _: Deployment) -> Iterator[str]:
        """See `kernel.findings.Examined`."""
        if not urlsplit(self.directory_url).hostname:
            yield f"directory_url: {self.directory_url} has no host; leave it out, or give a simulator's address"
        try:
            _tls(self.ca_file)
        except PluginFailed as error:
            yield str(error)
        source = self.key_source()
        try:
            missing = source is not None and source.read() is None and not source.makes
        except SecretsUnreadable as error:
            yield f"key: {error}"
        else:
            if missing:
                yield f"key: {source} holds no key; put one there that `switchboard secrets new-key` prints"


class Steam(Plugin[SteamConfig]):
    """Signs bots in and carries out what they do. Nothing here leans on another plugin's memory."""

    Config: ClassVar[type[PluginConfig]] = SteamConfig
    essential = True

    def __init__(self, ctx: Context, config: SteamConfig) -> None:
        super().__init__(ctx, config)
        self._connections: Connections | None = None
        self._accounts: BotAccounts | None = None
        self._imports: Imports | None = None
        self._held = ExitStack()
        self._tally = Tally()
        self._time: SteamClock | None = None
        self._directory: Directory | None = None
        self._check: ProxyCheck | None = None

    async def start(self) -> None:
        spare_tls_memory()
        folder = self.ctx.data_dir
        store = SecretStore(folder / "secrets", self.config.key_source(), self.ctx.data_gone)
        try:
            self._held.enter_context(store.held())
            await asyncio.to_thread(store.check)
        except (SecretsUnreadable, OSError) as error:
            raise PluginFailed(f"the bots' secrets cannot be had: {error}") from error
        network = self._network(folder)
        self._tally, self._directory = network.tally, network.directory
        sessions = self._sessions(network)
        self._connections = Connections(self.ctx, store, sessions, self.config.unseen_s)
        self._connections.start()
        self._accounts = BotAccounts(self.ctx, store, sessions)
        self._accounts.start()
        self._imports = Imports(self.ctx, store, sessions)
        BotActions(self.ctx, self._connections).start()
        self._check = self._proxy_check(network, store, self._connections, self._accounts)

    async def stop(self) -> None:
        if self._imports is not None:
            self._imports.stop()
        if self._connections is not None:
            await self._connections.stop()
        if self._accounts is not None:
            await self._accounts.stop()
        self._held.close()

    @classmethod
    def cli(cls, subcommands: argparse._SubParsersAction[Any]) -> None:
        command_line.add_to(subcommands)
        proxies_line.add_to(subcommands)

    @hookimpl
    def relationship(self, bot_id: BotId, player: SteamId64) -> Relationship | None:
        return self._connections.relationship(bot_id, player) if self._connections is not None else None

    @hookimpl
    def heard_until(self, bot_id: BotId) -> int | None:
        return self._connections.heard_until(bot_id) if self._connections is not None else None

    @hookimpl
    def routes(self) -> Sequence[Route[Any, Any]]:
        parts = (self._imports, self._check)
        return [route for part in parts if part is not None for route in part.routes()]

    @hookimpl
    def remains(self) -> Sequence[Path]:
        return SecretStore(self.ctx.data_dir / "secrets", self.config.key_source()).files()

    @hookimpl
    def health(self) -> Health:
        """Never a reason not to be ready: codes are made by Steam's time where it is known."""
        return Health("steam.time", ok=True, detail=told(self._time) if self._time is not None else "")

    @hookimpl
    def measures(self) -> Sequence[Measure]:
        tally = self._tally
        return (
            Measure.counter("steam_messages_total", "WebSocket messages from CMs.", tally.messages),
            Measure.counter(
                "steam_malformed_messages_total", "Messages from CMs that could not be read.", tally.malformed
            ),
            Measure.counter("steam_ignored_messages_total", "Messages from CMs that nobody needs.", tally.ignored),
            Measure.counter(
                "steam_directory_odd_entries_total",
                "Entries of Steam's lists of CMs that are none.",
                self._directory.odd_entries if self._directory is not None else 0,
            ),
            *time_measures(self._time),
        )

    def _proxy_check(
        self, network: Network, store: SecretStore, connections: Connections, accounts: BotAccounts
    ) -> ProxyCheck:
        url, timeout = self.config.exit_url, self.config.dial_timeout_s

        async def exit_of(proxy: Proxy) -> str:
            return exit_address(await fetch(url or "", proxy, network.tls, timeout))

        fleet = partial(_fleet, self.ctx, store, connections)
        return ProxyCheck(self.ctx, network.directory.reach, exit_of if url else None, fleet, accounts.holders)

    def _sessions(self, network: Network) -> Sessions:
        """Where bots are signed in."""
        return LocalSessions(network)

    def _network(self, folder: Path) -> Network:
        tls = _tls(self.config.ca_file)
        own, steady = _world_time(self.ctx.clock)
        time = self._time = SteamClock(own, steady)
        return Network(
            directory=Directory(
                tls,
                steady,
                url=self.config.directory_url,
                keep=folder / "cm-list.json",
                fetch=partial(fetch, timeout=self.config.dial_timeout_s),
            ),
            tls=tls,
            time=time,
            dial_timeout=self.config.dial_timeout_s,
            answer_timeout=self.config.answer_timeout_s,
            one_clock=_is_the_worlds(self.ctx.clock),
        )


def _fleet(ctx: Context, store: SecretStore, connections: Connections) -> list[Target]:
    """The proxies of all bots, as they are sealed; reads the disk."""

    def url_of(bot_id: BotId) -> str | None:
        secrets = store.load(bot_id)
        return secrets.proxy_url if secrets is not None else None

    return fleet_targets(tuple(ctx.state.bots), url_of, connections.exit_of)


def _tls(ca_file: str | None) -> ssl.SSLContext:
    """One context for all bots: each of its own would cost more than their connections."""
    try:
        return tls_context(Path(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as error:
        why = f"[Errno {error.errno}] {error.strerror}" if error.filename else error  # the file is named already
        raise PluginFailed(f"ca_file: {ca_file} cannot be used: {why}; name a PEM file of authorities") from error


def _world_time(clock: Clock) -> tuple[Callable[[], int], Callable[[], int]]:
    """What tells the real world's time, and what has elapsed of it whatever is done to the clock.

    That is the system's clock, which a moment's wrong setting of the machine's does not reach, so that no token seems
    to have ended by it; the machine's beside a clock that is not the world's.
    """
    if _is_the_worlds(clock):
        return clock.now, clock.elapsed
    return _steam_now_ms, _steam_now_ms


def _is_the_worlds(clock: Clock) -> bool:
    return isinstance(clock, SystemClock) and clock.rate == 1


def _steam_now_ms() -> int:
    """Codes, tokens and lists go by the real world's time, however fast the clock of a demonstration runs."""
    return int(time.time() * SECOND)
