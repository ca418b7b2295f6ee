"""The documents of the contract say what the decoder does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from httpx_sse import aconnect_sse

from kernel import commands as c
from kernel.codec import CODEC, encode
from kernel.commands import COMMANDS
from kernel.ids import TaskId
from kernel.roles import Role
from kernel.snapshot import Snapshot
from kernel.testing import FakeTransport
from plugins.api import Api
from plugins.api.commands import CommandEnvelope
from plugins.metrics import Metrics
from tests.histories import fold, history
from tests.plugins.api.client import DEADLINE_S, serving
from tests.plugins.api.test_commands import Words


class Wave(c.Command[TaskId], frozen=True, kw_only=True):
    """Say hello."""

    times: int


def references(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        for name, value in document.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(document, list):
        for value in document:
            yield from references(value)


def find(document: Any, reference: str) -> Any:
    for name in reference.removeprefix("#/").split("/"):
        document = document[name]
    return document


async def test_both_documents_name_every_command_event_and_table_and_refer_to_nothing_that_is_missing() -> None:
    async with serving(FakeTransport) as site:
        site.world.ctx.handle(Wave, lambda _: None)
        schema = (await site.anna.get("/api/schema.json")).json()
        openapi = (await site.anna.get("/api/openapi.json")).json()

        for document, definitions in ((schema, schema["$defs"]), (openapi, openapi["components"]["schemas"])):
            assert all(find(document, reference) for reference in references(document))
            kinds = [one["properties"]["kind"]["const"] for one in definitions["Command"]["oneOf"]]
            assert {name for one in definitions["Command"]["oneOf"] for name in one["properties"]} == set(
                CommandEnvelope.__struct_encode_fields__
            )
            assert kinds == [*(kind for kind, command in COMMANDS.items() if command.public), "LiftBlock", "Wave"]
            assert [one["properties"]["kind"]["const"] for one in definitions["Event"]["oneOf"]] == list(CODEC.events)
            tables = definitions["Snapshot"]["properties"]["state"]["properties"]
            assert list(tables) == [table.name for table in site.world.state.tables]
            assert definitions["Wave"]["required"] == ["times"]
            assert definitions["CreateTask"]["properties"]["priceMin"] == {"type": "string", "format": "decimal"}
        assert openapi["openapi"].startswith("3.1")
        assert set(openapi["paths"]) == {one.path for one in site.world.plugin(Api).endpoints if one.documented}


async def test_the_document_declares_every_status_with_what_it_brings_and_who_may_ask() -> None:
    async with serving(FakeTransport, Metrics) as site:
        paths = (await site.anna.get("/api/openapi.json")).json()["paths"]

    lists = {path: paths[path]["get"] for path in ("/api/session", "/api/blocks", "/api/event-stream")}
    assert {path: set(get["responses"]) for path, get in lists.items()} == {
        path: {"200", "400", "401", "403", "421", "429", "500", "503"} for path in lists
    }
    (stream,) = lists["/api/event-stream"]["responses"]["200"]["content"].values()
    assert stream["schema"]["contentSchema"]["items"] == {"$ref": "#/components/schemas/StreamMessage"}
    for path, methods in paths.items():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                for media, content in response.get("content", {}).items():
                    assert content.get("schema") or path == "/metrics", (path, status, media)
    assert lists["/api/blocks"]["description"] == "Takes the role admin or above."
    assert paths["/api/sign-in"]["post"]["security"] == []
    assert {} in paths["/healthz"]["get"]["security"], "the config may open it"
    assert "default" in paths["/metrics"]["get"]["responses"], "what a plugin mounts is its own affair"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN])
async def test_every_message_of_the_stream_is_of_the_form_that_the_document_declares(role: Role) -> None:
    async with serving(FakeTransport, Words) as site, site.member(role) as http:
        document = (await http.get("/api/openapi.json")).json()
        whole = {"components": document["components"], "$ref": "#/components/schemas/StreamMessage"}
        message = jsonschema_rs.validator_for(whole)
        seen: set[str] = set()
        async with asyncio.timeout(DEADLINE_S), aconnect_sse(http, "GET", "/api/event-stream?page=one") as stream:
            words = iter(f"word{number}" for number in range(1_000))
            async for found in stream.aiter_sse():
                told = {"event": found.event, "data": found.data, **({"id": found.id} if found.id else {})}
                message.validate(told)
                form = next(
                    one["properties"]["data"]["contentSchema"]
                    for one in document["components"]["schemas"]["StreamMessage"]["oneOf"]
                    if one["title"] == found.event
                )
                data = {"components": document["components"], **form}
                jsonschema_rs.validator_for(data).validate(json.loads(found.data))
                seen.add(found.event)
                if seen == {"snapshot", "batch", "check", "presence"}:
                    break
                await site.command("AddStopWord", {"word": next(words)})
    assert seen == {"snapshot", "batch", "check", "presence"}


async def test_what_goes_over_the_wire_has_the_fields_that_the_schema_names_and_no_others() -> None:
    async with serving(FakeTransport) as site:
        schema = (await site.anna.get("/api/schema.json")).json()

    events = {one["properties"]["kind"]["const"]: one for one in schema["$defs"]["Event"]["oneOf"]}
    past = history(Random(2), 1_500)
    for envelope in past:
        wire = json.loads(encode(envelope))
        described = events[wire["kind"]]
        assert [*wire] == [name for name in described["properties"] if name != "v" or CODEC.events[wire["kind"]].v > 1]
        assert set(wire["payload"]) == set(find(schema, described["properties"]["payload"]["$ref"])["properties"])
    described = schema["$defs"]["Snapshot"]
    seen = set()
    for length in range(100, len(past) + 1, 100):  # an invite, for one, is there at some moments only
        part = json.loads(encode(next(Snapshot.of(fold(past[:length])).parts(rows=100_000))))
        assert set(part) == set(described["required"])
        for name, rows in part["state"].items():
            row = find(schema, described["properties"]["state"]["properties"][name]["items"]["$ref"])
            assert all(set(one) == set(row["properties"]) for one in rows)
            seen |= {name} if rows else set()
    assert seen == set(described["properties"]["state"]["properties"])


def test_a_field_of_a_type_that_json_schema_does_not_know_is_a_mistake_and_not_a_blank() -> None:
    from plugins.api import openapi

    class Odd(c.Command[None], frozen=True, kw_only=True):
        what: complex

    try:
        openapi.schema({"Odd": Odd})
    except (TypeError, NotImplementedError):
        return
    raise AssertionError(msgspec.json.encode(openapi.schema({"Odd": Odd})))
