"""Reading the page of metrics as Prometheus does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client.parser import text_string_to_metric_families as parse

from kernel.testing import World

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def scrape(world: World, *, accept: str = "text/plain", method: str = "GET") -> tuple[int, str, str]:
    """As the api would serve it: status, content type and text."""
    sent: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    page = world.ctx.hooks.mounts()["/metrics"]
    await page({"method": method, "path": "/metrics", "headers": [(b"accept", accept.encode())]}, None, send)
    headers = dict(sent[0]["headers"])
    assert int(headers[b"content-length"]) == len(sent[1]["body"])
    return sent[0]["status"], headers[b"content-type"].decode(), sent[1]["body"].decode()


async def samples(world: World) -> Samples:
    status, _, text = await scrape(world)
    assert status == 200
    families = parse(text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(found: Samples, name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]
