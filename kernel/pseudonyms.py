"""Texts of a running system made fit to be given away: who and where in them becomes a pseudonym, good in one file.

Equal ones are equal within that file and nowhere else: each file has a key of its own, which is kept nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import re
import secrets
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from kernel.redaction import cleaned

LONGEST: Final = 2_000
"""Characters of one text."""
DIGITS: Final = 10
"""Hexadecimal ones of a pseudonym."""
_INDIVIDUAL: Final = 76561197960265728
"""SteamID64 of the account 0 (STEAM_PROTOCOL.md section 3): what short forms count from."""
_STEAM_IDS: Final = re.compile(
    r"(?<![0-9])(7656119[0-9]{10})(?![0-9])|\[[A-Za-z]:[0-9]:([0-9]{1,10})(?::[0-9]{1,10})?\]"
    r"|\bSTEAM_[0-9]:([01]):([0-9]{1,10})\b"
)
_ACTORS: Final = re.compile(r"\b(operator|notebook|shell|player):([^\s,;:)\]}'\"]{1,64})")
_URLS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,20}://)([^\s'\"<>]{1,512})")
_NET_LOCATION: Final = re.compile(r"(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)(:[0-9]{1,5})?")
_HOMES: Final = re.compile(r"((?:/home|/Users|[A-Z]:\\Users)[/\\])([^/\\\s'\":]{1,64})")
_ADDRESSES: Final = re.compile(
    r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w.]?[0-9])|(?<![\w:.])[0-9A-Fa-f:]{2,39}(?:\.[0-9.]{5,13})?(?![\w:])"
)
_MAILBOXES: Final = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}")
_DOTTED: Final = re.compile(r"(?<![\w./\\-])(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}(?![\w\\-])")
_WORDS: Final = re.compile(r"\w+")
_QUOTED: Final = re.compile(
    r"(?<!\w)'(?s:.*?)(?:(?<!\\)'(?!\w)|$)|\"(?s:.*?)(?:(?<!\\)\"|$)|«[^»]*(?:»|$)|“[^”]*(?:”|$)|`[^`]*(?:`|$)"
)
"""What stands in quotation marks; also where the end of it was cut off. The one in `machine's` begins nothing."""
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]{2,}(?:[^\x00-\x7f]|[ ,.!?-])*")
_HERE: Final = frozenset({"127.0.0.1", "::1", "0.0.0.0", "::", "localhost"})  # noqa: S104 - nobody listens there
"""Addresses that every machine has: nothing is known by them."""
_FILES: Final = frozenset(
    "bin crt csv css html js json key lock log mafile md ndjson pem py pyc service so sum toml txt yaml yml zst".split()  # noqa: SIM905 - a list of words
)
"""Endings of files, which are no hosts."""
_MODULES: Final = frozenset({*sys.stdlib_module_names, "kernel", "plugins", "httpx", "litestar", "msgspec", "uvicorn"})


class Pseudonyms:
    """Of one file. `names` are people's and bots' own, `hosts` those that are known to be hosts; `folders` stand in for
    paths of this machine."""

    def __init__(
        self, names: Iterable[str] = (), hosts: Iterable[str] = (), folders: Mapping[str, str] | None = None
    ) -> None:
        self._key = secrets.token_bytes(32)
        self._names: dict[str, list[str]] = {}
        self.know(names, hosts)
        given = {**(folders or {}), os.path.expanduser("~"): "~"}  # noqa: PTH111 - Path's raises where there is no home
        self._folders = sorted(
            ((path, name) for path, name in given.items() if len(path) > 2), key=lambda one: -len(one[0])
        )

    def know(self, names: Iterable[str], hosts: Iterable[str] = ()) -> None:
        """More of them."""
        for kind, known in (("name", names), ("host", hosts)):
            for name in known:
                self._know(name, kind)

    def _know(self, name: str, kind: str) -> None:
        folded = name.strip().casefold()
        first = _WORDS.match(folded) or _WORDS.search(folded)
        if first is not None and folded not in _HERE:
            known = self._names.setdefault(first[0], [])
            known.append(f"{kind} {folded}")
            known.sort(key=len, reverse=True)

    def of(self, kind: str, value: str) -> str:
        """The pseudonym of a value: `steamId-3f9a0c12de`."""
        known = hmac.digest(self._key, f"{kind}\0{value.casefold()}".encode("utf-8", "replace"), hashlib.sha256)
        return f"{kind}-{known.hex()[:DIGITS]}"

    def steam_id(self, steam_id64: str) -> str:
        return self.of("steamId", steam_id64)

    def host(self, host: str) -> str:
        """Of an address or a name, as it is spelled; what every machine has stays."""
        bare = host.strip("[]").casefold()
        return host if bare in _HERE else self.of("host", bare)

    def text(self, text: str) -> str:
        """A text without secrets, people, addresses or this machine's paths."""
        text = cleaned(text, LONGEST)
        for path, name in self._folders:
            text = text.replace(path, name)
        text = _HOMES.sub(lambda found: found[1] + self.of("name", found[2]), text)
        text = _STEAM_IDS.sub(self._steam_id, text)
        text = _ACTORS.sub(lambda found: f"{found[1]}:{self.of('name', found[2])}", text)
        text = _URLS.sub(self._url, text)
        text = _MAILBOXES.sub(lambda found: self.of("mailbox", found[0]), text)
        text = self._without_names(text)
        text = _ADDRESSES.sub(self._address, text)
        return _DOTTED.sub(self._dotted, text)

    def sentence(self, text: str) -> str:
        """The same of words that may repeat what somebody else has said: nothing that was quoted stays either."""
        quoted = _QUOTED.sub(lambda found: f"{found[0][0]}…{found[0][0]}", cleaned(text, LONGEST))
        return self.text(_FOREIGN.sub("… ", quoted)).strip()

    def value(self, value: object) -> Any:
        """Any value in its JSON form, each text in it made fit."""
        return self._built(msgspec.to_builtins(value, str_keys=True))

    def _built(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self._built(below) for key, below in value.items()}
        if isinstance(value, list):
            return [self._built(below) for below in value]
        if isinstance(value, int) and _STEAM_IDS.fullmatch(str(value)):
            return self.steam_id(str(value))
        return value

    def _steam_id(self, found: re.Match[str]) -> str:
        whole, account, lowest, rest = found.groups()
        if whole is None:
            whole = str(_INDIVIDUAL + (int(account) if account is not None else 2 * int(rest) + int(lowest)))
        return self.steam_id(whole)

    def _url(self, found: re.Match[str]) -> str:
        place = _NET_LOCATION.match(found[2])
        assert place is not None  # each of its parts may be empty
        path = "/…" if found[2][place.end() :].strip("/") else ""
        return f"{found[1]}{self.host(place[1])}{place[2] or ''}{path}"

    def _address(self, found: re.Match[str]) -> str:
        try:
            address = ipaddress.ip_address(found[0].rstrip(".:"))
        except ValueError:
            return found[0]
        return self.host(str(address))

    def _dotted(self, found: re.Match[str]) -> str:
        labels = found[0].casefold().split(".")
        numbered = labels[-1][0].isdigit() or all(label.isdigit() for label in labels[:-1])
        if numbered or labels[-1] in _FILES or labels[0] in _MODULES or "_" in labels[-1]:
            return found[0]
        return self.host(found[0])

    def _without_names(self, text: str) -> str:
        folded = text.casefold()
        if len(folded) != len(text) or not self._names:
            text = folded  # a letter whose small form is longer: places have to agree
        pieces, done = [], 0
        for word in _WORDS.finditer(folded):
            for known in self._names.get(word[0], ()) if word.start() >= done else ():
                kind, _, name = known.partition(" ")
                begin = word.start() - len(name.partition(word[0])[0])
                end = begin + len(name)
                whole = begin >= done and folded.startswith(name, begin) and not folded[end : end + 1].isalnum()
                if whole:
                    pieces += [text[done:begin], self.of(kind, name)]
                    done = end
                    break
        return "".join((*pieces, text[done:]))


def host_of(url: str) -> str | None:
    """The host of a URL, where it has one."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
