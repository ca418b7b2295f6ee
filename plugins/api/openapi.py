"""The contract as documents: JSON Schema of every command, event and row, and the OpenAPI page that refers to it.

Both are drawn from the kernel's own Structs, so they say what the decoder does, and cannot fall behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final

import msgspec
from msgspec import Struct

from kernel.checks import Check
from kernel.commands import Command
from kernel.events import KINDS
from kernel.state import State
from plugins.api.auth.admin import FORMS as ADMIN_FORMS
from plugins.api.auth.admin import LISTS as ADMIN_LISTS
from plugins.api.auth.admin import Form
from plugins.api.auth.audit import FORMATS, Filter
from plugins.api.auth.sign_in import FORMS
from plugins.api.commands import BODY_BYTES, ID
from plugins.api.http.answers import Answer
from plugins.api.stream.presence import Presence, Sight

Schema = dict[str, Any]
"""A piece of a JSON Schema: it is written out as it is, and read by nobody here."""

_STREAM: Final = """\
Server-sent events. First `snapshot`, the whole state: one message or, for a large state, several with `part` of
`parts`, all of one `seq`; then `batch`, an array of events in the order of their `seq`, which goes on where the
snapshot ends. Now and then `check`, an array of checksums of the state at the last event, slice by slice: a client
whose copy comes to something else has drifted, and asks for a new one. A comment keeps an idle stream alive. A client
that falls far behind gets a new `snapshot` in the midst of the stream and drops what it had. There is no replay:
whoever reconnects begins with a snapshot. Who asks as a `page` is also sent `presence` whenever it changes: all pages
that are here, in no order with the rest. The header `Switchboard-Time` says what time it is here, in UTC milliseconds:
events may bear earlier times than those before them only after `clock.stepped` and `clock.resumed`."""


def schema(commands: Mapping[str, type[Command[Any]]]) -> Schema:
    """JSON Schema (2020-12) of everything on the wire. `commands`: the public ones, by kind."""
    definitions = _definitions(commands, "#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Switchboard",
        "description": "Commands go in, a snapshot and events come out. Times are UTC milliseconds.",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("Command", "Answer", "Event", "Snapshot", "Check")],
        "$defs": definitions,
    }


def openapi(commands: Mapping[str, type[Command[Any]]]) -> Schema:
    """The OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Switchboard", "version": version("switchboard"), "license": {"name": "MIT"}},
        "security": [{"bearer": []}, {"cookie": []}],
        "paths": _paths(),
        "components": {
            "schemas": _definitions(commands, "#/components/schemas/{name}"),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "switchboard"},
            },
        },
    }


def _definitions(commands: Mapping[str, type[Command[Any]]], ref: str) -> Schema:
    tables = State().tables
    structs: list[type[Any]] = [
        *commands.values(),
        *KINDS.values(),
        *(table.row_type for table in tables),
        Answer,
        Check,
        Sight,
        Presence,
        *FORMS.values(),
        *_admin_structs(),
    ]
    _, found = msgspec.json.schema_components(structs, schema_hook=_anything, ref_template=ref)
    definitions: Schema = dict(found)
    names = {struct: struct.__name__ for struct in structs}
    definitions["Command"] = {
        "description": "A request. With an `id`, the same command sent twice is carried out once.",
        "oneOf": [_command(kind, ref.format(name=names[command])) for kind, command in commands.items()],
    }
    definitions["Event"] = {
        "description": "A fact, with its place in the one order.",
        "oneOf": [_event(kind, ref.format(name=names[event])) for kind, event in KINDS.items()],
    }
    definitions["Batch"] = {"type": "array", "items": {"$ref": ref.format(name="Event")}, "minItems": 1}
    rows = {
        table.name: {"type": "array", "items": {"$ref": ref.format(name=names[table.row_type])}} for table in tables
    }
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
    return dict(sorted(definitions.items()))


def _admin_structs() -> list[type[Struct]]:
    forms = [struct for form in ADMIN_FORMS.values() for struct in (form.body, form.answer)]
    return list(dict.fromkeys([*forms, *(listed for listed, _ in ADMIN_LISTS.values())]))


def _anything(of: type) -> Schema:
    """A field of type `object` takes any JSON; msgspec asks about nothing else in the contract."""
    if of is not object:
        raise NotImplementedError
    return {"description": "Any JSON."}


def _command(kind: str, payload: str) -> Schema:
    return {
        "title": kind,
        "type": "object",
        "required": ["kind", "payload"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "pattern": ID},
            "dryRun": {"type": "boolean", "description": "Only say what the command would be refused for."},
            "kind": {"const": kind},
            "payload": {"$ref": payload},
        },
    }


def _event(kind: str, payload: str) -> Schema:
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
            "payload": {"$ref": payload},
        },
    }


