"""The tokens of Steam in a maFile, wherever and however they stand, and which of them a sign-in can use.

A token is `steamid||JWT` in a cookie (`%7C%7C` where it is url-escaped), a JWT by itself, or an object with it as
`Token` (Nebula). What SDA called `OAuthToken` was no JWT before 2023; some programs keep one there since.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from plugins.steam.documents import fold
from plugins.steam_protocol import jwt
from plugins.steam_protocol.errors import TokenMalformed

_CONTAINERS: Final = ("session", "sessiondata", "tokens")
_KEYS: Final = (
    "refreshtoken",
    "clientrefreshtoken",
    "mobilerefreshtoken",
    "accesstoken",
    "oauthtoken",
    "token",
    "steamloginsecure",
    "steamlogin",
    "steamrefreshsteam",
)
_REFRESH: Final = "refreshtoken"
_MAX_TEXT: Final = 3 * jwt.MAX_LENGTH


class FoundToken(NamedTuple):
    """One token: the field it stands in, its text, and what it says of itself where it is a JWT."""

    source: str
    text: str
    claims: jwt.Claims | None

    @property
    def subject(self) -> int | None:
        """Whose it is."""
        return self.claims.steam_id64 if self.claims is not None else None

    def __repr__(self) -> str:
        return f"FoundToken(source={self.source!r}, …)"


def in_session(account: Mapping[str, Any]) -> Iterator[FoundToken]:
    """The tokens of an account's object, those of its sessions first."""
    for key, session in account.items():
        if fold(key) in _CONTAINERS and isinstance(session, dict):
            yield from _in(session, f"{key}.")
    yield from _in(account, "")


def best(tokens: Sequence[FoundToken]) -> str | None:
    """A client's refresh token before a mobile one, of each kind the longest good; else what is called a refresh token
    and is none that we can read.
    """
    good = [one for one in tokens if one.claims is not None and _is_refresh(one.claims)]
    if good:
        return max(good, key=_worth).text
    return next(
        (one.text for one in tokens if one.claims is None and fold(one.source.split(".")[-1]) == _REFRESH), None
    )


def _in(fields: Mapping[str, Any], prefix: str) -> Iterator[FoundToken]:
    for key, value in fields.items():
        if fold(key) not in _KEYS:
            continue
        if isinstance(value, dict):
            value = next((inner for name, inner in value.items() if fold(name) in ("token", "value")), None)
        if isinstance(value, str) and 0 < len(value) <= _MAX_TEXT and (text := _bare(value)):
            claims = _claims(text)
            if claims is not None or fold(key) == _REFRESH:
                yield FoundToken(f"{prefix}{key}", text, claims)


def _bare(text: str) -> str:
    """The token without what a cookie or a clipboard put around it."""
    text = "".join(text.split()).strip("\"'\0")
    for _ in range(2):
        if "%" in text:
            text = urllib.parse.unquote(text)
    return text.rpartition("||")[2]


def _claims(text: str) -> jwt.Claims | None:
    try:
        return jwt.claims(text)
    except TokenMalformed:
        return None


def _is_refresh(claims: jwt.Claims) -> bool:
    return claims.is_client_refresh_token or claims.is_mobile_refresh_token


def _worth(token: FoundToken) -> tuple[bool, int]:
    claims = token.claims
    assert claims is not None
    return claims.is_client_refresh_token, claims.expires_at
