"""`POST /api/command`: one command in, one answer out, once everything that it caused is on disk."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

import msgspec
from litestar.types import Receive, Scope, Send
from msgspec import Meta, Struct

from kernel.codes import KernelRefusal
from kernel.context import Context
from kernel.errors import CommandError, Malformed, Refused, Unavailable, Unconfirmed, Unfinished
from kernel.ids import CommandId
from plugins.api.auth.audit import REPEATED, Audit, subject_of
from plugins.api.auth.callers import Caller, address_of
from plugins.api.auth.proofs import Proofs
from plugins.api.codes import ApiRefusal
from plugins.api.http import bodies
from plugins.api.http.answers import HttpReply, answer, done, refusal
from plugins.api.http.bodies import ClientDisconnected
from plugins.api.http.forms import field_of

PATH: Final = "/api/command"
ID: Final = r"^[A-Za-z0-9_.:-]{1,64}$"
BODY_BYTES: Final = 256 * 1024
CLOSING_S: Final = 1.0
"""How long commands under way are given to end when the system stops."""


class CommandEnvelope(Struct, forbid_unknown_fields=True):
    """A command on the wire."""

    kind: str
    payload: msgspec.Raw
    id: Annotated[str, Meta(pattern=ID)] | None = None
    """With an id, the same command sent twice by the same actor is carried out once; another is refused: `idReused`."""
    dry_run: bool = msgspec.field(default=False, name="dryRun")
    """Only say what the command would be refused for; nothing is carried out."""


_DECODER: Final = msgspec.json.Decoder(CommandEnvelope)


class CommandExecutor:
    """Executes commands of clients, a bounded number at a time."""

    unrecorded = frozenset({"MarkRead", "MarkAllRead"})
    """Commands that are too frequent, and too harmless, for the audit."""

    def __init__(self, ctx: Context, audit: Audit, proofs: Proofs, limit: int) -> None:
        self._ctx = ctx
        self._audit = audit
        self._proofs = proofs
        self._limit = limit
        self._under_way: set[asyncio.Task[object]] = set()
        self._closing = False

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._under_way)

    async def close(self) -> None:
        """Wait briefly for commands in progress, then cancel the rest: they are answered 504 `stopping`."""
        self._closing = True
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=CLOSING_S)
            for task in late:
                task.cancel()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. A client that hangs up once its command is there does not take it back."""
        try:
            reply = await self._take(scope, receive)
        except CommandError as error:
            reply = refusal(error)
        except ClientDisconnected:
            return
        await answer(send, reply)

    async def _take(self, scope: Scope, receive: Receive) -> HttpReply:
        if self._closing:
            raise _stopping()
        if len(self._under_way) >= self._limit:
            text = f"{self._limit} commands are in progress, which is the limit; try again."
            raise Unavailable(ApiRefusal.TOO_MANY_COMMANDS, text, retry_after=1_000)
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        begun = False
        try:
            envelope = parse(await bodies.read(receive, BODY_BYTES))
            begun = True
            return await self._execute(envelope, scope["user"], address_of(scope))
        except asyncio.CancelledError:
            if self._closing:
                raise _interrupted() if begun else _stopping() from None
            raise
        finally:
            self._under_way.discard(task)

    async def _execute(self, envelope: CommandEnvelope, caller: Caller, address: str) -> HttpReply:
        command = self._ctx.decode(envelope.kind, envelope.payload)
        command_id = CommandId(envelope.id) if envelope.id is not None else None
        if envelope.dry_run:
            caller.expect(command.role, envelope.kind)
            await self._ctx.unpaused(command)
            self._ctx.dry_run(command, actor=caller.actor, command_id=command_id)
            return done(None)
        noted = envelope.kind in self.unrecorded

        def note(created: object, outcome: str = "ok") -> None:
            nonlocal noted
            if not noted:
                noted = True
                self._audit.record(envelope.kind, caller, address, result=outcome, subject=subject_of(command, created))

        try:
            caller.expect(command.role, envelope.kind)
            if command.takes_proof:
                self._proofs.expect(caller)
            result = await self._ctx.execute(command, actor=caller.actor, command_id=command_id, done=note)
            note(result, REPEATED)
        except Refused as refused:
            self._audit.refused(envelope.kind, caller, address, refused, subject_of(command))
            raise
        except Unfinished as unfinished:  # it has taken effect; of the others `done` has told, or the log does
            self._audit.record(envelope.kind, caller, address, result=unfinished.code, subject=subject_of(command))
            raise
        return done(result, seq=self._ctx.state.seq)


def parse(body: bytes) -> CommandEnvelope:
    """The envelope of a command. Raises Malformed."""
    try:
        return _DECODER.decode(body)
    except msgspec.ValidationError as error:
        text = str(error)
        if "regex" in text:
            text = "id: give 1 to 64 letters, digits, dots, colons, dashes or underscores, or leave it out"
            raise Malformed(ApiRefusal.INVALID_ENVELOPE, text, field="id") from None
        text = f'{text}; a command is {{"kind", "payload", "id"?, "dryRun"?}}'
        raise Malformed(ApiRefusal.INVALID_ENVELOPE, text, field=field_of(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(KernelRefusal.INVALID_JSON, f"The body is not JSON: {error}") from None
    except RecursionError:
        raise Malformed(KernelRefusal.INVALID_JSON, "The body is nested too deeply.") from None


def _stopping() -> Unavailable:
    return Unavailable(KernelRefusal.STOPPING, "The system is stopping. Send the command again.", retry_after=5_000)


def _interrupted() -> Unconfirmed:
    text = "The system stopped while it executed this. Send it again with the same id to learn the outcome."
    return Unconfirmed(KernelRefusal.STOPPING, text, retry_after=5_000)
