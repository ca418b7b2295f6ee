"""The list of routes: the application serves them, and the OpenAPI document describes them, from this alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeVar

from msgspec import Struct

from kernel.diagnosis import Report
from kernel.errors import Conflict, Forbidden, InDoubt, NotFound, RefusedBySteam, Rejected, Unavailable, Unconfirmed
from kernel.roles import Role
from kernel.routes import Method, Nothing
from plugins.api import commands, diagnosis, factor_routes, openapi, panels
from plugins.api.auth.actions import Action
from plugins.api.auth.admin import Admin, Invited, Named, NewToken, OperatorList, RoleOf, TokenList, TokenMade
from plugins.api.auth.audit import FORMATS, Audit, AuditPage, Filter
from plugins.api.auth.lockouts import Blocks
from plugins.api.auth.own_factor import OwnFactor
from plugins.api.auth.own_keys import OwnKeys
from plugins.api.auth.second_step import SecondStep
from plugins.api.auth.session_start import SignInAnswer
from plugins.api.auth.sign_in import Credentials, NewPassword, SignedIn, SignInHandlers, SignInLink, SignOut, Welcome
from plugins.api.codes import ApiRefusal
from plugins.api.commands import CommandExecutor
from plugins.api.diagnosis import Diagnosis
from plugins.api.errors import Unauthorized
from plugins.api.http import page
from plugins.api.http.answers import Answer
from plugins.api.http.endpoints import Content, Handler, HttpEndpoint, Raw, ResponseLink, always, done, listed
from plugins.api.openapi import Documents
from plugins.api.panels import PanelList, Panels
from plugins.api.probes import HealthProbes, Liveness, Readiness
from plugins.api.stream import presence, streams
from plugins.api.stream.presence import Sight
from plugins.api.stream.streams import StreamQuery, Streams

T = TypeVar("T", bound=Struct)
GET: Final = Method.GET
POST: Final = Method.POST
MADE: Final = "$response.body#/id"
ITS_NAME: Final = {"name": "$request.body#/name"}
OF_AN_OPERATOR: Final = ("link", "sign-out", "reset-second-factor", "disable", "enable", "remove")
"""What can be done about an operator who was just added."""
NEW_COOKIE: Final = "Done; the cookie has changed."
NEW_COOKIE_OR_TICKET: Final = "Signed in, and the cookie has changed; or, with `next`, the ticket for the second step."


class Services(NamedTuple):
    """What answers at the routes."""

    commands: CommandExecutor
    streams: Streams
    panels: Panels
    documents: Documents
    probes: HealthProbes
    sign_in: SignInHandlers
    second_step: SecondStep
    own_factor: OwnFactor
    own_keys: OwnKeys
    admin: Admin
    audit: Audit
    diagnosis: Diagnosis
    files: list[page.File]


def endpoints(of: Services) -> tuple[HttpEndpoint[Any], ...]:
    """Every route of this plugin. Those of other plugins are in `plugin_routes`."""
    return listed(
        HttpEndpoint(
            method=POST,
            path=commands.PATH,
            operation="command",
            summary="Carry one command out; answered once everything that it caused is on disk",
            role=Role.VIEWER,
            description="Each command has a role of its own: 403 says which.",
            takes=commands.CommandEnvelope,
            body="Command",
            body_bytes=commands.BODY_BYTES,
            answers=done(description="It was carried out."),
            raises=(NotFound, Conflict, Rejected, Unavailable, Unconfirmed, RefusedBySteam, InDoubt),
            serve=Raw(of.commands.serve),
            links={
                "again": ResponseLink(
                    commands.PATH, {part: f"$request.body#/{part}" for part in ("id", "kind", "payload")}
                ),
                "disposeTask": ResponseLink(commands.PATH, {"kind": "DisposeTask", "payload": {"taskId": MADE}}),
                "failTask": ResponseLink(
                    commands.PATH, {"kind": "FailTask", "payload": {"taskId": MADE, "reason": "other"}}
                ),
            },
        ),
        HttpEndpoint(
            method=GET,
            path=streams.PATH,
            operation="eventStream",
            summary="The state, and everything that happens to it",
            description=openapi.STREAM,
            role=Role.VIEWER,
            takes=StreamQuery,
            answers={200: Content("The stream.", {"text/event-stream": openapi.STREAM_SCHEMA})},
            endless=True,
            serve=Raw(of.streams.serve),
        ),
        HttpEndpoint(
            method=POST,
            path=presence.PATH,
            summary="What a page shows, for the other pages; it reads the event stream as `page`",
            role=Role.VIEWER,
            takes=Sight,
            answers=done(description="The others are told."),
            raises=(NotFound,),
            serve=Raw(of.streams.room.serve),
        ),
        HttpEndpoint(
            method=GET,
            path=panels.PATH,
            summary="What plugins show on the page: fields, tables, and buttons for commands of their own",
            role=Role.VIEWER,
            takes=Nothing,
            answers=done(PanelList, "The panels of the plugins that run now."),
            serve=of.panels.serve,
        ),
        *_documents(of),
        *_probes(of),
        *_sign_in(of),
        *factor_routes.endpoints(of.second_step, of.own_factor, of.own_keys),
        *_admin(of),
        *([page.endpoint(file) for file in of.files] or [page.bare()]),
    )


def _documents(of: Services) -> tuple[HttpEndpoint[Any], ...]:
    anything = done({"type": "object"}, "The document.")
    return (
        HttpEndpoint(
            method=GET,
            path="/api/schema.json",
            operation="schema",
            summary="JSON Schema of commands, events, rows and snapshots",
            role=Role.VIEWER,
            can_open=True,
            takes=Nothing,
            answers=anything,
            serve=of.documents.schema,
        ),
        HttpEndpoint(
            method=GET,
            path="/api/openapi.json",
            operation="openapi",
            summary="This document",
            role=Role.VIEWER,
            can_open=True,
            takes=Nothing,
            answers=anything,
            serve=of.documents.openapi,
        ),
    )


def _probes(of: Services) -> tuple[HttpEndpoint[Any], ...]:
    return (
        HttpEndpoint(
            method=GET,
            path="/healthz",
            summary="Whether the process answers, and how late its event loop is",
            role=Role.VIEWER,
            can_open=True,
            takes=Nothing,
            answers=done(Liveness, "It does."),
            serve=of.probes.healthz,
        ),
        HttpEndpoint(
            method=GET,
            path="/readyz",
            summary="Whether everything works that the system needs",
            role=Role.VIEWER,
            can_open=True,
            takes=Nothing,
            answers={
                **done(Readiness, "It does."),
                503: Content("It does not; `checks` say what.", {"application/json": Readiness}),
            },
            serve=of.probes.readyz,
        ),
    )


def _sign_in(of: Services) -> tuple[HttpEndpoint[Any], ...]:
    return (
        HttpEndpoint(
            method=GET,
            path="/sign-in",
            operation="signIn",
            summary="A session by a token's link, for browsers",
            role=None,
            takes=SignInLink,
            answers={303: Content("Signed in; on to `/`.", {})},
            raises=(Unauthorized, Forbidden, Unavailable),
            serve=of.sign_in.by_link,
        ),
        HttpEndpoint(
            method=POST,
            path="/api/sign-in",
            summary="A session by name and password, or the ticket for its second step",
            role=None,
            takes=Credentials,
            answers=done(SignInAnswer, NEW_COOKIE_OR_TICKET),
            raises=(Unauthorized, Unavailable),
            serve=of.sign_in.by_password,
        ),
        HttpEndpoint(
            method=POST,
            path="/api/welcome",
            summary="A session by a one-time link, and the password that its holder chooses",
            role=None,
            takes=Welcome,
            answers=done(SignInAnswer, NEW_COOKIE_OR_TICKET),
            raises=(Unauthorized, Conflict, Unavailable),
            serve=of.sign_in.welcome,
        ),
        HttpEndpoint(
            method=POST,
            path="/api/password",
            summary="Another password; the other browsers of the same person are signed out",
            role=Role.VIEWER,
            takes=NewPassword,
            answers=done(description=NEW_COOKIE),
            raises=(NotFound, Conflict),
            serve=of.sign_in.change_password,
        ),
        HttpEndpoint(
            method=POST,
            path="/api/sign-out",
            summary="End this session, or all of the same person's",
            role=Role.VIEWER,
            takes=SignOut,
            answers=done(description=NEW_COOKIE),
            raises=(Unconfirmed,),
            serve=of.sign_in.sign_out,
        ),
        HttpEndpoint(
            method=GET,
            path="/api/session",
            summary="Whom the caller is taken for, and the role",
            role=Role.VIEWER,
            takes=Nothing,
            answers=done(SignedIn, "The caller."),
            serve=of.sign_in.session,
        ),
    )


def _admin(of: Services) -> tuple[HttpEndpoint[Any], ...]:
    entries = {kind.decode().partition(";")[0]: {"type": "string"} for kind in FORMATS.values()}
    return (
        _reads("/api/operators", "Who may sign in", OperatorList, of.admin.operators),
        _reads("/api/tokens", "What tokens there are", TokenList, of.admin.tokens),
        _reads("/api/blocks", "Who is locked out after wrong guesses", Blocks, of.admin.blocks),
        HttpEndpoint(
            method=GET,
            path="/api/audit",
            summary="Who did what, when and from where, newest first",
            role=Role.ADMIN,
            takes=Filter,
            malformed=ApiRefusal.INVALID_FILTER,
            answers={200: Content("The entries.", {**entries, "application/json": AuditPage})},
            serve=of.audit.serve,
            proof=lambda wanted: wanted.is_export,
        ),
        HttpEndpoint(
            method=GET,
            path=diagnosis.PATH,
            summary="One report about the system to attach anywhere: no secret, no player's word, nobody's name",
            role=Role.ADMIN,
            takes=Nothing,
            answers=done(Report, "The report, as a file."),
            raises=(Unavailable,),
            serve=of.diagnosis.serve,
            action=Action.EXPORT_DIAGNOSIS,
        ),
        _changes(
            "/api/operators/add",
            "Add an operator; the answer has a one-time link",
            Action.ADD_OPERATOR,
            RoleOf,
            Invited,
            of.admin.add,
            proof=True,
            links={name: ResponseLink(f"/api/operators/{name}", ITS_NAME) for name in OF_AN_OPERATOR},
        ),
        _changes(
            "/api/operators/link",
            "A new one-time link, for a password that is forgotten",
            Action.INVITE_OPERATOR,
            Named,
            Invited,
            of.admin.link,
            proof=True,
        ),
        _changes(
            "/api/operators/role",
            "Give an operator another role",
            Action.SET_ROLE,
            RoleOf,
            Answer,
            of.admin.set_role,
            proof=True,
        ),
        _changes(
            "/api/operators/sign-out",
            "Sign an operator out everywhere",
            Action.SIGN_OUT_OPERATOR,
            Named,
            Answer,
            of.admin.sign_out,
        ),
        _changes(
            "/api/operators/reset-second-factor",
            "Forget the second factor of an operator who has lost it, and who is signed out",
            Action.RESET_SECOND_FACTOR,
            Named,
            Answer,
            of.admin.reset_second_factor,
            proof=True,
        ),
        _changes(
            "/api/operators/disable",
            "Let an operator in no more",
            Action.DISABLE_OPERATOR,
            Named,
            Answer,
            of.admin.disable,
        ),
        _changes(
            "/api/operators/enable",
            "Let an operator in again",
            Action.ENABLE_OPERATOR,
            Named,
            Answer,
            of.admin.enable,
        ),
        _changes(
            "/api/operators/remove",
            "Remove an operator, who is signed out",
            Action.REMOVE_OPERATOR,
            Named,
            Answer,
            of.admin.remove,
        ),
        _changes(
            "/api/tokens/create",
            "Create a token; the answer has it",
            Action.CREATE_TOKEN,
            NewToken,
            TokenMade,
            of.admin.create_token,
            proof=True,
            links={"revoke": ResponseLink("/api/tokens/revoke", ITS_NAME)},
        ),
        _changes("/api/tokens/revoke", "Revoke a token", Action.REVOKE_TOKEN, Named, Answer, of.admin.revoke_token),
    )


def _reads(path: str, summary: str, answers: object, serve: Handler[Nothing]) -> HttpEndpoint[Nothing]:
    """A list for admins."""
    return HttpEndpoint(
        method=GET,
        path=path,
        summary=summary,
        role=Role.ADMIN,
        takes=Nothing,
        answers=done(answers, summary),
        serve=serve,
    )


def _changes(
    path: str,
    summary: str,
    action: Action,
    takes: type[T],
    answers: type[Struct],
    serve: Handler[T],
    *,
    proof: bool = False,
    links: Mapping[str, ResponseLink] | None = None,
) -> HttpEndpoint[T]:
    """A change that an admin makes to operators or tokens."""
    return HttpEndpoint(
        method=POST,
        path=path,
        summary=summary,
        role=Role.ADMIN,
        takes=takes,
        answers=done(answers),
        raises=(NotFound, Conflict, Unconfirmed),
        serve=serve,
        action=action,
        proof=always if proof else None,
        links=links or {},
    )
