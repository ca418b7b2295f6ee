"""The routes: Litestar knows which path is whose, and what is said when it is nobody's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from litestar import Litestar, Request, Response, asgi, get
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from kernel.codec import encode
from kernel.commands import COMMANDS, Command
from kernel.context import Context
from kernel.errors import CommandError, NotFound, Refused
from kernel.roles import Role
from plugins.api import openapi
from plugins.api.auth.access import Access
from plugins.api.auth.actions import Action
from plugins.api.auth.admin import FORMS as ADMIN_FORMS
from plugins.api.auth.admin import Admin
from plugins.api.auth.audit import FORMATS, Audit, filter_of
from plugins.api.auth.callers import Caller, address_of
from plugins.api.auth.sign_in import Credentials, NewPassword, SignIn, SignOut, Welcome
from plugins.api.commands import Commands
from plugins.api.errors import Broken, FileUnreadable, WrongMethod
from plugins.api.http import page
from plugins.api.http.answers import Reply, refusal
from plugins.api.http.forms import route
from plugins.api.stream.streams import Streams

SAMPLE_S: Final = 0.01
"""What /healthz sleeps to see how late it is woken."""

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Switchboard</title>
<h1>Switchboard</h1>
<p>{who}</p>
<ul>
<li><code>POST /api/command</code> takes one command</li>
<li><a href="/api/event-stream"><code>GET /api/event-stream</code></a> gives the state and all that happens to it</li>
<li><a href="/api/openapi.json">OpenAPI document</a>, <a href="/api/schema.json">JSON Schema of the contract</a></li>
<li><a href="/metrics">Metrics</a>, <a href="/healthz">health</a>, <a href="/readyz">readiness</a></li>
</ul>
</html>
"""


