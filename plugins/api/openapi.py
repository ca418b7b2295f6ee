"""The contract as documents: JSON Schema of every command, event and row, and the OpenAPI document of every route.

Both are drawn from what runs: the kernel's Structs say what the decoder takes, and the list of routes says what is
served, so neither can fall behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

import msgspec
from litestar.types import Scope

from kernel import DISTRIBUTION
from kernel.checks import Check
from kernel.codec import CODEC, encode
from kernel.commands import COMMANDS, Command
from kernel.context import Context
from kernel.roles import Role
from kernel.routes import Method, Nothing, any_json
from kernel.state import State
from plugins.api.commands import ID
from plugins.api.http.answers import Answer, HttpReply
from plugins.api.http.cookies import COOKIE
from plugins.api.http.endpoints import HttpEndpoint
from plugins.api.plugin_routes import PluginRoutes
from plugins.api.stream.presence import Presence

Schema = dict[str, Any]
"""A piece of a JSON Schema: it is written out as it is, and read by nobody here."""
COMPONENTS: Final = "#/components/schemas/{name}"

STREAM: Final = """\
Server-sent events. First `snapshot`, the whole state: one message or, for a large state, several with `part` of
`parts`, all of one `seq`; then `batch`, an array of events in the order of their `seq`, which goes on where the
snapshot ends. Now and then `check`, an array of checksums of the state at the last event, slice by slice: a client
whose copy comes to something else has drifted, and asks for a new one. A comment keeps an idle stream alive. A client
that falls far behind gets a new `snapshot` in the midst of the stream and drops what it had. There is no replay:
whoever reconnects begins with a snapshot. Who asks as a `page` is also sent `presence` whenever it changes: all pages
that are here, in no order with the rest. The header `Switchboard-Time` says what time it is here, in UTC milliseconds:
events may bear earlier times than those before them only after `clock.stepped` and `clock.resumed`."""
STREAM_SCHEMA: Final[Schema] = {
    "type": "string",
    "contentMediaType": "text/event-stream",
    "contentSchema": {"type": "array", "items": {"$ref": COMPONENTS.format(name="StreamMessage")}},
}
REFUSALS: Final[Mapping[int, str]] = {
    400: "The request is not of its form, or its Host no name of a server; `error.field` names the part.",
    401: "There is no token or session, or none that is known.",
    403: "The caller's role does not allow this, or it takes a fresh proof, or a page of another site asks.",
    404: "What the request names does not exist.",
    408: "The body does not arrive in time.",
    409: "It exists, and its present state, or a guard, does not allow this.",
    413: "The body is too long.",
    421: "This server does not go by the name in the header Host.",
    429: "Too many requests, or a guard asks for patience; Retry-After says how much.",
    500: "A bug; it has been logged.",
    502: "Steam has answered with a refusal: the request has left, and counts.",
    503: "Not just now; Retry-After says when to ask again, where that is known.",
    504: "It may have been done: ask again with the same id, where there is one.",
}


class Documents:
    """The handlers of `/api/schema.json` and `/api/openapi.json`."""

    def __init__(self, ctx: Context, plugins: PluginRoutes) -> None:
        self._ctx = ctx
        self._plugins = plugins
        self.endpoints: Sequence[HttpEndpoint[Any]] = ()
        """The routes of this plugin, these two among them."""

    def schema(self, _: Scope, __: Nothing) -> HttpReply:
        return HttpReply(200, encode(schema(self._commands())))

    def openapi(self, _: Scope, __: Nothing) -> HttpReply:
        mounts = self._ctx.hooks.mounts()
        return HttpReply(200, encode(openapi(self._commands(), self.endpoints, self._plugins.by_plugin(), mounts)))

    def _commands(self) -> dict[str, type[Command[Any]]]:
        """The public commands: the kernel's, and those that plugins have added."""
        return {kind: command for kind, command in {**COMMANDS, **self._ctx.command_kinds}.items() if command.public}


def schema(commands: Mapping[str, type[Command[Any]]]) -> Schema:
    """JSON Schema (2020-12) of everything on the stream and of every command. `commands`: the public ones, by kind."""
    definitions, _ = _definitions(commands, (), "#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Switchboard",
        "description": "Commands go in, a snapshot and events come out. Times are UTC milliseconds.",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("Command", "Answer", "Event", "Snapshot", "Check")],
        "$defs": definitions,
    }


