"""Who is asking, and for what: everything that comes in passes here before anything answers it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from kernel.context import Context
from kernel.errors import Forbidden, Refused
from plugins.api.access import Access
from plugins.api.answers import Header, answer, refusal
from plugins.api.callers import Caller
from plugins.api.cookies import cookie_of, is_ours, set_cookie
from plugins.api.errors import Broken, Unauthorized
from plugins.api.sign_in import address_of

OURS: Final = frozenset({"/healthz", "/readyz", "/sign-in"})
UNLOCKED: Final = frozenset({"/", "/sign-in", "/api/sign-in", "/api/welcome"})
"""What nobody needs a token for: the way in."""


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
        changed: Header | None = None

        async def watched(message: Message) -> None:
            nonlocal begun
            if changed is not None and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], changed]
            begun = True
            await send(message)

        try:
            place, app = self._target(scope["path"])
            scope["user"], changed = self._identify(scope, needed=place not in self._open)
            await app(scope, receive, watched)
        except Refused as refused:
            await answer(watched, refusal(refused))
        except Exception as error:  # contained: an application that a plugin has mounted is somebody else's code
            # the path alone: a query may hold a token
            self._ctx.log.error("%s %s failed", scope.get("method"), scope["path"], exc_info=error)
            if begun:
                raise
            text = "Something failed in here; the log says what."
            await answer(watched, refusal(Broken("internal", text)))

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

    def _identify(self, scope: Scope, *, needed: bool) -> tuple[Caller | None, Header | None]:
        """Who asks, and the cookie that the browser is to keep from now on, if it is another.

        Raises Unauthorized where somebody must be known, Forbidden when a page of another site sends the cookie.
        """
        headers = dict(scope["headers"])
        scheme, _, presented = headers.get(b"authorization", b"").partition(b" ")
        caller, changed = None, None
        if scheme.lower() == b"bearer":
            caller = self._access.by_token(presented.strip().decode("latin-1"))
        elif cookie := cookie_of(headers):
            if is_ours(str(scope.get("method")), headers):
                caller, changed = self._signed_in(scope, cookie)
            elif needed:
                raise Forbidden("crossSite", "A page of another site may not act with this browser's sign-in.")
        if caller is None and needed:
            text = "Sign in, or send a token as `Authorization: Bearer …`; `switchboard token create NAME` makes one."
            raise Unauthorized("unauthorized", text)
        return caller, changed

    def _signed_in(self, scope: Scope, cookie: str) -> tuple[Caller | None, Header | None]:
        known = self._access.by_cookie(cookie, address_of(scope))
        if known is None:
            return None, None
        caller, found = known
        return caller, set_cookie(scope, found.cookie) if found.cookie is not None else None