def _paths() -> Schema:
    answer = {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}
    refusals = {
        "400": "The command is not of its form; `error.field` names the part.",
        "401": "There is no token, or none that is known.",
        "403": "Whoever asks may not.",
        "404": "What the command names does not exist.",
        "409": "It exists, and its present state, or a guard, does not allow this.",
        "413": f"The body is longer than {BODY_BYTES // 1024} KiB.",
        "429": "A guard asks for patience; Retry-After says how much.",
        "500": "A bug; it has been logged.",
        "503": "Not just now; Retry-After says when to ask again, where that is known.",
    }
    refused: Schema = {status: {"description": text, "content": answer} for status, text in refusals.items()}
    return {
        "/api/command": {
            "post": {
                "operationId": "command",
                "summary": "Carry one command out; answered once everything that it caused is on disk",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Command"}}},
                },
                "responses": {"200": {"description": "It was carried out.", "content": answer}, **refused},
            }
        },
        "/api/event-stream": {
            "get": {
                "operationId": "eventStream",
                "summary": "The state, and everything that happens to it",
                "description": _STREAM,
                "parameters": [{"name": "page", "in": "query", "schema": {"type": "string"}}],
                "responses": {
                    "200": {"description": "The stream.", "content": {"text/event-stream": {}}},
                    **{status: refused[status] for status in ("401", "503")},
                },
            }
        },
        "/api/presence": {
            "post": {
                "operationId": "presence",
                "summary": "What a page shows, for the other pages; it reads the event stream as `page`",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Sight"}}},
                },
                "responses": {
                    "200": {"description": "The others are told.", "content": answer},
                    **{status: refused[status] for status in ("400", "401", "404")},
                },
            }
        },
        "/api/schema.json": _document("schema", "JSON Schema of commands, events, rows and snapshots"),
        "/api/openapi.json": _document("openapi", "This document"),
        "/api/session": _document("session", "Whom the caller is taken for: `actor`, `role`, and `by` what"),
        "/api/audit": _audit(refused),
        "/api/blocks": _document("blocks", "Who has guessed wrong too often and has to wait, for an admin"),
        **{path: _form(path, form, answer, refused) for path, form in FORMS.items()},
        **{path: _admin_form(path, form, refused) for path, form in ADMIN_FORMS.items()},
        **{path: _admin_list(path, *listed, refused) for path, listed in ADMIN_LISTS.items()},
        "/sign-in": {
            "get": {
                "operationId": "signIn",
                "summary": "A session by a token's link, for browsers",
                "security": [],
                "parameters": [{"name": "token", "in": "query", "required": True, "schema": {"type": "string"}}],
                "responses": {"303": {"description": "Signed in; on to `/`."}, "401": refused["401"]},
            }
        },
        "/healthz": _document("healthz", "The process lives; how late its loop is, in ms"),
        "/readyz": {
            "get": {
                "operationId": "readyz",
                "summary": "Whether everything works that the system needs",
                "responses": {
                    "200": {"description": "It does.", "content": {"application/json": {}}},
                    "503": {"description": "It does not; `checks` say what.", "content": {"application/json": {}}},
                },
            }
        },
        "/metrics": {
            "get": {
                "operationId": "metrics",
                "summary": "Prometheus metrics, where the metrics plugin runs",
                "responses": {"200": {"description": "The metrics.", "content": {"text/plain": {}}}},
            }
        },
    }


def _audit(refused: Schema) -> Schema:
    media: Schema = {one.decode().partition(";")[0]: {} for one in FORMATS.values()}
    numbers = {"since", "until", "limit"}
    return {
        "get": {
            "operationId": "audit",
            "summary": "Who did what, when and from where, newest first, for an admin",
            "parameters": [
                {"name": name, "in": "query", "schema": {"type": "integer" if name in numbers else "string"}}
                for name in Filter.__struct_fields__
            ],
            "responses": {
                "200": {"description": "The entries.", "content": media},
                **{status: refused[status] for status in ("400", "401", "403", "429", "503")},
            },
        }
    }


def _form(path: str, form: type[Struct], answer: Schema, refused: Schema) -> Schema:
    known = path in {"/api/sign-out", "/api/password"}
    body = {"application/json": {"schema": {"$ref": f"#/components/schemas/{form.__name__}"}}}
    statuses = ("400", "401", "403", "409", "413", "415", "429", "503")
    return {
        "post": {
            "operationId": path.removeprefix("/api/"),
            "summary": (form.__doc__ or "").partition(": ")[2] or "The session of this browser, or the password",
            **({} if known else {"security": []}),
            "requestBody": {"required": True, "content": body},
            "responses": {
                "200": {"description": "Done; the cookie has changed.", "content": answer},
                **{status: refused[status] for status in statuses if status in refused},
            },
        }
    }


def _admin_form(path: str, form: Form, refused: Schema) -> Schema:
    statuses = ("400", "401", "403", "404", "409", "413", "429", "503")
    return {
        "post": {
            "operationId": path.removeprefix("/api/").replace("/", "-"),
            "summary": f"{form.summary}, for an admin",
            "requestBody": {"required": True, "content": _json_of(form.body)},
            "responses": {
                "200": {"description": "Done.", "content": _json_of(form.answer)},
                **{status: refused[status] for status in statuses},
            },
        }
    }


def _admin_list(path: str, listed: type[Struct], summary: str, refused: Schema) -> Schema:
    return {
        "get": {
            "operationId": path.removeprefix("/api/"),
            "summary": summary,
            "responses": {
                "200": {"description": summary, "content": _json_of(listed)},
                **{status: refused[status] for status in ("401", "403", "429", "503")},
            },
        }
    }


def _json_of(struct: type[Struct]) -> Schema:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{struct.__name__}"}}}


def _document(name: str, summary: str) -> Schema:
    content: Schema = {"application/json": {}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "responses": {"200": {"description": summary, "content": content}},
        }
    }
