"""What the simulator has set up on disk: bots with their maFiles, passwords and proxies, and players to talk with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from kernel.ids import SteamId64


class StagedPlayer(Struct, frozen=True, rename="camel"):
    """A simulated person. The system knows only the SteamID; the demo also lets the task's language fit."""

    steam_id64: SteamId64
    language: str


class _Proxy(Struct, frozen=True, rename="camel"):
    login: str
    proxy_url: str


class _Ready(Struct, frozen=True, rename="camel"):
    players: list[StagedPlayer]
    proxies: list[_Proxy]


class StagedBot(Struct, frozen=True):
    """A bot as a developer has it: a maFile, a password, a sticky proxy."""

    steam_id64: SteamId64
    login: str
    ma_file: str
    password: str
    proxy_url: str

    def __repr__(self) -> str:
        return f"StagedBot(steam_id64={self.steam_id64!r}, login={self.login!r}, …)"


class Stage(Struct, frozen=True):
    """The simulator's folder, read."""

    bots: list[StagedBot]
    players: list[StagedPlayer]


def read(folder: Path) -> Stage:
    """Read `ready.json`, `accounts.txt` and `mafiles/`. Raises OSError or msgspec.ValidationError."""
    ready = msgspec.json.decode((folder / "ready.json").read_bytes(), type=_Ready)
    lines = (folder / "accounts.txt").read_text("utf-8").splitlines()
    passwords = dict(line.split(":", 1) for line in lines if ":" in line)
    proxies = {proxy.login: proxy.proxy_url for proxy in ready.proxies}
    bots = [_bot(path, passwords, proxies) for path in sorted((folder / "mafiles").glob("*.maFile"))]
    return Stage(bots, ready.players)


def _bot(path: Path, passwords: dict[str, str], proxies: dict[str, str]) -> StagedBot:
    text = path.read_text("utf-8")
    fields: dict[str, Any] = msgspec.json.decode(text)
    login = str(fields["account_name"])
    return StagedBot(SteamId64(path.stem), login, text, passwords[login], proxies[login])
