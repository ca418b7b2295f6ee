"""Who is asking, and for what: everything that comes in passes here before anything answers it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from kernel.context import Context
from kernel.errors import Forbidden, Refused
from plugins.api.access import Access
from plugins.api.answers import answer, refusal
from plugins.api.callers import Caller
from plugins.api.errors import Broken, Unauthorized

COOKIE: Final = "switchboard"
"""The cookie that holds a browser's token: EventSource cannot send an Authorization header."""
OURS: Final = frozenset({"/healthz", "/readyz", "/sign-in"})
UNLOCKED: Final = frozenset({"/", "/sign-in"})
"""What nobody needs a token for: the way in."""
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """Lets a request through to our own routes, or to the plugin that has mounted an application at its path."""

    def __init__(self, app: ASGIApp, ctx: Context, access: Access, open_paths: Collection[str]) -> None:
        """`open_paths`: paths, and mounts with all that is under them, that need no token."""
        self._app = app
        self._ctx = ctx
        self._access = access
        self._open = UNLOCKED | frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            place, app = self._target(scope["path"])
            scope["user"] = self._identify(scope, needed=place not in self._open)
            await app(scope, receive, watched)
        except Refused as refused:
            await answer(send, refusal(refused))
        except Exception as error:  # contained: an application that a plugin has mounted is somebody else's code
            # the path alone: a query may hold a token
            self._ctx.log.error("%s %s failed", scope.get("method"), scope["path"], exc_info=error)
            if begun:
                raise
            text = "Something failed in here; the log says what."
            await answer(send, refusal(Broken("internal", text)))

    def _target(self, path: str) -> tuple[str, ASGIApp]:
        """The path that rules apply to, and who serves it. Mounts come and go with the plugins that offer them."""
        if path in OURS or path.startswith("/api/"):
            return path, self._app
        mounts = self._ctx.ask.mounts()
        place = path.rstrip("/") or "/"
        while True:
            if place in mounts:
                return place, cast("ASGIApp", mounts[place])
            if place == "/":
                return path, self._app
            place = place.rpartition("/")[0] or "/"

    def _identify(self, scope: Scope, *, needed: bool) -> Caller | None:
        """Who asks. Raises Unauthorized where a token is needed, Forbidden when a page of another site sends it."""
        headers = dict(scope["headers"])
        scheme, _, presented = headers.get(b"authorization", b"").partition(b" ")
        caller = None
        if scheme.lower() == b"bearer":
            caller = self._access.by_token(presented.strip().decode("latin-1"))
        elif b"cookie" in headers:
            caller = self._access.by_token(cookie(headers[b"cookie"].decode("latin-1")))
            if caller is not None and not _from_our_own_page(str(scope.get("method")), headers):
                if needed:
                    text = "A page of another site may not act with this browser's sign-in."
                    raise Forbidden("crossSite", text)
                caller = None
        if caller is None and needed:
            text = "Send a token as `Authorization: Bearer …`, or sign in; `switchboard token create NAME` makes one."
            raise Unauthorized("unauthorized", text)
        return caller


def cookie(header: str) -> str:
    """The token in a Cookie header; empty when there is none."""
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


def _from_our_own_page(method: str, headers: dict[bytes, bytes]) -> bool:
    """Whether a request with a cookie was made by a page of ours, or by hand where it only reads.

    SameSite=Strict keeps other sites out, but not other ports of the same host.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site == b"same-origin" or (site == b"none" and method in READING)
    origin = headers.get(b"origin")
    if origin is not None:
        return origin.partition(b"://")[2] == headers.get(b"host")
    return method in READING