def build(
    ctx: Context,
    access: Access,
    audit: Audit,
    commands: Commands,
    streams: Streams,
    admin: Admin,
    files: list[page.File],
) -> Litestar:
    """The application; the gate in front of it has put the holder of the token into `scope["user"]`."""
    return Litestar(
        route_handlers=[
            _whole("/api/command", commands.serve),
            _whole("/api/event-stream", streams.serve),
            _whole("/api/presence", streams.room.serve),
            *_documents(ctx),
            *_health(ctx, commands, streams),
            *_sign_in(SignIn(access, audit)),
            _session(access),
            _blocks(access),
            _audit(audit),
            *_admin(admin),
            *(map(page.route, files) if files else [_bare_front_page()]),
        ],
        exception_handlers={
            HTTPException: _http_problem,
            CommandError: _refused,
            FileUnreadable: _unreadable(ctx),
            Exception: _logged(ctx),
        },
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def _whole(path: str, serve: ASGIApp) -> Any:
    """A route that takes requests as they come: what is asked often is not worth 70 us of convenience."""

    @asgi(path, name=path, copy_scope=False)
    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        await serve(scope, receive, send)

    return route


def _documents(ctx: Context) -> list[Any]:
    def commands() -> dict[str, type[Command[Any]]]:
        """The public commands: the kernel's, and those that plugins have added."""
        return {kind: command for kind, command in {**COMMANDS, **ctx.command_kinds}.items() if command.public}

    @get("/api/schema.json", sync_to_thread=False)
    def schema() -> Response[bytes]:
        return _json(openapi.schema(commands()))

    @get("/api/openapi.json", sync_to_thread=False)
    def document() -> Response[bytes]:
        return _json(openapi.openapi(commands()))

    return [schema, document]


def _health(ctx: Context, commands: Commands, streams: Streams) -> list[Any]:
    @get("/healthz")
    async def healthz() -> Response[bytes]:
        clock = asyncio.get_running_loop().time
        asleep = clock()
        await asyncio.sleep(SAMPLE_S)
        late = max(0.0, clock() - asleep - SAMPLE_S)
        busy = {"streams": len(streams), "commands": len(commands)}
        return _json({"ok": True, "lateMs": round(late * 1_000, 1), "seq": ctx.state.seq, **busy})

    @get("/readyz", sync_to_thread=False)
    def readyz() -> Response[bytes]:
        checks = ctx.hooks.health()
        ready = all(check.ok for check in checks)
        return _json({"ok": ready, "checks": checks}, status=200 if ready else 503)

    return [healthz, readyz]


def _sign_in(sign_in: SignIn) -> list[Any]:
    @get("/sign-in", sync_to_thread=False)
    def by_link(request: Request[Any, Any, Any]) -> Response[bytes]:
        return _response(sign_in.by_link(request.scope, request.query_params.get("token", "")))

    forms = (
        _whole("/api/sign-in", route("/api/sign-in", Credentials, sign_in.by_password)),
        _whole("/api/welcome", route("/api/welcome", Welcome, sign_in.welcome)),
        _whole("/api/password", route("/api/password", NewPassword, sign_in.change_password)),
        _whole("/api/sign-out", route("/api/sign-out", SignOut, sign_in.sign_out)),
    )
    return [by_link, *forms]


def _session(access: Access) -> Any:
    @get("/api/session", sync_to_thread=False)
    def session(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Who the caller is taken for, and what that one may."""
        caller: Caller = request.scope["user"]
        by = "password" if access.operator_of(caller) else "link" if access.session_of(caller) else "token"
        return _json({"actor": caller.actor, "role": caller.role, "by": by})

    return session


def _blocks(access: Access) -> Any:
    @get("/api/blocks", sync_to_thread=False)
    def blocks(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Who has guessed wrong so often that they have to wait."""
        caller: Caller = request.scope["user"]
        caller.expect(Role.ADMIN, "The list of who has to wait")
        return _json(access.lockouts.blocks())

    return blocks


def _admin(admin: Admin) -> list[Any]:
    @get("/api/operators", sync_to_thread=False)
    def operators(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Who may sign in."""
        return _json(admin.operators(request.scope["user"]))

    @get("/api/tokens", sync_to_thread=False)
    def tokens(request: Request[Any, Any, Any]) -> Response[bytes]:
        """What tokens there are."""
        return _json(admin.tokens(request.scope["user"]))

    forms = [_whole(path, route(path, form.body, admin.serves(path))) for path, form in ADMIN_FORMS.items()]
    return [operators, tokens, *forms]


def _audit(audit: Audit) -> Any:
    @get("/api/audit")
    async def read(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Who did what, when and from where: the newest first."""
        caller: Caller = request.scope["user"]
        caller.expect(Role.ADMIN, "The audit")
        wanted = filter_of(dict(request.query_params.items()))
        body = await audit.read(wanted)
        if wanted.format == "json":
            return _response(Reply(200, body))
        audit.record(Action.EXPORT_AUDIT, caller, address_of(request.scope), subject=wanted.format)
        name = f"attachment; filename=audit.{wanted.format}".encode()
        return _response(Reply(200, body, ((b"content-disposition", name),), FORMATS[wanted.format]))

    return read


def _bare_front_page() -> Any:
    """What stands at `/` where the web page was not built."""

    @get("/", sync_to_thread=False)
    def front_page(request: Request[Any, Any, Any]) -> Response[str]:
        caller: Caller | None = request.scope["user"]
        who = f"You act as {caller.actor}." if caller else "Open a sign-in link: <code>/sign-in?token=…</code>"
        return Response(content=_PAGE.format(who=who), media_type="text/html")

    return front_page


def _http_problem(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    return _response(refusal(_as_refused(_, error)))


def _as_refused(request: Request[Any, Any, Any], error: HTTPException) -> CommandError:
    path = request.scope["path"]
    if error.status_code == 404:
        return NotFound("notFound", f"There is nothing at {path}.")
    if error.status_code == 405:
        return WrongMethod(request.method, path, (error.headers or {}).get("allow", ""))
    return Refused("badRequest", error.detail) if error.status_code < 500 else Broken("internal", "See the log.")


def _refused(_: Request[Any, Any, Any], error: CommandError) -> Response[bytes]:
    return _response(refusal(error))


def _unreadable(ctx: Context) -> Callable[[Request[Any, Any, Any], FileUnreadable], Response[bytes]]:
    def tell(request: Request[Any, Any, Any], error: FileUnreadable) -> Response[bytes]:
        ctx.log.warning("%s %s is answered 503: %s", request.method, request.scope["path"], error)
        return _response(refusal(error.refusal))

    return tell


def _logged(ctx: Context) -> Callable[[Request[Any, Any, Any], Exception], Response[bytes]]:
    def log(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        ctx.log.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
        return _response(refusal(Broken("internal", "Something failed in here; the log says what.")))

    return log


def _json(document: object, status: int = 200) -> Response[bytes]:
    return _response(Reply(status, encode(document)))


def _response(reply: Reply) -> Response[bytes]:
    headers = {name.decode(): value.decode() for name, value in reply.headers}
    return Response(
        content=reply.body,
        status_code=reply.status,
        media_type=reply.media_type.decode(),
        headers={"cache-control": "no-store", **headers},
    )
