"""The rate limit stands before all that is served: routes, mounts, files, and what is not there."""

from __future__ import annotations

from typing import Final

import pytest

from kernel.testing import FakeTransport
from plugins.api.auth import tokens
from plugins.contact_policy import ContactPolicy
from plugins.history import History
from plugins.journal import Journal
from plugins.metrics import Metrics
from plugins.webhooks import Webhooks
from tests.plugins.api.client import Site, serving
from tests.plugins.api.test_plugin_routes import Shelf

PLUGINS: Final = (Journal, ContactPolicy, FakeTransport, Metrics, History, Webhooks, Shelf)
BEYOND: Final = (
    *("/", "/index.html", "/chats/chat_1", "/favicon.ico", "/metrics", "/metrics/", "/metrics/x", "//metrics"),
    *("/api", "/api/", "/api/nothing", "/api/plugins/nobody/x", "/nothing", "/../x", "/%2e%2e/x", "/api/command/"),
)
"""Files, mounts, places of the page, and what is not there."""


async def places(site: Site) -> list[tuple[str, str]]:
    """Every method and path: of the document, which names plugins' routes too, and beyond."""
    document = (await site.anna.get("/api/openapi.json")).json()
    named = [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]
    assert {path for _, path in named} > {path for path, _ in site.endpoints if path.startswith("/api/")} - {""}
    return [*named, *(("GET", path) for path in BEYOND), *(("TRACE", path) for path in ("/", "/api/command"))]


@pytest.mark.parametrize("known", [False, True])
async def test_every_route_stands_behind_the_limit(known: bool) -> None:
    """Whoever has spent their minute is answered 429 everywhere, known or not, and is told when to come again."""
    async with serving(*PLUGINS, requests_per_minute=2, strangers_per_minute=2) as site:
        every = await places(site)
        headers = {"authorization": f"Bearer {tokens.create(site.tokens, 'vera', tokens.Kind.OPERATOR, 0)}"}
        async with site.client(headers if known else None) as http:
            for _ in range(2):
                await http.get("/api/session")
            answers = {
                f"{method} {path}": (answer.status_code, "retry-after" in answer.headers)
                for method, path in every
                for answer in [await http.request(method, path, json={})]
            }
        assert len(answers) > 60
        assert {place: told for place, told in answers.items() if told != (429, True)} == {}
