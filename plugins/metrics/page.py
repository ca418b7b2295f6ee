"""`GET /metrics` as an ASGI application: the registry in the format that the scraper asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
_TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")
_END: Final = b"# EOF\n"
"""What OpenMetrics ends with, and the plain format does not."""


class MetricsPage:
    """Renders the registry, family by family: a few hundred series take long enough to be felt in one go."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    async def __call__(self, scope: Mapping[str, Any], receive: object, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, b"/metrics takes GET.\n", _TEXT, (b"allow", b"GET, HEAD"))
            return
        accept = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
        encode, content_type = choose_encoder(accept)
        families = list(self._registry.collect())  # at one moment, then written out in peace
        pieces = []
        for family in families:
            pieces.append(encode(_Single(family)))
            await asyncio.sleep(0)
        end = _END if pieces[-1].endswith(_END) else b""
        body = b"".join(piece.removesuffix(_END) for piece in pieces) + end
        await _answer(send, 200, body, (b"content-type", content_type.encode()))


class _Single(Collector):
    """A registry of one family."""

    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterable[Metric]:
        return (self._family,)


async def _answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
