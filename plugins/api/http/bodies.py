"""Reading request bodies, with a size limit and a timeout."""

from __future__ import annotations

import asyncio
from typing import Final

from litestar.types import Receive

from plugins.api.codes import ApiRefusal
from plugins.api.errors import TooLarge, TooSlow

DISCARDED_BYTES: Final = 8 * 1024 * 1024
"""How much of a body that is too large is still read, so that its sender gets to read the response."""
BODY_S: Final = 30.0


class ClientDisconnected(Exception):
    """The client disconnected before it had sent the whole body."""


async def read(receive: Receive, limit: int) -> bytes:
    """The whole body, of at most `limit` bytes. Raises TooLarge, TooSlow, Interrupted."""
    body = bytearray()
    size = 0
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise ClientDisconnected
                piece = message["body"]
                size += len(piece)
                if size <= limit:
                    body += piece
                if not message["more_body"] or size > DISCARDED_BYTES:
                    break
    except TimeoutError:
        raise TooSlow(ApiRefusal.BODY_TIMEOUT, f"The body did not arrive within {BODY_S:.0f} s.") from None
    if size > limit:
        raise TooLarge(ApiRefusal.TOO_LARGE, f"At most {limit // 1024} KiB are taken here.")
    return bytes(body)
