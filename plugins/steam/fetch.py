"""One HTTP GET through a bot's proxy: all that Steam's web API is needed for.

An HTTP client would bring its own way to the proxy beside `dial`'s; here `httptools` reads the answer, and the
connection is the same as for everything else.
"""

from __future__ import annotations

import asyncio
import ssl
import urllib.parse

import httptools

from plugins.steam.dial import TIMEOUT, dial
from plugins.steam.errors import DirectoryUnreachable
from plugins.steam.proxy import Proxy

MAX_BODY = 1024 * 1024  # bytes
MAX_HEAD = 64 * 1024  # bytes
_AGENT = "Valve/Steam HTTP Client 1.0"


async def fetch(url: str, proxy: Proxy, tls: ssl.SSLContext, timeout: float = TIMEOUT) -> bytes:
    """The body of a 200 answer.

    Raises a `Proxy…` error where there is no tunnel, `DirectoryUnreachable` for all that goes wrong inside it.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not url.isascii() or parts.scheme not in ("http", "https"):
        raise DirectoryUnreachable(f"{url!r} is no http or https address; correct directory_url")
    secure = parts.scheme == "https"
    request = (
        f"GET {parts.path or '/'}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\n"
        f"User-Agent: {_AGENT}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    )
    sock = await dial(proxy, host, port or (443 if secure else 80), timeout)
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(
                sock=sock, ssl=tls if secure else None, server_hostname=host if secure else None
            )
            try:
                writer.write(request.encode("ascii"))
                return await _answer(reader, host)
            finally:
                writer.transport.abort()
    except TimeoutError as error:
        raise DirectoryUnreachable(f"{host} did not answer within {timeout:g} s") from error
    except (OSError, httptools.HttpParserError) as error:
        raise DirectoryUnreachable(f"{host} gave no answer that can be read: {error}") from error
    finally:
        sock.close()


async def _answer(reader: asyncio.StreamReader, host: str) -> bytes:
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
            raise DirectoryUnreachable(f"the answer of {host} has more than {MAX_BODY} bytes")
    if not answer.begun or not (answer.complete or answer.until_closed):
        raise DirectoryUnreachable(f"{host} closed the connection in the middle of its answer")
    if parser.get_status_code() != 200:
        raise DirectoryUnreachable(f"{host} answered with HTTP status {parser.get_status_code()}")
    return bytes(answer.body)


class _Answer:
    """What the parser has come upon so far; it calls these methods."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.begun = False
        self.complete = False
        self.until_closed = True  # no length is given: the body ends with the connection

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self.until_closed = False

    def on_headers_complete(self) -> None:
        self.begun = True

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.complete = True
