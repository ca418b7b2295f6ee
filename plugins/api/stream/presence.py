"""Presence: which pages are open, which chats they show, and where somebody types.

True for moments, so it is no event, and in no state: nothing of it is on disk, and a restart begins with nobody. It
goes out over the event streams of pages beside the batches, always whole, so that whoever missed one message has
missed nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Annotated, Final
from urllib.parse import parse_qs

import msgspec
from litestar.types import Receive, Scope, Send
from msgspec import Meta, Struct

from kernel.codec import encode
from kernel.errors import CommandError, Malformed, NotFound
from plugins.api.auth.callers import Caller
from plugins.api.codes import ApiRefusal
from plugins.api.http import bodies
from plugins.api.http.answers import answer, done, refusal
from plugins.api.stream.encodings import EncodedMessage

PATH: Final = "/api/presence"
SIGHT_BYTES: Final = 4 * 1024
WINDOW_S: Final = 0.1
"""At most one message in this time."""
SILENT_S: Final = 90.0
"""A page that has reported nothing for so long is not present: a browser wakes a hidden page once a minute."""
LOOK_S: Final = 10.0
"""How often silent pages are looked for."""

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Sight(Struct, frozen=True, forbid_unknown_fields=True):
    """What a page reports: `page` is the name under which it reads the event stream."""

    page: Id
    here: bool
    """Its window is in sight."""
    chats: Annotated[tuple[Id, ...], Meta(max_length=12)] = ()
    """The chats that it shows."""
    typing: Id | None = None
    """The chat in which its operator writes to the player just now."""


class Presence(Struct, frozen=True):
    """One page, as it is broadcast."""

    page: str
    actor: str
    here: bool
    chats: tuple[str, ...]
    typing: str | None


_DECODER: Final = msgspec.json.Decoder(Sight)


class _Page:
    __slots__ = ("connection", "heard_at", "sight")

    def __init__(self, connection: object, name: str, heard_at: float) -> None:
        self.connection = connection
        self.sight = Sight(page=name, here=False)
        self.heard_at = heard_at


class PresenceRegistry:
    """All pages that are present. `wake` wakes the streams when that has changed."""

    def __init__(self, wake: Callable[[], None], now: Callable[[], float] = time.monotonic) -> None:
        self._wake = wake
        self._now = now
        self._pages: dict[tuple[Caller, str], _Page] = {}
        self._changed = asyncio.Event()
        self._told: tuple[Presence, ...] = ()
        self.message = EncodedMessage(b"event: presence\ndata: []\n\n")
        self.version = 1

    def join(self, caller: Caller, name: str, connection: object) -> None:
        """Add a page that has opened an event stream; a reconnect replaces its former connection."""
        known = self._pages.get((caller, name))
        if known is None:
            self._pages[caller, name] = _Page(connection, name, self._now())
        else:
            known.connection, known.heard_at = connection, self._now()
        self._changed.set()

    def leave(self, caller: Caller, name: str, connection: object) -> None:
        """Remove a page whose stream has ended, unless it has reconnected."""
        known = self._pages.get((caller, name))
        if known is not None and known.connection is connection:
            del self._pages[caller, name]
            self._changed.set()

    def report(self, caller: Caller, sight: Sight) -> None:
        """Update what a page shows. Raises NotFound where it has no event stream, whose end would remove it."""
        known = self._pages.get((caller, sight.page))
        if known is None:
            text = f"{caller.actor} has no event stream open as page={sight.page}; open that first."
            raise NotFound(ApiRefusal.UNKNOWN_PAGE, text, field="page")
        known.sight, known.heard_at = sight, self._now()
        self._changed.set()

    async def run(self) -> None:
        """Rebuild the message whenever something has changed; run as a task."""
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._changed.wait()
            except TimeoutError:
                pass
            self._changed.clear()
            now = self._now()
            present = tuple(
                Presence(name, caller.actor, page.sight.here, page.sight.chats, page.sight.typing)
                for (caller, name), page in sorted(
                    self._pages.items(), key=lambda entry: (entry[0][0].actor, entry[0][1])
                )
                if now - page.heard_at < SILENT_S
            )
            if present != self._told:
                self._told = present
                self.message = EncodedMessage(b"event: presence\ndata: %s\n\n" % encode(present))
                self.version += 1
                self._wake()
            await asyncio.sleep(WINDOW_S)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`POST /api/presence`."""
        try:
            self.report(scope["user"], _sight(await bodies.read(receive, SIGHT_BYTES)))
        except CommandError as refused:
            await answer(send, refusal(refused))
        except bodies.ClientDisconnected:
            return
        else:
            await answer(send, done(None))


def page_of(scope: Scope) -> str | None:
    """The name under which a page asks for the event stream; None for a client that is no page. Raises Malformed."""
    names = parse_qs(scope["query_string"].decode("latin-1")).get("page")
    if names is None:
        return None
    try:
        return msgspec.convert(names[-1], Id)
    except msgspec.ValidationError:
        text = "page: give 1 to 64 letters, digits, dashes or underscores, or leave it out"
        raise Malformed(ApiRefusal.INVALID_PAGE, text, field="page") from None


def _sight(body: bytes) -> Sight:
    try:
        return _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        text = f'{error}; a page says {{"page", "here", "chats"?, "typing"?}}'
        raise Malformed(ApiRefusal.INVALID_PRESENCE, text) from None
