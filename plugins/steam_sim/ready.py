"""What a client needs to know of a running simulation: the content of `ready.json`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from plugins.steam_sim.files import write_private
from plugins.steam_sim.options import Ports


class PlayerCard(msgspec.Struct, frozen=True, rename="camel"):
    steam_id64: str
    name: str
    temperament: str
    language: str


class ProxyCard(msgspec.Struct, frozen=True, rename="camel"):
    """A bot's own proxy; its repr leaves the address out, for there is a password in it."""

    login: str
    proxy_url: str

    def __repr__(self) -> str:
        return f"<ProxyCard {self.login}>"


class Ready(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Addresses, files and names of a simulation that is serving."""

    cm_url: str
    directory_url: str
    ca_file: str
    mafiles: str
    accounts_file: str
    seed: int
    ports: Ports
    control_url: str | None = None
    players: tuple[PlayerCard, ...]
    proxies: tuple[ProxyCard, ...]

    def write(self, file: Path) -> None:
        """Put it into a file, which from one moment to the next is there and complete."""
        write_private(file, msgspec.json.format(msgspec.json.encode(self)) + b"\n")
