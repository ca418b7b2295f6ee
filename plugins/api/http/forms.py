"""Forms: small bodies of JSON at a path, from a page of ours or from no browser at all."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from kernel.errors import CommandError, Forbidden, Malformed
from plugins.api.errors import WrongMethod
from plugins.api.http import bodies
from plugins.api.http.answers import JSON, Reply, answer, refusal
from plugins.api.http.cookies import is_ours

BODY_BYTES: Final = 4 * 1024
S = TypeVar("S", bound=Struct)
_FIELD: Final = re.compile(r"(?:field `|at `\$\.)(\w+)`$")
"""Where msgspec names the field that is wrong."""


def field_of(error: msgspec.ValidationError) -> str | None:
    """The wire name of the part that is wrong, where it is one."""
    named = _FIELD.search(str(error))
    return named[1] if named else None


def route(
    path: str, form: type[S], serve: Callable[[Scope, S], Awaitable[Reply]]
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI application that takes `form` at `path`."""
    decoder = msgspec.json.Decoder(form)

    async def take(scope: Scope, receive: Receive) -> Reply:
        method, headers = str(scope.get("method")), dict(scope["headers"])
        if method != "POST":
            raise WrongMethod(method, path, "POST")
        if (b"origin" in headers or b"sec-fetch-site" in headers) and not is_ours(method, headers):
            raise Forbidden("crossSite", "A page of another site may not send this.")
        if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != JSON:
            raise Malformed("notJson", "Send it as application/json, which no form of another site can.")
        try:
            return await serve(scope, decoder.decode(await bodies.read(receive, BODY_BYTES)))
        except msgspec.ValidationError as error:
            raise Malformed("invalidForm", f"{error}.", field=field_of(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Malformed("invalidJson", "The body is not JSON.") from None

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await take(scope, receive)
        except CommandError as refused:
            reply = refusal(refused)
        except bodies.Interrupted:
            return
        await answer(send, reply)

    return application