def openapi(
    commands: Mapping[str, type[Command[Any]]],
    endpoints: Sequence[HttpEndpoint[Any]],
    plugins: Mapping[str, Sequence[HttpEndpoint[Any]]],
    mounts: Iterable[str],
) -> Schema:
    """The OpenAPI 3.1 document. `plugins`: the endpoints of the other plugins, by their name; `mounts`: the paths of
    applications that they have mounted, which nothing is known of."""
    definitions, schemas = _definitions(commands, _types_of(endpoints), COMPONENTS)
    paths: dict[str, Schema] = {path: {"get": _mounted(path)} for path in mounts}
    _describe(paths, endpoints, schemas)
    for name, theirs in plugins.items():
        types = _types_of(theirs)
        found, components = msgspec.json.schema_components(
            types, schema_hook=any_json, ref_template=COMPONENTS.format(name=f"{name}.{{name}}")
        )
        definitions |= {f"{name}.{component}": schema for component, schema in components.items()}
        _describe(paths, theirs, dict(zip(types, found, strict=True)))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Switchboard", "version": version(DISTRIBUTION), "license": {"name": "MIT"}},
        "security": [{"bearer": []}, {"cookie": []}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


def _types_of(endpoints: Iterable[HttpEndpoint[Any]]) -> list[Any]:
    """What msgspec has to describe of them, each once."""
    found: dict[Any, None] = {}
    for endpoint in filter(_is_documented, endpoints):
        if endpoint.body is None and endpoint.takes is not Nothing:
            found[endpoint.takes] = None
        for content in endpoint.answers.values():
            found |= {one: None for one in content.media.values() if not isinstance(one, dict)}
    return list(found)


def _is_documented(endpoint: HttpEndpoint[Any]) -> bool:
    return endpoint.documented


def _definitions(
    commands: Mapping[str, type[Command[Any]]], types: Sequence[Any], ref: str
) -> tuple[Schema, dict[Any, Schema]]:
    """The components by name, and how each type is referred to."""
    tables = State().tables
    wire = [*commands.values(), *CODEC.events.values(), *(table.row_type for table in tables), Answer, Check, Presence]
    every = list(dict.fromkeys([*wire, *types]))
    found, components = msgspec.json.schema_components(every, schema_hook=any_json, ref_template=ref)
    schemas: dict[Any, Schema] = dict(zip(every, found, strict=True))
    definitions: Schema = dict(components)
    definitions["Command"] = {
        "description": "A request. With an `id`, the same command sent twice is carried out once.",
        "oneOf": [_command(kind, schemas[command]) for kind, command in commands.items()],
    }
    definitions["Event"] = {
        "description": "A fact, with its place in the one order.",
        "oneOf": [_event(kind, schemas[event]) for kind, event in CODEC.events.items()],
    }
    definitions["Batch"] = {"type": "array", "items": {"$ref": ref.format(name="Event")}, "minItems": 1}
    rows = {table.name: {"type": "array", "items": schemas[table.row_type]} for table in tables}
    definitions["Snapshot"] = {
        "description": "A slice of the state. The first part names every table.",
        "type": "object",
        "required": ["seq", "ts", "part", "parts", "state"],
        "properties": {
            **{name: {"type": "integer", "minimum": 0} for name in ("seq", "ts")},
            **{name: {"type": "integer", "minimum": 1} for name in ("part", "parts")},
            "state": {"type": "object", "properties": rows},
        },
    }
    definitions["StreamMessage"] = {
        "description": "One message of the event stream; `data` is JSON.",
        "oneOf": [
            _message("snapshot", {"$ref": ref.format(name="Snapshot")}, numbered=True),
            _message("batch", {"$ref": ref.format(name="Batch")}, numbered=True),
            _message("check", {"type": "array", "items": schemas[Check]}),
            _message("presence", {"type": "array", "items": schemas[Presence]}),
        ],
    }
    return dict(sorted(definitions.items())), schemas


def _message(event: str, data: Schema, *, numbered: bool = False) -> Schema:
    """A message of the stream; one that is `numbered` bears the seq of its last event as its id."""
    return {
        "title": event,
        "type": "object",
        "required": ["event", "data", *(["id"] if numbered else [])],
        "properties": {
            "event": {"const": event},
            **({"id": {"type": "string", "pattern": "^[0-9]+$"}} if numbered else {}),
            "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": data},
        },
    }


