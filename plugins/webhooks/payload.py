"""What an endpoint is sent of an event: what a viewer sees of it, and without what people wrote unless it is asked for.

Which fields are free text is read off the types: a plain text is left out, but for names of fields that hold words of
ours. So a new event's text is left out until it stands here.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from hashlib import blake2b
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kernel.codec import CODEC, encode
from kernel.events import Envelope, Event, UnknownEvent
from kernel.following import FollowedLine
from kernel.roles import Role

OURS: Final = frozenset(
    {
        *("agent", "agent_version", "author", "author_version", "code", "command", "created", "currency", "digest"),
        *("endpoint", "error", "item", "language", "reason", "relationship", "result", "sha256", "status", "step"),
    }
)
"""Fields of plain text that hold codes and versions, or what we have written ourselves about a task."""
OF_PLUGINS: Final = frozenset({"hooks", "name", "new", "old", "version"})
"""Fields that hold such words in events about plugins; `name` is elsewhere what a person calls themselves."""
TEST_TYPE: Final = "webhooks.test"


class WebhookMessage(Struct, frozen=True):
    """One message: its `webhook-id`, its body, and the event that it tells."""

    id: str
    type: str
    seq: int
    body: bytes


def message_of(endpoint: str, line: FollowedLine, *, words: bool) -> WebhookMessage | None:
    """The message for a line of the journal; None for an event that viewers do not see.

    Its id is made from the line itself: however often it is sent, and after whatever crash, it is the same; and where
    a journal is put back to an earlier state, the other event under that number has another. Raises
    msgspec.ValidationError for a line that cannot be read.
    """
    envelope = CODEC.decode(line.line)
    event = envelope.payload
    if event.seen_by is not Role.VIEWER:
        return None
    digest = blake2b(line.line, digest_size=16, key=endpoint.encode()).hexdigest()
    return WebhookMessage(f"msg_{digest}", envelope.kind, envelope.seq, _body(envelope, _shown(event), words))


def trial_message(at: int, unique: str) -> WebhookMessage:
    """A message that tells nothing. `at` in UTC milliseconds."""
    body = {"type": TEST_TYPE, "timestamp": _time(at), "data": {}}
    return WebhookMessage(f"msg_{unique}", TEST_TYPE, 0, encode(body))


def _body(envelope: Envelope, event: Event, words: bool) -> bytes:
    payload = msgspec.Raw(encode(event)) if words else _wordless(event)
    data: dict[str, Any] = {"seq": envelope.seq, "actor": envelope.actor, "cause": envelope.cause, "payload": payload}
    return encode({"type": envelope.kind, "timestamp": _time(envelope.ts), "data": data})


def _time(ts: int) -> str:
    moment = datetime.fromtimestamp(ts / 1_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ts % 1_000:03}Z"


def _shown(event: Event) -> Event:
    """As a viewer sees it."""
    masks = {name: value for name, value in event.viewer_sees.items() if getattr(event, name) is not None}
    return replace(event, **masks) if masks else event


def _wordless(value: Any) -> Any:
    if isinstance(value, UnknownEvent):
        return {name: kept for name, kept in value.fields.items() if isinstance(kept, bool | int | float | None)}
    if isinstance(value, Struct):
        free = _free_text(type(value))
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        fields = ((name, wire, getattr(value, name)) for name, wire in names)
        return {wire: _wordless(kept) for name, wire, kept in fields if name not in free or kept is None}
    if isinstance(value, list | tuple | frozenset | set):
        return [_wordless(one) for one in value]
    if isinstance(value, Mapping):
        return {}
    return value


@cache
def _free_text(struct: type[Struct]) -> frozenset[str]:
    """The fields of that type that may hold free text."""
    hints = typing.get_type_hints(struct)
    kept = OURS | OF_PLUGINS if getattr(struct, "kind", "").startswith("plugin.") else OURS
    return frozenset(name for name in struct.__struct_fields__ if name not in kept and _holds_text(hints[name]))


def _holds_text(hint: Any) -> bool:
    """Whether a plain `str` or something unknown is in that type; ids are NewTypes, and codes are enums."""
    if hint in (str, Any, object) or isinstance(hint, str | typing.TypeVar):
        return True
    if isinstance(hint, type) and issubclass(hint, Enum | Struct):
        return False
    return any(_holds_text(part) for part in typing.get_args(hint) if part is not Ellipsis)
