"""Serves the declared routes: Litestar finds the path; method, role and form are checked before the handler runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from litestar import Litestar, Request, Response, asgi
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from kernel.context import Context
from kernel.errors import CommandError, Forbidden, NotFound, Refused
from kernel.routes import Method
from plugins.api.auth import tokens
from plugins.api.auth.audit import Audit
from plugins.api.auth.callers import Caller, address_of
from plugins.api.auth.proofs import Proofs
from plugins.api.codes import ApiRefusal
from plugins.api.errors import Broken, FileUnreadable, Unauthorized, WrongMethod
from plugins.api.http import bodies, forms
from plugins.api.http.answers import HttpReply, answer, refusal
from plugins.api.http.endpoints import HttpEndpoint, Raw
from plugins.api.plugin_routes import OWN, PREFIX, PluginRoutes

PROBES: Final = ("/healthz", "/readyz")
"""Load balancers and monitors ask these by HEAD, too."""
Methods = Mapping[str, HttpEndpoint[Any]]
"""What is served at one path."""


def build(
    ctx: Context, audit: Audit, proofs: Proofs, endpoints: Iterable[HttpEndpoint[Any]], plugins: PluginRoutes
) -> Litestar:
    """The application; the gate in front of it has put the caller into `scope["user"]`."""
    paths: dict[str, dict[str, HttpEndpoint[Any]]] = {}
    for endpoint in endpoints:
        methods = paths.setdefault(endpoint.path, {})
        methods[endpoint.method] = endpoint
        if endpoint.path in PROBES:
            methods["HEAD"] = endpoint  # the server sends no body then
    dispatcher = _Dispatcher(ctx, audit, proofs)

    def of_plugins(prefix: str) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            scope["path"] = (prefix + scope["path"]).rstrip("/")  # Litestar has cut off where this is mounted
            await dispatcher.serve(plugins.at(scope["path"]), scope, receive, send)

        return serve

    def at(methods: Methods) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await dispatcher.serve(methods, scope, receive, send)

        return serve

    return Litestar(
        route_handlers=[
            *(asgi(path, name=path, copy_scope=False)(at(methods)) for path, methods in paths.items()),
            *(
                asgi(prefix, name=prefix, is_mount=True, copy_scope=False)(of_plugins(prefix))
                for prefix in (PREFIX, *OWN.values())
            ),
        ],
        exception_handlers={HTTPException: _http_problem, Exception: _logged(ctx)},
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


class _Dispatcher:
    def __init__(self, ctx: Context, audit: Audit, proofs: Proofs) -> None:
        self._ctx = ctx
        self._audit = audit
        self._proofs = proofs

    async def serve(self, methods: Methods, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the endpoint of the request's method."""
        try:
            endpoint = _chosen(methods, scope)
            if isinstance(endpoint.serve, Raw):
                self._expect_role(endpoint, scope, None)
                await endpoint.serve.serve(scope, receive, send)
                return
            reply = await self._reply(endpoint, scope, receive)
        except CommandError as refused:
            reply = refusal(refused)
        except FileUnreadable as error:
            self._ctx.log.warning("%s %s is answered 503: %s", scope.get("method"), scope["path"], error)
            reply = refusal(error.refusal)
        except bodies.ClientDisconnected:
            return
        await answer(send, reply)

    async def _reply(self, endpoint: HttpEndpoint[Any], scope: Scope, receive: Receive) -> HttpReply:
        assert not isinstance(endpoint.serve, Raw)
        if endpoint.method is Method.GET:
            request = forms.query_of(scope, endpoint.takes, endpoint.malformed)
        else:
            forms.expect_form(scope)
            body = await bodies.read(receive, endpoint.body_bytes)
            request = forms.decoded(body, endpoint.takes, endpoint.malformed)
        self._expect_role(endpoint, scope, request)
        reply = endpoint.serve(scope, request)
        return await reply if inspect.isawaitable(reply) else reply

    def _expect_role(self, endpoint: HttpEndpoint[Any], scope: Scope, request: object) -> None:
        """Raises Unauthorized, and Forbidden for the role or for lack of a proof; Forbidden is in the audit where
        the endpoint has a name there."""
        caller: Caller | None = scope["user"]
        if endpoint.role is None or (caller is None and endpoint.can_open):
            return
        if caller is None:
            raise Unauthorized(ApiRefusal.UNAUTHORIZED, f"{endpoint.path} always needs a caller.")
        try:
            caller.expect(endpoint.role, f"{endpoint.method} {endpoint.path}")
            if endpoint.proof is not None and endpoint.proof(request):
                self._proofs.expect(caller)
        except Forbidden as refused:
            if endpoint.action is not None:
                name = getattr(request, "name", None)
                subject = name if isinstance(name, str) and tokens.is_name(name) else None
                self._audit.refused(endpoint.action, caller, address_of(scope), refused, subject)
            raise


def _chosen(methods: Methods, scope: Scope) -> HttpEndpoint[Any]:
    """Raises NotFound, WrongMethod."""
    method = str(scope.get("method"))
    if not methods:
        raise _nothing_at(scope["path"])
    if method not in methods:
        raise WrongMethod(method, scope["path"], ", ".join(methods))
    return methods[method]


def _nothing_at(path: str) -> NotFound:
    return NotFound(ApiRefusal.NOT_FOUND, f"There is nothing at {path[:200]}.")


def _http_problem(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What Litestar raises itself: no route has the path."""
    refused = (
        _nothing_at(request.scope["path"])
        if error.status_code == 404
        else Refused(ApiRefusal.BAD_REQUEST, error.detail)
    )
    return _response(refused if error.status_code < 500 else Broken(ApiRefusal.INTERNAL, "See the log."))


def _logged(ctx: Context) -> Callable[[Request[Any, Any, Any], Exception], Response[bytes]]:
    def log(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        ctx.log.error("%s %s failed", request.method, request.scope["path"][:200], exc_info=error)
        return _response(Broken(ApiRefusal.INTERNAL, "Internal error; see the log."))

    return log


def _response(refused: CommandError) -> Response[bytes]:
    reply = refusal(refused)
    headers = {name.decode(): value.decode() for name, value in reply.headers}
    return Response(
        content=reply.body,
        status_code=reply.status,
        media_type=reply.media_type.decode(),
        headers={"cache-control": "no-store", **headers},
    )
