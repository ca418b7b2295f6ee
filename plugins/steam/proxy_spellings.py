"""How people write a proxy: the usual spellings, told apart where only one reading fits.

    SCHEME://USER:PASSWORD@HOST:PORT    HOST:PORT    HOST:PORT:USER:PASSWORD    USER:PASSWORD@HOST:PORT
    USER:PASSWORD:HOST:PORT             HOST:PORT@USER:PASSWORD                 SCHEME HOST PORT USER PASSWORD

Each with or without a scheme, `;`, `|`, `,` or a tab in place of the colons, a remark behind ` #`. Nothing that is
raised here quotes what was written: it may be a password.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import ProxyInvalid
from plugins.steam.hosts import HostInvalid, canonical

FORM: Final = "http://user:password@host:port"
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):[/\\]{2}")
_REMARK: Final = re.compile(r"(?<!\s)\s+(?:#|//\s).*", re.DOTALL)
_EDGES: Final = re.compile(r"^[\s\ufeff\u200b\u2060]+|(?<![\s\ufeff\u200b\u2060])[\s\ufeff\u200b\u2060]+$")
_QUOTED: Final = re.compile(r"""(["'`])(.*)\1[,;]?""", re.DOTALL)
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f]")
_AT: Final = r"(\[[0-9A-Za-z:.%]*\]|[^\s\[\]:;|,@/?#]+)"
_FIRST: Final = re.compile(rf"{_AT}([:;|,\t ])(\d{{1,5}})/?(?:([:;|,\t @])(.*))?", re.DOTALL)
_LAST: Final = re.compile(rf"(.*)([@:;|,\t]){_AT}([:;|,\t])(\d{{1,5}})/?[,;]?", re.DOTALL)
_TAGGED: Final = re.compile(rf"{_AT}:\d{{1,5}}/?[#?].*@", re.DOTALL)
_IPV6: Final = re.compile(r"[0-9A-Fa-f:.]+")
_ENCODED: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_WORDS: Final = frozenset({"http", "https", "socks4", "socks4a", "socks5", "socks5h"})


class Parts(NamedTuple):
    """What was written, not yet judged; `scheme` in small letters, empty where there was none."""

    scheme: str
    host: str
    port: int
    username: str | None = None
    password: str | None = None


class _Likely(IntEnum):
    """How surely a text is a host and not a user name."""

    WORD = 1
    NAME = 2
    ADDRESS = 3


class _Reading(NamedTuple):
    parts: Parts
    likely: _Likely


def split(text: str) -> Parts:
    """The one reading of `text`. Raises `ProxyInvalid` where there is none, or more than one."""
    bare = _EDGES.sub("", text)
    quoted = _QUOTED.fullmatch(bare)
    scheme, rest = _scheme(_REMARK.sub("", quoted[2] if quoted else bare, count=1).strip())
    if _FORBIDDEN.search(rest.replace("\t", "")):
        raise _malformed("has control characters in it; write one proxy, in one line")
    rest = _words(rest)
    if any(letter.isspace() and letter != "\t" for letter in rest):
        raise _malformed("has blanks in it; percent-encode them, and put # before a remark")
    if _IPV6.fullmatch(rest) and ("::" in rest or rest.count(":") > 4):
        raise _malformed("has an IPv6 address without brackets; write http://[address]:port")
    if _is_url(scheme, rest):
        return _url(scheme, rest)
    readings = list(_readings(scheme, rest))
    if not readings:
        raise _unread(scheme, rest)
    best = max(reading.likely for reading in readings)
    fitting = {reading.parts for reading in readings if reading.likely == best}
    others = {reading.parts for reading in readings if reading.likely > _Likely.WORD}
    if len(fitting) > 1 or len(others) > 1:
        raise ProxyInvalid(
            SteamRefusal.PROXY_DOUBTFUL,
            f"it can be read in two ways, since both its parts may be host and port; write {FORM}",
        )
    return fitting.pop()


def _scheme(text: str) -> tuple[str, str]:
    found = _SCHEME.match(text)
    if found is not None:
        return found[1].lower(), text[found.end() :]
    word, blank, rest = text.partition(" ")
    return (word.lower(), rest.strip()) if blank and word.lower() in _WORDS else ("", text)


def _words(text: str) -> str:
    """`HOST PORT USER PASSWORD` with colons; the same where there are no blanks in it."""
    words = text.split()
    host_first = len(words) > 1 and _FIRST.fullmatch(words[0]) is not None
    apart = len(words) in (2, 4) and _port(words[1]) and (_likely(words[0]) or 0) > _Likely.WORD
    if apart or (len(words) == 3 and host_first):
        return ":".join(words)
    return text


def _is_url(scheme: str, rest: str) -> bool:
    """Whether the last @ parts credentials from host and port, as in every URL."""
    head, at, tail = rest.rpartition("@")
    if not at or _ending(tail) is None:
        return False
    if scheme and not _TAGGED.match(rest):
        return True
    swapped = _FIRST.fullmatch(head)
    return swapped is None or swapped[4] is not None or not _likely(swapped[1])


