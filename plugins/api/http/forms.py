"""Request bodies and queries, decoded and validated as Structs."""

from __future__ import annotations

import re
from typing import Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar.types import Scope
from msgspec import Struct

from kernel.codes import KernelRefusal, RefusalCode
from kernel.errors import Forbidden, Malformed
from kernel.routes import Nothing
from plugins.api.codes import ApiRefusal
from plugins.api.http.answers import JSON
from plugins.api.http.cookies import is_same_origin

S = TypeVar("S", bound=Struct)
_FIELD: Final = re.compile(r"(?:field `|at `\$\.)(\w+)`$")
"""Where msgspec names the field that is wrong."""


def field_of(error: msgspec.ValidationError) -> str | None:
    """The wire name of the part that is wrong, where it is one."""
    named = _FIELD.search(str(error))
    return named[1] if named else None


def expect_form(scope: Scope) -> None:
    """Raises Forbidden or Malformed where another site's page can have sent the body."""
    method, headers = str(scope.get("method")), dict(scope["headers"])
    if (b"origin" in headers or b"sec-fetch-site" in headers) and not is_same_origin(method, headers):
        raise Forbidden(ApiRefusal.CROSS_SITE, "The request was sent by a page of another site (CSRF).")
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != JSON:
        raise Malformed(ApiRefusal.NOT_JSON, "Send it as application/json, which no form of another site can.")


def decoded(body: bytes, form: type[S], code: RefusalCode) -> S:
    """The body as that form. Raises Malformed, with `code` where it is JSON of another form."""
    try:
        return msgspec.json.decode(body if body or form is not Nothing else b"{}", type=form)
    except msgspec.ValidationError as error:
        raise Malformed(code, f"{error}.", field=field_of(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed(KernelRefusal.INVALID_JSON, "The body is not JSON.") from None


def query_of(scope: Scope, form: type[S], code: RefusalCode) -> S:
    """The query as that form; of a name that comes twice the last one counts. Raises Malformed."""
    if form is Nothing:
        return form()
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        return msgspec.convert(query, form, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed(code, f"{error}.", field=field_of(error)) from None
