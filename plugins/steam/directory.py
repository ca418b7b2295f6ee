"""Where the CMs are: Steam's list of them, asked for through a bot's proxy and shared by the whole process."""

from __future__ import annotations

import codecs
import contextlib
import logging
import math
import os
import random
import re
import ssl
import urllib.parse
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from plugins.steam.errors import DirectoryUnreachable, ProxyRefusedTarget
from plugins.steam.fetch import Body, fetch
from plugins.steam.policy import MINUTE
from plugins.steam.proxy import Proxy

DEFAULT_URL = "https://api.steampowered.com/ISteamDirectory/GetCMListForConnect/v1/"

FRESH_FOR = 5 * MINUTE  # ms; for how long a list is taken as the newest
ASIDE_FOR = 2 * MINUTE  # ms; for how long a CM that failed is passed over
PATIENCE = MINUTE  # ms; after a failure, for how long an old list does without asking again
BEST = 5  # how many of the least loaded are picked from
MAX_ENTRIES = 1_000

_ENDPOINT = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):([1-9][0-9]{0,4})")
_PATH = "/ISteamDirectory/GetCMListForConnect/v1/"
_QUERY = {"cellid": "0", "cmtype": "websockets", "format": "json"}

log = logging.getLogger(__name__)

Fetch = Callable[[str, Proxy, ssl.SSLContext], Awaitable[bytes]]
OnDate = Callable[[str, str, int], None]
"""Gets the headers Date and Age of an answer, and when it was asked for, by the directory's clock."""


HEAVIEST = 1e9
"""The load of a CM of which no number says how busy it is."""
_EMPTY = "Steam's directory lists no CM for WebSockets; it has been empty for hours before"


class Listing(NamedTuple):
    """What an answer lists, the least loaded first, and how many of its entries were none."""

    cms: list[Cm]
    odd: int


class Cm(NamedTuple):
    """A connection manager: `host:port`, and its load as Steam weighs it (less is better)."""

    endpoint: str
    load: float


class Directory:
    """Picks a CM for whoever wants to connect.

    The list is fetched when it is needed and older than five minutes, by whichever bot comes first and through that
    bot's proxy: the request tells nothing of an account. While one fetches, and while nobody can, the old list serves,
    at first the one that an earlier process left in `keep`.
    """

    def __init__(
        self,
        tls: ssl.SSLContext,
        now_ms: Callable[[], int],
        *,
        url: str = DEFAULT_URL,
        keep: Path | None = None,
        chance: random.Random | None = None,
        fetch: Fetch = fetch,
    ) -> None:
        self._tls = tls
        self._now = now_ms
        self._url = directory_url(url)
        self._keep = keep
        self._chance = chance or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._fetch = fetch
        self._cms = self._kept()
        self._ask_at = 0  # ms; from when on the list is to be fetched anew
        self._asking = False
        self._aside: dict[str, int] = {}  # endpoint: until when, ms
        self.on_date: OnDate | None = None
        self.odd_entries = 0
        """Entries of all lists so far that are no CM."""

    async def pick(self, proxy: Proxy) -> str:
        """A CM's `host:port`.

        Raises `DirectoryUnreachable` where no list was ever had, and the `Proxy…` errors of `dial` where this bot's
        proxy is why.
        """
        stale = self._now() >= self._ask_at
        if not self._cms or (stale and not self._asking):
            await self._refresh(proxy)
        return self._choose()

    def method_url(self, name: str) -> str:
        """The web API's address of a service method, at the host that is asked for CMs; `name` as on the CM's way."""
        service, method, version = name.replace("#", ".").split(".")
        parts = urllib.parse.urlsplit(self._url)
        return f"{parts.scheme}://{parts.netloc}/I{service}Service/{method}/v{version}/"

    async def reach(self, proxy: Proxy) -> None:
        """Have the directory answer through this proxy, whatever list is known. Raises what `pick` does."""
        parse(await self._fetch(self._url, proxy, self._tls))

    @property
    def time_url(self) -> str:
        """Where Steam says what time it is, at the same host."""
        return self.method_url("TwoFactor.QueryTime#1")

    def put_aside(self, endpoint: str) -> None:
        """Pass over a CM that just failed, for a while."""
        self._aside[endpoint] = self._now() + ASIDE_FOR

    async def _refresh(self, proxy: Proxy) -> None:
        self._asking = True
        asked = self._now()
        try:
            answer = await self._fetch(self._url, proxy, self._tls)
            if self.on_date is not None and isinstance(answer, Body):
                self.on_date(answer.date, answer.age, asked)
            listing = read(answer)
            self._cms = listing.cms
            if listing.odd:
                self.odd_entries += listing.odd
                log.warning("%s entries of the list of CMs are none and were passed over", listing.odd)
        except (DirectoryUnreachable, ProxyRefusedTarget) as error:
            if not self._cms:
                raise
            log.warning("no new list of CMs, the last one serves: %s", error)
            self._ask_at = self._now() + PATIENCE
        else:
            self._ask_at = self._now() + FRESH_FOR
            self._store()
        finally:
            self._asking = False

    def _choose(self) -> str:
        """One of the best five that have not just failed, on port 443 where there are such: many HTTP proxies open
        tunnels to no other port."""
        now = self._now()
        self._aside = {endpoint: until for endpoint, until in self._aside.items() if until > now}
        usable = [cm for cm in self._cms if cm.endpoint not in self._aside]
        if not usable:
            self._aside.clear()
            usable = self._cms
        likely = [cm for cm in usable if cm.endpoint.endswith(":443")] or usable
        return self._chance.choice(likely[:BEST]).endpoint

    def _kept(self) -> list[Cm]:
        """The last good list of an earlier process; a damaged one is as good as none."""
        if self._keep is None:
            return []
        try:
            pairs = msgspec.json.decode(self._keep.read_bytes(), type=list[tuple[str, float]])
        except (OSError, ValueError, msgspec.MsgspecError):
            return []
        return [Cm(endpoint, load) for endpoint, load in pairs if _is_endpoint(endpoint)][:MAX_ENTRIES]

    def _store(self) -> None:
        if self._keep is None:
            return
        temporary = self._keep.with_name(f".{self._keep.name}.{os.getpid()}.tmp")
        try:
            temporary.write_bytes(msgspec.json.encode(self._cms))
            temporary.replace(self._keep)
        except OSError as error:
            log.warning("the list of CMs cannot be kept in %s: %s", self._keep, error)
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def directory_url(url: str) -> str:
    """The address to ask, from the setting: a whole one, or only `https://host:port`, which gets Steam's path."""
    parts = urllib.parse.urlsplit(url)
    query = _QUERY | dict(urllib.parse.parse_qsl(parts.query))
    path = _PATH if parts.path in ("", "/") else parts.path
    return urllib.parse.urlunsplit(parts._replace(path=path, query=urllib.parse.urlencode(query), fragment=""))