def _url(scheme: str, rest: str) -> Parts:
    head, _, tail = rest.rpartition("@")
    host, port = _ending(tail) or ("", 0)
    tagged = _TAGGED.match(rest)
    if tagged is not None and (_likely(tagged[1]) or 0) > _Likely.WORD:
        raise ProxyInvalid(
            SteamRefusal.PROXY_DOUBTFUL,
            "a remark or a password begins at # or ?; put a blank before a remark, percent-encode the password's",
        )
    name, _, secret = head.partition(":")
    return Parts(scheme, host, port, _decoded(name), _decoded(secret))


def _ending(tail: str) -> tuple[str, int] | None:
    """Host and port at a URL's end; a remark may follow."""
    found = _FIRST.fullmatch(tail.partition("#")[0])
    more = found is not None and found[4] is not None and (found[4] not in ",;" or found[5] != "")
    if found is None or found[2] != ":" or more or not (port := _port(found[3])):
        return None
    return found[1], port


def _readings(scheme: str, rest: str) -> Iterator[_Reading]:
    first = _FIRST.fullmatch(_without_tag(rest))
    if first is not None and (likely := _likely(first[1])) and (port := _port(first[3])):
        if first[4] is None or (first[4] in ",;" and not first[5]):
            yield _Reading(Parts(scheme, first[1], port), likely)
        elif found := _credentials(first[5], ":" if first[4] == "@" else first[4]):
            yield _Reading(Parts(scheme, first[1], port, *found), likely)
    last = _LAST.fullmatch(rest)
    if last is not None and (likely := _likely(last[3])) and (port := _port(last[5])):
        separator = ":" if last[2] == "@" else last[2]
        if found := _credentials(last[1], separator, encoded=last[2] == "@"):
            yield _Reading(Parts(scheme, last[3], port, *found), likely)


def _without_tag(rest: str) -> str:
    """`HOST:PORT#remark` without the remark."""
    head, tag, _ = rest.partition("#")
    found = _FIRST.fullmatch(head) if tag else None
    return head if found is not None and found[4] is None else rest


def _credentials(text: str, separator: str, *, encoded: bool = False) -> tuple[str, str] | None:
    """User name and password, the password with whatever it has in it. As in a URL only where one is written."""
    name, found, secret = text.partition(separator)
    if not found or not name or not secret:
        return None
    return (_decoded(name), _decoded(secret)) if encoded else (name, secret)


def _decoded(text: str) -> str:
    if not _ENCODED.search(text):
        return text
    try:
        return urllib.parse.unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ProxyInvalid(
            SteamRefusal.PROXY_CREDENTIALS,
            "the proxy's user name or password is not percent-encoded UTF-8; encode it again",
        ) from None


def _port(text: str) -> int:
    """The port, 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) <= 65535 else 0


def _likely(text: str) -> _Likely | None:
    try:
        host = canonical(text)
    except HostInvalid:
        # `gate..example` and `1.2.3.456` are hosts with an error in them, and told as such
        return _Likely.NAME if text.count(".") > 2 and text.replace(".", "").isdigit() else None
    if ":" in host or text.count(".") == 3:
        return _Likely.ADDRESS if host.replace(".", "").isdigit() or ":" in host else _Likely.NAME
    return _Likely.NAME if "." in text or host == "localhost" else _Likely.WORD


def _unread(scheme: str, rest: str) -> ProxyInvalid:
    """What is wrong with a text that no spelling fits."""
    host = re.fullmatch(rf"(?:.*@)?{_AT}?(?::(\d*))?/?", rest, re.DOTALL)
    if not rest or (scheme and host is not None and not host[1]):
        if not scheme:
            return _malformed(f"is empty; write {FORM}")
        return ProxyInvalid(SteamRefusal.PROXY_HOST, f"the proxy URL has no valid host; write {FORM}")
    alone = host is not None and host[2] is None and (_likely(host[1] or "") or 0) > _Likely.WORD
    named = host is not None and (bool(scheme) or alone or host[2] is not None)
    if host is not None and named and int(host[2] or 0) == 0:
        return ProxyInvalid(
            SteamRefusal.PROXY_PORT, "the proxy URL names no port from 1 to 65535; write it after the host"
        )
    if host is not None and host[2] is not None and _port(host[2]):
        return ProxyInvalid(SteamRefusal.PROXY_HOST, f"the proxy URL has no valid host; write {FORM}")
    if rest.count(":") == 2 and _readings_of_three(rest):
        return _malformed(f"has a user name and no password; write {FORM}")
    return _malformed(f"has no valid host and port; write {FORM}")


def _readings_of_three(rest: str) -> bool:
    """Whether it is host and port with one word more."""
    one, two, three = rest.split(":")
    return bool((_port(two) and _likely(one)) or (_port(three) and _likely(two)))


def _malformed(what: str) -> ProxyInvalid:
    return ProxyInvalid(SteamRefusal.PROXY_MALFORMED, f"the proxy URL {what}")
