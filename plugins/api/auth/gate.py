"""The middleware in front of everything: Host check, authentication, CSRF check and rate limit."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple, cast
from urllib.parse import urlsplit

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from kernel.context import Context
from kernel.errors import CommandError, Forbidden, Malformed, Rejected
from kernel.roles import Role
from plugins.api.auth.access import Access
from plugins.api.auth.callers import Caller, address_of
from plugins.api.codes import ApiRefusal
from plugins.api.errors import Broken, FileUnreadable, Misdirected, Unauthorized
from plugins.api.http.addresses import origin_of
from plugins.api.http.answers import JSON, Header, answer, refusal
from plugins.api.http.connections import wire_of
from plugins.api.http.cookies import READING, cookie_of, is_same_origin, set_cookie
from plugins.api.http.endpoints import HttpEndpoint
from plugins.api.http.page import file_path
from plugins.api.http.rates import RateLimiter

METRICS_PATH: Final = "/metrics"
PATH_LENGTH: Final = 200
"""Characters of a path that are logged."""
SEND_S: Final = 60.0
"""Seconds until a client that reads nothing of its response is disconnected."""
HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]*)(:[0-9]{0,5})?")
"""What the header Host may hold: uri-host [":" port] of RFC 9110, 7.2."""


class AllowedHosts:
    """The Host names that are accepted: protects against DNS rebinding."""

    def __init__(self, public_url: str | None, *, known_only: bool) -> None:
        """`known_only`: accept localhost, addresses and `public_url` alone, for a server that listens on loopback."""
        self._public = urlsplit(public_url).netloc.lower() if public_url is not None else None
        self._known_only = known_only

    def expect(self, host: str) -> None:
        """Raises Malformed, Misdirected."""
        found = HOST.fullmatch(host)
        if found is None:
            raise Malformed(
                ApiRefusal.INVALID_HOST, "The header Host is not a valid host name, such as localhost:8040."
            )
        if not self._known_only or host.lower() == self._public:
            return
        name = found[1].strip("[]").lower()
        if name != "localhost" and not _is_address(name):
            text = "The Host is not a name of this server; where a proxy sets it, configure it as [api] public_url."
            raise Misdirected(ApiRefusal.WRONG_HOST, text)


class Limiter(NamedTuple):
    """The rate limits: by caller, and by address for requests without one."""

    known: RateLimiter
    strangers: RateLimiter

    def expect(self, caller: Caller | None, address: str) -> None:
        """Raises Rejected."""
        wait = self.strangers.take(origin_of(address)) if caller is None else self.known.take(caller.actor)
        if wait:
            raise Rejected(
                ApiRefusal.TOO_MANY_REQUESTS, "Too many requests: the rate limit is reached.", retry_after=wait
            )


class Gate:
    """Passes a request on to the routes of `app`, or to the application that a plugin has mounted at its path."""

    def __init__(
        self,
        app: ASGIApp,
        ctx: Context,
        access: Access,
        endpoints: Sequence[HttpEndpoint[Any]],
        open_paths: Collection[str],
        limiter: Limiter,
        hosts: AllowedHosts,
    ) -> None:
        """`endpoints` are what `app` serves. `open_paths`: those of them that need no token although they could, and
        mounts with all that is under them."""
        self._limiter = limiter
        self._hosts = hosts
        self._app = app
        self._ctx = ctx
        self._access = access
        closed = {endpoint.path for endpoint in endpoints if not endpoint.can_open}
        self._open = {endpoint.path for endpoint in endpoints if endpoint.role is None} | (set(open_paths) - closed)
        self._endless = {endpoint.path for endpoint in endpoints if endpoint.endless}
        self._documented = {endpoint.path for endpoint in endpoints if endpoint.documented}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = admitted = False
        changed: Header | None = None

        async def watched(message: Message) -> None:
            nonlocal begun
            if changed is not None and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], changed]
            begun = True
            async with asyncio.timeout(patience):
                await send(message)

        patience = None if scope["path"] in self._endless else SEND_S
        try:
            self._hosts.expect(dict(scope["headers"]).get(b"host", b"").decode("latin-1"))
            scope["path"] = file_path(scope["path"])
            place, app = self._target(scope["path"])
            needed = place not in self._open
            unknown: CommandError = _unknown()
            try:
                scope["user"], changed = self._identify(scope, needed=needed)
            except FileUnreadable as error:
                scope["user"], unknown = None, error.refusal
            admitted = True
            self._limiter.expect(scope["user"], address_of(scope))
            if needed and scope["user"] is None:
                raise unknown
            if scope["user"] is not None:
                wire_of(scope).known()
                self._expect_reach(scope["user"], place, app)
            await app(scope, receive, watched)
        except CommandError as refused:
            await answer(watched, refusal(refused if admitted else self._counted(refused, scope)))
        except TimeoutError:
            if not begun:
                raise
            wire_of(scope).abort()  # the client reads nothing
        except Exception as error:  # contained: an application that a plugin has mounted is somebody else's code
            # the path alone: a query may hold a token
            self._ctx.log.error("%s %s failed", scope.get("method"), scope["path"][:PATH_LENGTH], exc_info=error)
            if begun:
                raise
            text = "Internal error; see the log."
            await answer(watched, refusal(Broken(ApiRefusal.INTERNAL, text)))

    def _counted(self, refused: CommandError, scope: Scope) -> CommandError:
        """The refusal of what has not come as far as the rate limit, which counts it as a stranger's all the same."""
        try:
            self._limiter.expect(None, address_of(scope))
        except Rejected as limited:
            return limited
        return refused

    def _expect_reach(self, caller: Caller, place: str, app: ASGIApp) -> None:
        """Raises Forbidden where a program that may only scrape asks for another mount. Routes check their own role."""
        if app is not self._app and place != METRICS_PATH:
            caller.expect(Role.VIEWER, place)

    def _target(self, path: str) -> tuple[str, ASGIApp]:
        """The route's or mount's path, and the application that serves it. Mounts come and go with their plugins."""
        if path in self._documented or path.startswith("/api/"):
            return path, self._app
        mounts = self._ctx.hooks.mounts()
        place = path.rstrip("/") or "/"
        while True:
            if place in mounts:
                return place, cast("ASGIApp", mounts[place])
            if place == "/":
                return path, self._app
            place = place.rpartition("/")[0] or "/"

    def _identify(self, scope: Scope, *, needed: bool) -> tuple[Caller | None, Header | None]:
        """Authenticate the request. Returns the caller, and a Set-Cookie header where the session cookie was rotated.

        Raises Forbidden where somebody must be known, and a page of another site sends the cookie, and FileUnreadable.
        """
        headers = dict(scope["headers"])
        scheme, _, presented = headers.get(b"authorization", b"").partition(b" ")
        caller, changed = None, None
        if scheme.lower() == b"bearer":
            caller = self._access.by_token(presented.strip().decode("latin-1"))
        elif cookie := cookie_of(headers):
            if is_same_origin(str(scope.get("method")), headers):
                _expect_json(str(scope.get("method")), headers)
                caller, changed = self._signed_in(scope, cookie)
            elif needed:
                raise Forbidden(ApiRefusal.CROSS_SITE, "The session cookie was sent by a page of another site (CSRF).")
        return caller, changed

    def _signed_in(self, scope: Scope, cookie: str) -> tuple[Caller | None, Header | None]:
        known = self._access.by_cookie(cookie, address_of(scope))
        if known is None:
            return None, None
        caller, found = known
        return caller, set_cookie(scope, found.cookie) if found.cookie is not None else None


def _unknown() -> Unauthorized:
    text = "Sign in, or send a token as `Authorization: Bearer …`; `switchboard token create NAME` makes one."
    return Unauthorized(ApiRefusal.UNAUTHORIZED, text)


def _expect_json(method: str, headers: dict[bytes, bytes]) -> None:
    """Raises Malformed unless the body is JSON, which no HTML form can send: a second defence against CSRF."""
    if method not in READING and headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != JSON:
        raise Malformed(ApiRefusal.NOT_JSON, "Send it as application/json.")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
