"""Requests drawn from the OpenAPI document, good and bad: what comes back is always what the document says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from kernel.roles import Role
from kernel.testing import FakeTransport
from plugins.api.auth.tokens import Kind, create
from plugins.api.commands import PATH as COMMAND
from plugins.api.routes import OF_AN_OPERATOR
from plugins.contact_policy import ContactPolicy
from plugins.metrics import Metrics
from plugins.tasks import Tasks
from tests.plugins.api.client import serving
from tests.plugins.api.test_plugin_routes import Shelf

if TYPE_CHECKING:
    import schemathesis

EXAMPLES = 8
NOT_ASKED = ["/api/event-stream", "/api/plugins/shelf/broken", "/api/plugins/shelf/slow"]
"""The stream has no end, and is what test_openapi.py is about; the other two fail on purpose."""

LINKED = [
    COMMAND,
    "/api/tokens/create",
    "/api/tokens/revoke",
    *(f"/api/operators/{name}" for name in ("add", *OF_AN_OPERATOR)),
]
WALKS, STEPS = 8, 10
FOLLOWED = ["/api/tokens/revoke 200", "/api/operators/disable 200", "/api/operators/remove 200"]
"""What is answered so about what was made a step before, and hardly ever about what is drawn."""


def ask_everything(url: str, headers: Mapping[str, str]) -> int:
    """Put every operation's examples to the server. Returns how many requests were made."""
    import schemathesis  # for a second, of which whoever only collects needs none
    from schemathesis.core.result import Ok
    from schemathesis.specs.openapi import checks as conform

    checks = [conform.status_code_conformance, conform.content_type_conformance, conform.response_schema_conformance]
    document = schemathesis.openapi.from_url(f"{url}/api/openapi.json", headers=headers)
    asked = 0
    for found in document.exclude(path=NOT_ASKED).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        for mode in schemathesis.GenerationMode:

            @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: schemathesis.Case[Any]) -> None:
                nonlocal asked
                asked += 1
                response = case.call(base_url=url, headers=dict(headers), timeout=30)
                assert response.status_code != 500, f"a bug: {response.text}"
                case.validate_response(response, checks=checks)

            before = asked
            try:
                ask()
            except Unsatisfiable:  # what takes anything cannot be asked wrongly
                assert mode is schemathesis.GenerationMode.NEGATIVE, operation.label
            else:
                assert asked > before, operation.label
    return asked


def follow_links(url: str, headers: Mapping[str, str], asked: Counter[str]) -> None:
    """Walk from answer to request along the document's links. `asked`: what was answered, by path, kind and status."""
    import schemathesis
    from schemathesis.specs.openapi import checks as conform

    checks = [conform.status_code_conformance, conform.content_type_conformance, conform.response_schema_conformance]
    document = schemathesis.openapi.from_url(f"{url}/api/openapi.json", headers=headers)
    document.config.generation.update(modes=[schemathesis.GenerationMode.POSITIVE])
    # those that links lead from and to, or most walks would be among the others
    machine: Any = document.include(path=LINKED).as_state_machine()

    class Walk(machine):  # type: ignore[misc]
        def get_call_kwargs(self, case: schemathesis.Case[Any]) -> dict[str, Any]:
            return {"base_url": url, "headers": dict(headers), "timeout": 30}

        def validate_response(self, response: Any, case: schemathesis.Case[Any], **_: Any) -> None:
            kind = case.body.get("kind", "") if isinstance(case.body, dict) else ""
            asked[f"{case.path} {kind} {response.status_code}".replace("  ", " ")] += 1
            assert response.status_code != 500, f"a bug: {response.text}"
            case.validate_response(response, checks=checks)

    Walk.run(
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_what_was_made_can_be_asked_about_along_the_links_and_each_answer_is_as_the_document_says() -> None:
    many = serving(ContactPolicy, Tasks, FakeTransport, requests_per_minute=1_000_000)
    async with many as site:
        token = create(site.tokens, "root", Kind.OPERATOR, 0, role=Role.ADMIN)
        asked: Counter[str] = Counter()
        await asyncio.to_thread(follow_links, site.url, {"Authorization": f"Bearer {token}"}, asked)

        assert (await site.anna.get("/readyz")).status_code == 200
    for step in FOLLOWED:
        assert asked[step] > 0, (step, asked)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_no_request_that_the_document_allows_or_forbids_is_answered_but_as_it_says() -> None:
    many = serving(ContactPolicy, Tasks, Metrics, Shelf, FakeTransport, requests_per_minute=1_000_000)
    async with many as site:
        token = create(site.tokens, "root", Kind.OPERATOR, 0, role=Role.ADMIN)
        asked = await asyncio.to_thread(ask_everything, site.url, {"Authorization": f"Bearer {token}"})

        assert asked > 100
        assert (await site.anna.get("/readyz")).status_code == 200
