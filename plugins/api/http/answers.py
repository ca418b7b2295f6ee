"""The response envelope: `{ok, id?}` or `{ok, error}`, the same for every error."""

from __future__ import annotations

from typing import Final, NamedTuple

from litestar.types import Send
from msgspec import Struct

from kernel.codec import encode
from kernel.errors import CommandError
from kernel.redaction import redacted
from plugins.api.errors import Unauthorized, WrongMethod

Header = tuple[bytes, bytes]
JSON: Final = b"application/json"


class Problem(Struct, omit_defaults=True, rename="camel"):
    """An error. `code` is stable and for programs, `message` a sentence for people, `retry_after` in milliseconds."""

    code: str
    message: str
    field: str | None = None
    retry_after: int | None = None


class Answer(Struct, omit_defaults=True):
    """The body of a response; `id` is that of what a command created."""

    ok: bool
    id: str | None = None
    error: Problem | None = None


class HttpReply(NamedTuple):
    """One whole HTTP response."""

    status: int
    body: bytes
    headers: tuple[Header, ...] = ()
    media_type: bytes = JSON
    cache: bytes = b"no-store"
    """Its Cache-Control."""


SEQ: Final = b"switchboard-seq"
"""The header of an answer that says by which event everything has happened that the command caused."""
_DONE: Final = encode(Answer(ok=True))


def done(result: object, *, seq: int | None = None) -> HttpReply:
    """200 for a command; a text that it returned is the id of what it created."""
    body = encode(Answer(ok=True, id=result)) if isinstance(result, str) else _DONE
    return HttpReply(200, body, ((SEQ, b"%d" % seq),) if seq is not None else ())


def refusal(refused: CommandError) -> HttpReply:
    """The response for an error, with its status and headers."""
    problem = Problem(refused.code, redacted(refused.message), refused.field, refused.retry_after)
    headers: list[Header] = []
    if refused.retry_after is not None:
        headers.append((b"retry-after", b"%d" % max(1, -(-refused.retry_after // 1_000))))
    if isinstance(refused, Unauthorized):
        headers.append((b"www-authenticate", b'Bearer realm="switchboard"'))
    if isinstance(refused, WrongMethod):
        headers.append((b"allow", refused.allowed.encode()))
    return HttpReply(refused.status, encode(Answer(ok=False, error=problem)), tuple(headers))


async def answer(send: Send, reply: HttpReply) -> None:
    """Send a whole response."""
    headers = [
        (b"content-type", reply.media_type),
        (b"content-length", b"%d" % len(reply.body)),
        (b"cache-control", reply.cache),
        *reply.headers,
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})
