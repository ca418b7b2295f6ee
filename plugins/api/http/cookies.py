"""The session cookie, and the same-origin check (CSRF) for requests that carry it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from litestar.types import Scope

from kernel.clock import DAY
from plugins.api.http.answers import Header

COOKIE: Final = "switchboard"
COOKIE_LASTS: Final = 30 * DAY
"""How long a browser keeps it: as long as a session can last at most."""
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def cookie_of(headers: Mapping[bytes, bytes]) -> str:
    """The value of the session cookie; empty where there is none."""
    for pair in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


def set_cookie(scope: Scope, value: str) -> Header:
    """The Set-Cookie header: HttpOnly, SameSite=Strict, and Secure over https."""
    return _header(scope, value, COOKIE_LASTS // 1_000)


def forget_cookie(scope: Scope) -> Header:
    return _header(scope, "", 0)


def _header(scope: Scope, value: str, seconds: int) -> Header:
    text = f"{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict"
    secure = scope.get("scheme") == "https"  # as a trusted proxy says, where there is one
    return b"set-cookie", (text + ("; Secure" if secure else "")).encode("latin-1")


def is_same_origin(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request is same-origin, by Sec-Fetch-Site or Origin; a navigation by hand may only read.

    SameSite=Strict keeps other sites out, but not other ports of the same host.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site == b"same-origin" or (site == b"none" and method in READING)
    origin = headers.get(b"origin")
    if origin is not None:
        return origin.partition(b"://")[2] == headers.get(b"host")
    return method in READING
