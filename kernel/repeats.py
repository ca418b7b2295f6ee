"""Repeated commands: what an id stands for, so that it answers for that command alone (an idempotency key)."""

from __future__ import annotations

import asyncio
import secrets
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import msgspec
from msgspec import NODEFAULT

from kernel import causality
from kernel.codes import KernelRefusal
from kernel.commands import Command
from kernel.errors import Conflict
from kernel.events import CommandCompleted
from kernel.ids import CommandId
from kernel.redaction import names_secret
from kernel.state import State

DIGEST_BYTES: Final = 16
SEALS_KEPT: Final = 1_000
_ENCODER: Final = msgspec.json.Encoder(order="sorted", enc_hook=lambda value: type(value).__qualname__)


class Field(NamedTuple):
    """What is known of a field of a command's class."""

    name: str
    wire_name: str
    default: Any
    secret: bool


_FIELDS: Final[WeakKeyDictionary[type[Command[Any]], tuple[Field, ...]]] = WeakKeyDictionary()
"""Weak: the classes of a plugin that was reloaded go."""


class Given(NamedTuple):
    """One command under one id, as it is compared with another."""

    command: str
    digest: str | None
    """Of the actor and the payload without its secrets; None in a record from before there were digests."""
    seal: bytes | None
    """Of the secrets, by a key that this process alone has; None without secrets, or from a former process."""

    def same(self, other: Given) -> bool:
        """Is it that command again? What either does not have is not compared."""
        pairs = ((self.digest, other.digest), (self.seal, other.seal))
        return self.command == other.command and all(a is None or b is None or a == b for a, b in pairs)


class Repeats:
    """What the ids of commands stand for: those under way, and those that are recorded as carried out.

    The digest is on disk and takes no key, so whatever could be found by guessing stays out of it: the fields that a
    command declares as `secret_fields`, and those whose names are a secret's. The secrets are compared only as long as
    the process lives that carried the command out.
    """

    def __init__(self, state: State) -> None:
        self.answering: Final[dict[CommandId, tuple[Given, asyncio.Future[Any]]]] = {}
        self._state = state
        self._key = secrets.token_bytes(32)
        self._seals: dict[CommandId, bytes] = {}

    def given(self, command: Command[Any], command_id: CommandId, actor: str | None) -> Given:
        """The command as `actor` gives it under that id."""
        fields = _fields(type(command))
        known = [f for f in fields if not f.secret]
        digest = blake2b(_encoded([command_id, actor, _values(command, known)]), digest_size=DIGEST_BYTES).hexdigest()
        hidden = [f for f in fields if f.secret]
        if not hidden:
            return Given(command.kind, digest, None)
        seal = blake2b(_encoded(_values(command, hidden)), key=self._key, digest_size=DIGEST_BYTES).digest()
        return Given(command.kind, digest, seal)

    def expect_same(self, command: Command[Any], command_id: CommandId) -> Given:
        """The command as it is given now. Raises Conflict where the id stands for another."""
        given = self.given(command, command_id, causality.current().actor)
        before = self._before(command_id)
        if before is not None and not before.same(given):
            what = f"a {before.command}" if before.command != command.kind else "another, or of somebody else"
            text = f"command {command_id} was {what}; nothing was done. Give this one an id of its own."
            raise Conflict(KernelRefusal.ID_REUSED, text, field="id")
        return given

    def check(self, command: Command[Any], command_id: CommandId | None) -> None:
        """Raise the Conflict that the command would be refused for under that id."""
        if command_id is not None and not command.only_stops:
            self.expect_same(command, command_id)

    def own_id(self, command: Command[Any], command_id: CommandId | None, actor: str | None) -> CommandId | None:
        """The id under which to carry it out: none for a command that only stops, where its id stands for another, and
        for one that is idempotent, where its id was used in a former process, for secrets that are not known any more.

        A stop that is held up by a mistake in its id costs more than one that is carried out twice; and whoever is told
        that it is done must be told so of what they asked for.
        """
        before = self._before(command_id) if command_id is not None else None
        if command_id is None or before is None:
            return command_id
        given = self.given(command, command_id, actor)
        unknown = command.idempotent and given.seal is not None and before.seal is None
        return None if unknown or (command.only_stops and not before.same(given)) else command_id

    def completed(self, command: Command[Any], command_id: CommandId, created: str | None) -> CommandCompleted:
        """The record that the command was carried out under that id, by whoever is the actor now."""
        under_way = self.answering.get(command_id)
        given = under_way[0] if under_way else self.given(command, command_id, causality.current().actor)
        if given.seal is not None:
            self._seals[command_id] = given.seal
            if len(self._seals) > SEALS_KEPT:
                del self._seals[next(iter(self._seals))]
        return CommandCompleted(id=command_id, command=command.kind, created=created, digest=given.digest)

    def _before(self, command_id: CommandId) -> Given | None:
        if command_id in self.answering:
            return self.answering[command_id][0]
        row = self._state.commands.get(command_id)
        return Given(row.command, row.digest, self._seals.get(command_id)) if row is not None else None


def _fields(command: type[Command[Any]]) -> tuple[Field, ...]:
    fields = _FIELDS.get(command)
    if fields is None:
        fields = _FIELDS[command] = tuple(
            Field(f.name, f.encode_name, _default(f), f.name in command.secret_fields or names_secret(f.name))
            for f in msgspec.structs.fields(command)
        )
    return fields


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default_factory() if field.default_factory is not NODEFAULT else field.default


def _values(command: Command[Any], fields: list[Field]) -> dict[str, Any]:
    """What differs from its default: a field that a later version adds makes no other command of the same payload."""
    values = ((f, getattr(command, f.name)) for f in fields)
    return {f.wire_name: value for f, value in values if value != f.default}


def _encoded(value: object) -> bytes:
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError):  # what a plugin gives need not go over a wire
        return repr(value).encode("utf-8", "backslashreplace")
