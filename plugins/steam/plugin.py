"""The transport as a plugin: its settings, and its parts put together."""

from __future__ import annotations

import argparse
import ssl
import time
from pathlib import Path
from typing import Any, ClassVar

from kernel.errors import PluginFailed
from kernel.hookspecs import hookimpl
from kernel.ids import BotId, SteamId64
from kernel.plugin import Plugin, PluginConfig
from plugins.steam import command_line
from plugins.steam.client import ANSWER_TIMEOUT, Network
from plugins.steam.connection import spare_tls_memory, tls_context
from plugins.steam.dealings import Dealings
from plugins.steam.dial import TIMEOUT
from plugins.steam.directory import DEFAULT_URL, Directory
from plugins.steam.policy import SECOND
from plugins.steam.presence import Presence
from plugins.steam.roster import Roster
from plugins.steam.secrets import SecretStore


class SteamConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[steam]`."""

    directory_url: str = DEFAULT_URL
    """Where the list of CMs is asked for; another one points the transport at another Steam."""
    ca_file: str | None = None
    """A PEM file of the certificate authorities to trust instead of the machine's."""
    key_file: str | None = None
    """The key that seals the bots' secrets, kept elsewhere than beside them; mode 0600."""
    dial_timeout_s: float = TIMEOUT
    """For the way through the proxy, TLS and the WebSocket handshake."""
    answer_timeout_s: float = ANSWER_TIMEOUT
    """For one answer of Steam's."""

    def __post_init__(self) -> None:
        if not self.directory_url.startswith(("http://", "https://")):
            raise ValueError("directory_url: must begin with https:// (or http:// for a simulator)")
        if min(self.dial_timeout_s, self.answer_timeout_s) <= 0:
            raise ValueError("dial_timeout_s, answer_timeout_s: must be above 0")


class Steam(Plugin[SteamConfig]):
    """Signs bots in and carries out what they do. Nothing here leans on another plugin's memory."""

    Config: ClassVar[type[PluginConfig]] = SteamConfig
    essential = True

    _presence: Presence | None = None
    _roster: Roster | None = None

    async def start(self) -> None:
        spare_tls_memory()
        folder = self.ctx.data_dir
        store = SecretStore(folder / "secrets", Path(self.config.key_file) if self.config.key_file else None)
        network = self._network(folder)
        self._presence = Presence(self.ctx, store, network)
        self._presence.start()
        self._roster = Roster(self.ctx, store, network)
        self._roster.start()
        Dealings(self.ctx, self._presence).start()

    async def stop(self) -> None:
        if self._presence is not None:
            await self._presence.stop()
        if self._roster is not None:
            await self._roster.stop()

    @classmethod
    def cli(cls, subcommands: argparse._SubParsersAction[Any]) -> None:
        command_line.add_to(subcommands)

    @hookimpl
    def relationship(self, bot_id: BotId, player: SteamId64) -> str | None:
        return self._presence.relationship(bot_id, player) if self._presence is not None else None

    def _network(self, folder: Path) -> Network:
        tls = _tls(self.config.ca_file)
        return Network(
            directory=Directory(tls, _steam_now_ms, url=self.config.directory_url, keep=folder / "cm-list.json"),
            tls=tls,
            steam_now_ms=_steam_now_ms,
            dial_timeout=self.config.dial_timeout_s,
            answer_timeout=self.config.answer_timeout_s,
        )


def _tls(ca_file: str | None) -> ssl.SSLContext:
    """One context for all bots: each of its own would cost more than their connections."""
    try:
        return tls_context(Path(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise PluginFailed(f"ca_file {ca_file}: cannot be used: {error}") from error


def _steam_now_ms() -> int:
    """Codes, tokens and lists go by the real world's time, however fast the clock of a demonstration runs."""
    return int(time.time() * SECOND)