def _command(kind: str, payload: Schema) -> Schema:
    return {
        "title": kind,
        "type": "object",
        "required": ["kind", "payload"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "pattern": ID},
            "dryRun": {"type": "boolean", "description": "Only say what the command would be refused for."},
            "kind": {"const": kind},
            "payload": payload,
        },
    }


def _event(kind: str, payload: Schema) -> Schema:
    return {
        "title": kind,
        "type": "object",
        "required": ["seq", "ts", "actor", "cause", "kind", "payload"],
        "properties": {
            "seq": {"type": "integer", "minimum": 1},
            "ts": {"type": "integer"},
            "actor": {"type": "string"},
            "cause": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "kind": {"const": kind},
            "payload": payload,
            "v": {"type": "integer", "minimum": 2, "description": "The version of the payload's form; left out for 1."},
        },
    }


def _describe(paths: dict[str, Schema], endpoints: Iterable[HttpEndpoint[Any]], schemas: Mapping[Any, Schema]) -> None:
    """Put these endpoints into `paths`."""
    for endpoint in filter(_is_documented, endpoints):
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)


def _operation(endpoint: HttpEndpoint[Any], schemas: Mapping[Any, Schema]) -> Schema:
    role = f"Takes the role {endpoint.role} or above." if endpoint.role not in (None, Role.VIEWER) else ""
    proof = "Of a person it takes a fresh proof: 403 `proofNeeded`, see `/api/proof`." if endpoint.proof else ""
    description = " ".join(filter(None, (endpoint.description, role, proof)))
    security: Schema = {}
    if endpoint.role is None:
        security = {"security": []}
    elif endpoint.can_open:
        security = {"security": [{"bearer": []}, {"cookie": []}, {}]}
    return {
        "operationId": endpoint.operation or _operation_id(endpoint.path),
        "summary": endpoint.summary,
        **({"description": description} if description else {}),
        **security,
        **_request(endpoint, schemas),
        "responses": {str(status): _response(status, endpoint, schemas) for status in sorted(endpoint.statuses)},
    }


def _operation_id(path: str) -> str:
    return path.removeprefix("/api").strip("/").replace("/", "-") or "mount"


def _request(endpoint: HttpEndpoint[Any], schemas: Mapping[Any, Schema]) -> Schema:
    if endpoint.method is not Method.GET:
        body = {"$ref": COMPONENTS.format(name=endpoint.body)} if endpoint.body else schemas.get(endpoint.takes)
        content = {"application/json": {"schema": body}} if body is not None else {}
        return {"requestBody": {"required": True, "content": content}} if content else {}
    fields = msgspec.structs.fields(endpoint.takes)
    return {"parameters": [_parameter(field) for field in fields]} if fields else {}


def _parameter(field: msgspec.structs.FieldInfo) -> Schema:
    described = msgspec.json.schema(field.type, schema_hook=any_json)
    return {"name": field.encode_name, "in": "query", "required": field.required, "schema": described}


def _response(status: int, endpoint: HttpEndpoint[Any], schemas: Mapping[Any, Schema]) -> Schema:
    answered = endpoint.answers.get(status)
    own = {media: _media(one, schemas) for media, one in answered.media.items()} if answered is not None else {}
    refusal = {"schema": {"$ref": COMPONENTS.format(name="Answer")}}
    if answered is None:
        return {"description": REFUSALS[status], "content": {"application/json": refusal}}
    links = {"links": _links(endpoint)} if status == 200 and endpoint.links else {}
    if status in endpoint.refusals and "application/json" in own:
        either = {"schema": {"anyOf": [own["application/json"]["schema"], refusal["schema"]]}}
        description = f"{answered.description} {REFUSALS[status]}"
        return {"description": description, "content": {"application/json": either}, **links}
    return {"description": answered.description, "content": own, **links}


def _links(endpoint: HttpEndpoint[Any]) -> Schema:
    return {
        name: {"operationId": _operation_id(link.path), "requestBody": link.body}
        for name, link in endpoint.links.items()
    }


def _media(what: object, schemas: Mapping[Any, Schema]) -> Schema:
    return {"schema": what if isinstance(what, dict) else schemas[what]}


def _mounted(path: str) -> Schema:
    return {
        "operationId": _operation_id(path),
        "summary": "An application that a plugin has mounted: what it answers is its own affair",
        "responses": {
            "200": {"description": "What it answers.", "content": {"*/*": {}}},
            "default": {"description": "A refusal, its own or of the gate in front of it.", "content": {"*/*": {}}},
        },
    }