def parse(answer: bytes) -> list[Cm]:
    """The WebSocket CMs of an answer, the least loaded first; `DirectoryUnreachable` where there are none."""
    return read(answer).cms


def read(answer: bytes) -> Listing:
    """The same with the number of entries that are none: each is passed over by itself, and the others count."""
    found: dict[str, Cm] = {}
    odd = 0
    for row in _rows(answer):
        try:
            server = msgspec.json.decode(row, type=_Server)
            cm = server.cm() if server.serves_us() else None
        except (ValueError, RecursionError, msgspec.MsgspecError):
            odd += 1
            continue
        if cm is not None and len(found) < MAX_ENTRIES:
            found.setdefault(cm.endpoint, cm)
    if not found:
        none = f"Steam's directory lists no CM for WebSockets ({odd} entries are none)" if odd else _EMPTY
        raise DirectoryUnreachable(none)
    return Listing(sorted(found.values(), key=lambda cm: cm.load), odd)


def _rows(answer: bytes) -> Iterable[msgspec.Raw]:
    """The entries as they are written, of a list or of an object with numbers for keys, as in Valve's own format."""
    try:
        top = msgspec.json.decode(answer.removeprefix(codecs.BOM_UTF8), type=_Answer)
        given = bytes(top.response) not in (b"", b"null")
        response = msgspec.json.decode(top.response, type=_Response) if given else _Response()
        rows = bytes(response.serverlist or top.serverlist).strip()
        if rows.startswith(b"["):
            return msgspec.json.decode(rows, type=list[msgspec.Raw])
        if rows.startswith(b"{"):
            return msgspec.json.decode(rows, type=dict[str, msgspec.Raw]).values()
        if rows in (b"", b"null", b'""'):
            return ()
    except (ValueError, RecursionError, msgspec.MsgspecError):
        pass
    raise DirectoryUnreachable("the answer of Steam's directory is not the JSON that it should be")


def _is_endpoint(text: str) -> bool:
    found = _ENDPOINT.fullmatch(text)
    return found is not None and int(found[1]) <= 65535


def _number(value: object) -> float | None:
    """A load, also where it is written as a text; None for what is none."""
    try:
        load = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return load if math.isfinite(load) else None


class _Server(msgspec.Struct):
    """One entry; of a load that is none an entry is still of use."""

    endpoint: str
    type: str = "websockets"
    realm: str | None = None
    load: object = None
    wtd_load: object = None

    def serves_us(self) -> bool:
        return self.type == "websockets" and self.realm in (None, "steamglobal")

    def cm(self) -> Cm:
        """ValueError where the endpoint is none."""
        endpoint = self.endpoint.strip().lower()
        if not _is_endpoint(endpoint):
            raise ValueError("no endpoint")
        loads = (_number(self.wtd_load), _number(self.load), HEAVIEST)
        return Cm(endpoint, min(next(load for load in loads if load is not None), HEAVIEST))


class _Response(msgspec.Struct):
    serverlist: msgspec.Raw = msgspec.Raw()


class _Answer(msgspec.Struct):
    response: msgspec.Raw = msgspec.Raw()
    serverlist: msgspec.Raw = msgspec.Raw()
