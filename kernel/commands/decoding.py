"""Commands from the outside: JSON into a typed command, or a sentence about what is wrong with it."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import msgspec

from kernel.codes import KernelRefusal
from kernel.commands.command import Command
from kernel.errors import Malformed

C = TypeVar("C", bound=Command[Any])


def decode(command: type[C], payload: bytes | msgspec.Raw) -> C:
    """The command from the JSON of its payload. Raises Malformed, with the field's wire name where there is one."""
    kind = command.__name__
    try:
        return cast("C", msgspec.json.decode(payload, type=command))
    except msgspec.ValidationError as error:
        message, field = _place(str(error))
        raise Malformed(KernelRefusal.INVALID_COMMAND, f"{kind}: {message}", field=field) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(KernelRefusal.INVALID_JSON, f"{kind}: the payload is not JSON: {error}") from None
    except RecursionError:
        raise Malformed(KernelRefusal.INVALID_JSON, f"{kind}: the payload is nested too deeply") from None


def _place(message: str) -> tuple[str, str | None]:
    """Split msgspec's or a command's own message into a sentence and the wire name of the field it is about."""
    text, _, path = message.partition(" - at `$.")
    if path:
        return f"{path.rstrip('`')}: {text}", path.rstrip("`").split(".")[0].split("[")[0]
    if text.startswith("Object "):  # "Object missing required field `x`", "Object contains unknown field `x`"
        return text, text.split("`")[1] if "`" in text else None
    name, colon, _ = text.partition(": ")
    return text, name if colon and name.isidentifier() else None
