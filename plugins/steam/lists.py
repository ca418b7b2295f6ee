"""The lists that go with a folder of maFiles: logins with passwords, and proxies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from plugins.steam import proxy
from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import InputInvalid, ProxyInvalid

# What shops append to `login:password`: e-mail and its password, a shared_secret, a maFile's name or text.
_APPENDED = re.compile(r"[^:@\s]+@[^:@\s]+(:.*)?|[A-Za-z0-9+/\\]{27}=|[^:]+\.mafile|\{.*", re.IGNORECASE)
_SEPARATOR = re.compile(r"[:;|\t]")


class ListInvalid(InputInvalid):
    """A line of a list is none; the message names it by its number and never by what stands there."""


def passwords(lines: Iterable[str]) -> dict[str, str]:
    """Passwords by login in small letters, from `login:password` a line, with or without more behind it.

    A password may hold colons: what follows the second one is cut off only where it looks like what is appended.
    """
    found: dict[str, str] = {}
    for number, line in _lines(lines):
        separator = _SEPARATOR.search(line)
        login, rest = (line[: separator.start()], line[separator.end() :]) if separator else (line, "")
        if separator is None or not login.strip() or not rest:
            raise ListInvalid(SteamRefusal.PASSWORDS_MALFORMED, f"line {number} of the passwords is not login:password")
        password, _, appended = rest.partition(separator[0])
        found[login.strip().casefold()] = password if _APPENDED.fullmatch(appended) else rest
    return found


class Proxies:
    """Proxies in the order of their list, each to be given to one bot; a line `LOGIN URL` is that bot's alone."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Raises `ListInvalid` for the first line that is no proxy."""
        self._own: dict[str, str] = {}
        self._free: list[str] = []
        for number, line in _lines(lines):
            *login, url = line.split()
            try:
                proxy.parse(url)
            except ProxyInvalid as error:
                raise ListInvalid(error.code, f"line {number} of the proxies: {error}") from error
            if login:
                self._own[login[0].casefold()] = url
            else:
                self._free.append(url)

    def offers(self, login: str) -> Iterator[str]:
        """What to try for this bot: its own proxy and no other, or the free ones in turn."""
        own = self._own.get(login.casefold())
        yield from (own,) if own is not None else tuple(self._free)

    def taken(self, url: str) -> None:
        """Somebody has this proxy now: it is offered to nobody else."""
        if url in self._free:
            self._free.remove(url)


def _lines(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """What counts: not the empty lines, nor those that begin with #."""
    for number, line in enumerate(lines, 1):
        stripped = line.removeprefix("\ufeff").strip("\r\n ")
        if stripped and not stripped.startswith("#"):
            yield number, stripped
