"""Foreign text made fit to be kept: nothing secret, no control character, bounded, in linear time."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final, NamedTuple

REDACTED: Final = "[redacted]"
LONGEST: Final = 16 * 1024
"""Characters of a text that are looked at; the rest is dropped before any pattern sees it."""

Replacement = str | Callable[[re.Match[str]], str]

_JWT_HEADS: Final = ("eyJ", "eyA", "ewo", "ew0", "ewk")
"""How base64url of `{"`, `{ "` (Steam's), `{` and a line end, `{` and a tab begins."""
_ENDS: Final = (
    *("secret", "secret1", "secretkey", "password", "passphrase", "passcode", "passwd", "passkey", "revocationcode"),
    *("guarddata", "steamlogin", "steamloginsecure", "sessionid", "apikey", "privatekey", "webcookie", "credentials"),
    *(
        f"{kind}token"
        for kind in ("access", "refresh", "oauth", "auth", "id", "bot", "bearer", "session", "csrf", "api")
    ),
)
"""What the name of a secret ends with, in whichever of the usual spellings: without marks, in small letters."""
_NAMED: Final = re.compile(r"(?<![A-Za-z0-9_-])([A-Za-z0-9_-]{1,80})(?:\\{0,3}['\"])?\s{0,4}(?:=>|[:=])\s{0,4}")
_VALUE: Final = re.compile(r"(b?\\{0,3}')[^'\\]{1,4096}|(b?\\{0,3}\")[^\"\\]{1,4096}|[^\s'\",;&}\]\\]{4,4096}")
_HARMLESS: Final = frozenset({"none", "null", "true", "false", "wrong", "redacted"})


def _token(found: re.Match[str]) -> str:
    """A run of base64url and dots: a JSON Web Token in it ends with it."""
    text = found[0]
    starts = [at for head in _JWT_HEADS if (at := text.find(head)) >= 0]
    if not starts:
        return text
    begin = min(starts)
    rest = text[begin:]
    header, _, payload = rest.partition(".")
    whole = len(header) >= 10 and len(payload.partition(".")[0]) >= 10
    return text[:begin] + REDACTED if whole or len(header) >= 20 else text


def _basic(found: re.Match[str]) -> str:
    """`Basic` and base64 of a name, a colon and a password; else an English word that another one follows."""
    try:
        decoded = base64.b64decode(found[2] + "=" * (-len(found[2]) % 4), validate=True)
    except (binascii.Error, ValueError):
        return found[0]
    return found[1] + REDACTED if b":" in decoded else found[0]


class _Form(NamedTuple):
    """One form of secrets."""

    marks: tuple[str, ...]
    """One of these is in every text, in small letters, that holds one: looking for them costs next to nothing."""
    pattern: re.Pattern[str]
    replacement: Replacement = REDACTED


_KEPT: Final = rf"\1{REDACTED}"
_FORMS: Final = (
    _Form(("swb_", "sws_", "whsec_", "sk-"), re.compile(r"(?:sw[bs]_|whsec_|\bsk-)[A-Za-z0-9+/=_-]{8,}")),
    _Form(("eyj", "eya", "ewo", "ew0", "ewk"), re.compile(r"(?<![A-Za-z0-9_.-])[A-Za-z0-9_.-]{12,}"), _token),
    _Form(("$argon2",), re.compile(r"\$argon2[a-z]{1,2}\$[^\s'\"]{8,}")),
    # a URL's user, with a password or alone; a password may hold a slash or another @
    _Form(("://",), re.compile(r"(?<=://)[^\s/'\"@:<>]{0,128}:(?!\d{1,5}[/?#])[^\s'\"<>]{0,256}(?=@)")),
    _Form(("://",), re.compile(r"(?<=://)[^\s/'\"<>]{1,256}(?=@)")),
    # user:password@host:port
    _Form(
        ("@",),
        re.compile(r"(?<![\w.:@/-])[^\s:@/'\"<>=]{1,64}:[^\s@/'\"<>]{1,128}(?=@\[?[\w.:-]{1,64}\]?:\d)"),
    ),
    # host:port@user:password
    _Form(
        ("@",),
        re.compile(r"(?<![\w.-])((?:[\w-]{1,63}\.){1,8}[\w-]{1,63}:\d{2,5}@)[^\s:@'\"]{1,64}:[^\s'\"]{1,128}"),
        _KEPT,
    ),
    # host:port:user:password
    _Form(
        (":", ";", "|", ","),
        re.compile(
            r"(?<![\w.-])((?:[\w-]{1,63}\.){1,8}[\w-]{1,63}[:;|,]\d{2,5}[:;|,])[^\s:;|'\",/]{1,64}[:;|,][^\s'\"]{1,128}"
        ),
        _KEPT,
    ),
    # user:password:host:port
    _Form(
        (":", ";", "|"),
        re.compile(
            r"(?<![\w.:/-])[^\s:;|@/'\"<>=]{1,64}[:;|][^\s:;|@/'\"<>]{1,128}"
            r"(?=[:;|]\d{1,3}(?:\.\d{1,3}){3}[:;|]\d{2,5}\b)"
        ),
    ),
    _Form(("bearer",), re.compile(r"(?i)\b(bearer(?:\s|%20|\+|['\"]?:\s?['\"]?){1,4})[^\s'\",;]{8,}"), _KEPT),
    _Form(("basic",), re.compile(r"(?i)\b(basic(?:\s|%20){1,4})([A-Za-z0-9+/=]{6,})"), _basic),
    _Form(
        ("=",),
        re.compile(r"(?i)((?:\bwelcome|[?&#;](?:token|key|link|secret|signature|sig|code))=)[^\s&'\"<>#]{4,}"),
        _KEPT,
    ),
    _Form(("switchboard=",), re.compile(r"(?i)(\bswitchboard=)[^\s;'\",]{8,}"), _KEPT),
    # the 20 bytes of a maFile's keys
    _Form(("=",), re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{27}=(?![A-Za-z0-9+/=])")),
)
_CONTROL: Final = {
    code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    for code in (
        *range(0x20),
        *range(0x7F, 0xA0),
        0x061C,
        *range(0x200E, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2066, 0x206A),
        0xFEFF,
    )
} | {0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}


def redacted(text: str) -> str:
    """The text without what looks like a secret; what is longer than LONGEST is cut first."""
    text = text[:LONGEST]
    small = text.lower()
    for form in _FORMS:
        if any(mark in small for mark in form.marks):
            text = form.pattern.sub(form.replacement, text)
    return _without_named(text) if ":" in text or "=" in text else text


def names_secret(name: str) -> bool:
    """Is that the name of a secret, by how it ends?"""
    return name.replace("_", "").replace("-", "").lower().endswith(_ENDS)


def _without_named(text: str) -> str:
    """The text without the values that stand behind the name of a secret: in JSON, a repr, a setting or a call."""
    pieces, done = [], 0
    for named in _NAMED.finditer(text):
        value = _VALUE.match(text, named.end()) if named.start() >= done and names_secret(named[1]) else None
        if value is not None and value[0].lower() not in _HARMLESS and not value[0].startswith(REDACTED[:-1]):
            quote = value[1] or value[2] or ""
            pieces += [text[done : value.start()], quote, REDACTED]
            done = value.end()
    return "".join((*pieces, text[done:]))


def visible(text: str) -> str:
    """The text with control characters, marks of direction and lone surrogates written out: it stays in its line."""
    return text.translate(_CONTROL).encode("utf-8", "backslashreplace").decode("utf-8")


def cleaned(text: str, longest: int = LONGEST) -> str:
    """Foreign text as it may be kept and shown: redacted, visible, at most `longest` characters."""
    return visible(redacted(text))[:longest]
