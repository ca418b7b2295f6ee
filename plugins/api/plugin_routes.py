"""Routes that other plugins declare (the hook `routes`), as endpoints under `/api/plugins/NAME`.

Those of a plugin whose routes are a part of this API by its specification stand at a path of their own (`OWN`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar.types import Scope
from msgspec import Struct

from kernel.codec import encode
from kernel.context import Context
from kernel.errors import CommandError, Unconfirmed
from kernel.routes import Download, Method, PluginRoute, Route
from plugins.api.auth.audit import Audit
from plugins.api.auth.callers import Caller, address_of
from plugins.api.http.answers import HttpReply
from plugins.api.http.endpoints import Content, Handler, HttpEndpoint

PREFIX: Final = "/api/plugins"
OWN: Final[Mapping[str, str]] = {"history": "/api/history"}
"""By plugin."""


class PluginRoutes:
    """Asked for anew each time: plugins come and go."""

    def __init__(self, ctx: Context, audit: Audit) -> None:
        self._ctx = ctx
        self._audit = audit

    def by_plugin(self) -> dict[str, list[HttpEndpoint[Any]]]:
        """The endpoints of every plugin that runs now. Of two at one path, the first is served."""
        found: dict[str, dict[tuple[str, Method], HttpEndpoint[Any]]] = {}
        for route in self._ctx.hooks.routes():
            endpoint = self._endpoint(route)
            found.setdefault(route.plugin, {}).setdefault((endpoint.path, endpoint.method), endpoint)
        return {name: list(endpoints.values()) for name, endpoints in found.items()}

    def at(self, path: str) -> Mapping[str, HttpEndpoint[Any]]:
        """What is served at that path, by method."""
        every = (endpoint for endpoints in self.by_plugin().values() for endpoint in endpoints)
        return {endpoint.method: endpoint for endpoint in every if endpoint.path == path}

    def _endpoint(self, of_plugin: PluginRoute) -> HttpEndpoint[Any]:
        route = of_plugin.route
        path = OWN.get(of_plugin.plugin, f"{PREFIX}/{of_plugin.plugin}") + route.path
        action = f"{route.method} {path}" if route.method is not Method.GET else None
        return HttpEndpoint(
            method=route.method,
            path=path,
            summary=route.summary,
            role=route.role,
            takes=route.takes,
            answers=_answers(route),
            raises=(*route.raises, *([Unconfirmed] if action is not None else [])),
            serve=self._handler(of_plugin, path, action),
            body_bytes=route.body_bytes,
            action=action,
        )

    def _handler(self, route: PluginRoute, path: str, action: str | None) -> Handler[Any]:
        async def serve(scope: Scope, request: Struct) -> HttpReply:
            caller: Caller = scope["user"]
            try:
                answer = await route.answer(request, caller.actor)
            except CommandError as refused:
                if action is not None:
                    self._audit.refused(action, caller, address_of(scope), refused, None)
                raise
            if action is not None:
                self._audit.record(action, caller, address_of(scope))
                await self._audit.settle()
            if not isinstance(answer, Download):
                return HttpReply(200, encode(answer))
            if action is None:
                self._audit.record(f"{route.route.method} {path}", caller, address_of(scope), subject=answer.name)
            name = f"attachment; filename={answer.name}".encode()
            return HttpReply(200, answer.body, ((b"content-disposition", name),), answer.media_type.encode())

        return serve


def _answers(route: Route[Any, Any]) -> Mapping[int, Content]:
    files: dict[str, object] = {media.partition(";")[0]: {"type": "string"} for media in route.downloads}
    return {200: Content("Done.", {"application/json": route.answers, **files})}
