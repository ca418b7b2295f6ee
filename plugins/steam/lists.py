"""The list of proxies that goes with maFiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from plugins.steam import proxy
from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import ProxyInvalid
from plugins.steam.proxy import Proxy


class Entry(NamedTuple):
    """A proxy of a list, by the number of its line; `login` where it is one bot's own."""

    line: int
    proxy: Proxy
    login: str | None = None


class BadLine(NamedTuple):
    """A line that is passed over; `told` names it by its number, says what to do, and never quotes it."""

    line: int
    code: SteamRefusal
    told: str


class Proxies:
    """Proxies in the order of their list, each to be given to one bot; a line `LOGIN PROXY` is that bot's alone.

    A line that is none, or a proxy that an earlier line has already, is among `problems`; the others count.
    """

    def __init__(self, text: str | Iterable[str]) -> None:
        self.entries: list[Entry] = []
        self.problems: list[BadLine] = []
        self._own: dict[str, str] = {}
        self._free: list[str] = []
        seen: dict[tuple[str, int, str], Entry] = {}
        for number, line in _lines(text.splitlines() if isinstance(text, str) else text):
            try:
                entry = _entry(number, line)
            except ProxyInvalid as error:
                self.problems.append(BadLine(number, error.code, f"line {number} of the proxies: {error}"))
                continue
            first = seen.setdefault(entry.proxy.identity, entry)
            if first is not entry:
                told = f"line {number} of the proxies is the proxy of line {first.line} again; give each bot its own"
                self.problems.append(BadLine(number, SteamRefusal.PROXY_TAKEN, told))
                continue
            self.entries.append(entry)
            if entry.login is None:
                self._free.append(entry.proxy.url)
            elif self._own.setdefault(entry.login.casefold(), entry.proxy.url) != entry.proxy.url:
                told = f"line {number} of the proxies is a second one of the same login; the first one is taken"
                self.problems.append(BadLine(number, SteamRefusal.PROXY_DOUBTFUL, told))

    def offers(self, login: str) -> Iterator[str]:
        """What to try for this bot: its own proxy and no other, or the free ones in turn."""
        own = self._own.get(login.casefold())
        yield from (own,) if own is not None else tuple(self._free)

    def taken(self, url: str) -> None:
        """Somebody has this proxy now: it is offered to nobody else."""
        if url in self._free:
            self._free.remove(url)


def _entry(number: int, line: str) -> Entry:
    try:
        return Entry(number, proxy.parse(line))
    except ProxyInvalid:
        login, _, rest = line.partition("\t") if "\t" in line else line.partition(" ")
        if not rest.strip() or "://" in login or rest.lstrip().startswith("#"):
            raise
        return Entry(number, proxy.parse(rest), login)


def _lines(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """What counts: not the empty lines, nor those that begin as a remark."""
    for number, line in enumerate(lines, 1):
        stripped = line.removeprefix("\ufeff").strip("\r\n\0\ufeff ")
        if stripped.strip() and not stripped.startswith(("#", "//")):
            yield number, stripped
