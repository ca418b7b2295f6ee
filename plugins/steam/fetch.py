"""One HTTP request through a bot's proxy: all that Steam's web API is needed for.

An HTTP client would bring its own way to the proxy beside `dial`'s; here `httptools` reads the answer, and the
connection is the same as for everything else.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import urllib.parse

import httptools
import msgspec
from google.protobuf.message import Message

from plugins.steam.dial import TIMEOUT, dial
from plugins.steam.errors import DirectoryUnreachable, Unavailable, WebApiUnreachable
from plugins.steam.proxy import Proxy
from plugins.steam_protocol.eresult import EResult

MAX_BODY = 8 * 1024 * 1024  # bytes; a list of 200 CMs has 60,000
MAX_HEAD = 64 * 1024  # bytes
_AGENT = "Valve/Steam HTTP Client 1.0"


class Body(bytes):
    """What an answer brought, with its headers Date and Age, empty where it has none."""

    date: str = ""
    age: str = ""


async def fetch(url: str, proxy: Proxy, tls: ssl.SSLContext, timeout: float = TIMEOUT) -> Body:
    """The body of a 200 answer.

    Raises a `Proxy…` error where there is no tunnel, `DirectoryUnreachable` for all that goes wrong inside it.
    """
    answer = await _exchange(url, b"", proxy, tls, timeout, DirectoryUnreachable)
    if answer.status != 200:
        host = urllib.parse.urlsplit(url).hostname
        raise DirectoryUnreachable(f"no list of CMs: {host} answered with HTTP status {answer.status}")
    body = Body(answer.body)
    body.date, body.age = answer.date, answer.age
    return body


async def query_time(url: str, proxy: Proxy, tls: ssl.SSLContext, timeout: float = TIMEOUT) -> int:
    """What time it is at Steam, in unix seconds, by ITwoFactorService/QueryTime, which wants a POST.

    Raises a `Proxy…` error where there is no tunnel, `WebApiUnreachable` where nothing that is a time comes.
    """
    answer = await _exchange(url, b"steamid=0", proxy, tls, timeout, WebApiUnreachable)
    try:
        return int(msgspec.json.decode(answer.body, type=_Time, strict=False).response.server_time)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise WebApiUnreachable(f"Steam does not say what time it is: HTTP status {answer.status}") from None


class _ServerTime(msgspec.Struct):
    server_time: int


class _Time(msgspec.Struct):
    response: _ServerTime


async def call(
    url: str, request: Message, access_token: str | None, proxy: Proxy, tls: ssl.SSLContext, timeout: float = TIMEOUT
) -> tuple[int, bytes]:
    """A service method over the web API, POST: its result (EResult) and the body of its response.

    Raises a `Proxy…` error where there is no tunnel, `WebApiUnreachable` for all that goes wrong inside it.
    """
    form = {"input_protobuf_encoded": base64.b64encode(request.SerializeToString()).decode()}
    if access_token is not None:
        url = f"{url}?{urllib.parse.urlencode({'access_token': access_token})}"
    body = urllib.parse.urlencode(form).encode()
    answer = await _exchange(url, body, proxy, tls, timeout, WebApiUnreachable)
    if answer.status == 429:
        return EResult.RATE_LIMIT_EXCEEDED, b""
    if answer.status in (401, 403):
        return EResult.ACCESS_DENIED, b""
    if answer.status != 200 or not answer.result.isdecimal():
        host = urllib.parse.urlsplit(url).hostname
        raise WebApiUnreachable(
            f"no sign-in without a password: Steam's web API at {host} answered with HTTP status {answer.status}"
        )
    return int(answer.result), bytes(answer.body)


async def _exchange(
    url: str, body: bytes, proxy: Proxy, tls: ssl.SSLContext, timeout: float, unreachable: type[Unavailable]
) -> _Answer:
    """One request, a POST where there is a body, and its answer; no query is quoted, for it may hold a token."""
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not url.isascii() or parts.scheme not in ("http", "https"):
        raise unreachable(f"{url.partition('?')[0]!r} is no http or https address; correct directory_url")
    secure = parts.scheme == "https"
    sock = await dial(proxy, host, port or (443 if secure else 80), timeout)
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(
                sock=sock, ssl=tls if secure else None, server_hostname=host if secure else None
            )
            try:
                writer.write(_head(parts, body) + body)
                return await _answer(reader, f"{host}, asked through the proxy {proxy.display},", unreachable)
            finally:
                writer.transport.abort()
    except TimeoutError as error:
        raise unreachable(
            f"{host}, asked through the proxy {proxy.display}, did not answer within {timeout:g} s"
        ) from error
    except (OSError, httptools.HttpParserError) as error:
        raise unreachable(f"{host} gave no answer that can be read: {error}") from error
    finally:
        sock.close()


def _head(parts: urllib.parse.SplitResult, body: bytes) -> bytes:
    kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if body else ""
    head = (
        f"{'POST' if body else 'GET'} {parts.path or '/'}?{parts.query} HTTP/1.1\r\n"
        f"Host: {parts.netloc.rpartition('@')[2]}\r\n"
        f"User-Agent: {_AGENT}\r\nAccept: application/json\r\n{kind}Connection: close\r\n\r\n"
    )
    return head.encode("ascii")


async def _answer(reader: asyncio.StreamReader, whom: str, unreachable: type[Unavailable]) -> _Answer:
    answer = _Answer()
    parser = httptools.HttpResponseParser(answer)
    received = 0
    while not answer.complete:
        data = await reader.read(65536)
        if not data:
            break
        parser.feed_data(data)
        received += len(data)
        if received > MAX_BODY + MAX_HEAD:
            raise unreachable(f"the answer of {whom} has more than {MAX_BODY} bytes")
    if not answer.begun or not (answer.complete or answer.until_closed):
        raise unreachable(f"{whom} closed the connection in the middle of its answer")
    answer.status = parser.get_status_code()
    return answer


class _Answer:
    """What the parser has come upon so far; it calls these methods."""

    def __init__(self) -> None:
        self.status = 0
        self.result = ""  # Steam's own, in a header
        self.date = self.age = ""
        self.body = bytearray()
        self.begun = False
        self.complete = False
        self.until_closed = True  # no length is given: the body ends with the connection

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"x-eresult":
            self.result = value.decode("latin-1").strip()
        if name.lower() == b"date":
            self.date = value.decode("latin-1").strip()
        if name.lower() == b"age":
            self.age = value.decode("latin-1").strip()
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self.until_closed = False

    def on_headers_complete(self) -> None:
        self.begun = True

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.complete = True
