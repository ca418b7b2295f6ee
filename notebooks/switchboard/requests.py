"""Commands on their way out: made from what a person types, judged beforehand, given to the server, answered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import msgspec
from msgspec import Struct

from kernel.codec import encode
from kernel.codes import KernelRefusal
from kernel.commands import Command
from kernel.errors import CommandError, Malformed, Unconfirmed, Unfinished
from kernel.rows import Bot, Chat, Task
from switchboard import html
from switchboard.environment import UNREACHABLE, why
from switchboard.errors import Interrupted, NothingToAsk, SignInRefused, Unreachable, refused
from switchboard.giving import KEPT_S, Giving
from switchboard.link import ServerLink

R = TypeVar("R")

PATH: Final = "/api/command"
TRIES: Final = 3
"""How often a command is given when the connection breaks: with its id it is carried out once at most."""
PAUSE_S: Final = 0.3
CALL_OFF_S: Final = 1.0
"""How long whoever interrupts a command waits to hear how far it had come."""
_MEANWHILE: Final = f"within {KEPT_S / 60:.0f} minutes"
_ONCE: Final = "it is carried out once."
CATCH_UP_S: Final = 5.0
"""How long an answered command waits for the mirror to show what it has caused."""


class Verdict(Struct, frozen=True, kw_only=True):
    """What a dry run says. True where the command would be carried out."""

    command: str
    code: str | None = None
    message: str | None = None
    field: str | None = None
    retry_after: int | None = None
    """Milliseconds after which it may be asked again, where time helps."""

    @property
    def ok(self) -> bool:
        return self.code is None

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        if self.ok:
            return f"{self.command} would be carried out."
        again = f" Ask again in {self.retry_after / 1_000:.0f} s." if self.retry_after is not None else ""
        return f"{self.command} would be refused ({self.code}): {self.message}{again}"

    def _repr_html_(self) -> str:
        return html.verdict(self.ok, repr(self))


class _Problem(Struct, rename="camel"):
    code: str
    message: str
    field: str | None = None
    retry_after: int | None = None


class _Answer(Struct):
    ok: bool
    id: str | None = None
    error: _Problem | None = None


async def give(link: ServerLink, giving: Giving) -> str | None:
    """Have the command carried out. Returns the id of what it created, once the mirror shows it.

    Raises CommandError, SignInRefused or Unreachable.
    """
    kind = giving.command.kind
    try:
        body = encode({"kind": kind, "payload": giving.command, "id": giving.id})
        response, answer = await _post(link, kind, body, giving)
        error = _refusal(response, answer.error) if answer.error is not None else None
        giving.answered = not isinstance(error, Unconfirmed | Unfinished) and not _is_to_come_again(answer.error)
        if error is not None:
            raise error
        giving.created = answer.id
        await _catch_up(link, int(response.headers.get("switchboard-seq", 0)))
        return answer.id
    finally:
        link.unanswered.leave(giving)
        giving.ended.set()


def _is_to_come_again(problem: _Problem | None) -> bool:
    """Whether the server ended before it could say."""
    return problem is not None and problem.code == KernelRefusal.STOPPING


def interrupted(link: ServerLink, giving: Giving) -> Interrupted:
    """What to tell whoever has interrupted it."""
    return Interrupted(left(link, giving), giving.id)


def left(link: ServerLink, giving: Giving) -> str:
    """What is known of a command that is called off on this side, and how to know more."""
    giving.ended.wait(CALL_OFF_S)
    kind = giving.command.kind
    if giving.answered:
        created = f" and created {giving.created}" if giving.created else ""
        return f"{kind} was answered before it was interrupted: it is carried out{created}."
    if not giving.sent:
        return f"{kind} is called off: it had not left."
    link.unanswered.leave(giving)
    text = f"{kind} was interrupted before it was answered, so it is not known whether it is carried out."
    return f"{text} sb.ask_again({giving.id!r}) tells, and so does the same call {_MEANWHILE}: {_ONCE}"


def again(link: ServerLink, command_id: str | None) -> Giving:
    """The command to ask about once more. Raises NothingToAsk."""
    found = link.unanswered.find(command_id)
    if found is None:
        which = f"under the id {command_id}" if command_id is not None else "at all"
        raise NothingToAsk(
            f"No command {which} is without an answer, or it was given over {KEPT_S / 60:.0f} minutes ago."
        )
    return found


async def judge(link: ServerLink, command: Command[Any]) -> Verdict:
    """What the command would be refused for just now. Raises SignInRefused or Unreachable."""
    envelope = {"kind": command.kind, "payload": command, "dryRun": True}
    _, answer = await _post(link, command.kind, encode(envelope))
    problem = answer.error
    if problem is None:
        return Verdict(command=command.kind)
    return _verdict(command.kind, problem.code, problem.message, problem.field, problem.retry_after)


def verdict_of(kind: str, error: CommandError) -> Verdict:
    """A refusal that needs no server."""
    return _verdict(kind, error.code, error.message, error.field, error.retry_after)


def _verdict(kind: str, code: str, message: str, field: str | None, retry_after: int | None) -> Verdict:
    return Verdict(command=kind, code=code, message=message, field=field, retry_after=retry_after)


async def _post(
    link: ServerLink, kind: str, body: bytes, giving: Giving | None = None
) -> tuple[httpx.Response, _Answer]:
    """`giving` is told how far it has come; a dry run has none."""
    headers = {"content-type": "application/json"}
    extensions = {"trace": giving.trace} if giving is not None else {}
    for attempt in range(1, TRIES + 1):
        try:
            response = await link.http.post(PATH, content=body, headers=headers, extensions=extensions)
            return response, msgspec.json.decode(response.content, type=_Answer)
        except UNREACHABLE as error:
            if attempt == TRIES:
                text = f"{link.http.base_url} does not answer ({why(error)})"
                if giving is None or not giving.sent:
                    raise Unreachable(f"{text}, so {kind} was not given.") from error
                text = f"{text}, so it is not known whether {kind} was carried out. Once it answers, "
                tells = f"sb.ask_again({giving.id!r}) tells, and so does the same call {_MEANWHILE}: {_ONCE}"
                raise Unreachable(text + tells) from error
            await asyncio.sleep(PAUSE_S * attempt)
        except msgspec.MsgspecError as error:
            text = f"{link.http.base_url} answered with HTTP {response.status_code} and not as a Switchboard does."
            raise Unreachable(text) from error
    raise AssertionError("the last attempt returns or raises")


async def get(link: ServerLink, path: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """What a route is answered with. Raises CommandError, SignInRefused and Unreachable."""
    try:
        response = await link.http.get(path, params=dict(query))
        if response.status_code == 200:
            return msgspec.json.decode(response.content, type=dict[str, Any])
        answer = msgspec.json.decode(response.content, type=_Answer)
    except UNREACHABLE as error:
        raise Unreachable(f"{link.http.base_url} does not answer ({why(error)}).") from error
    except msgspec.MsgspecError as error:
        text = f"{link.http.base_url} answered with HTTP {response.status_code} and not as a Switchboard does."
        raise Unreachable(text) from error
    if answer.error is None:
        raise Unreachable(f"{link.http.base_url} answered with HTTP {response.status_code} and said no more.")
    raise _refusal(response, answer.error)


def _refusal(response: httpx.Response, problem: _Problem) -> Exception:
    if response.status_code == 401:
        return SignInRefused(problem.message)
    return refused(response.status_code, problem.code, problem.message, problem.field, problem.retry_after)


class _Arrival:
    """Waits, in the link's thread, until the mirror has come to an event."""

    def __init__(self, link: ServerLink, seq: int) -> None:
        self._seq = seq
        self.come = asyncio.Event()
        link.watch(self.see)

    def see(self, news: Any) -> None:
        if news.seq >= self._seq:
            self.come.set()


async def _catch_up(link: ServerLink, seq: int) -> None:
    """So that whoever gave a command finds what it created. A stream that is down does not hold the answer back."""
    if link.state.seq >= seq or link.trouble is not None:
        return
    arrival = _Arrival(link, seq)
    try:
        async with asyncio.timeout(CATCH_UP_S):
            await arrival.come.wait()
    except TimeoutError:
        return  # it was carried out all the same


def build(command: type[Command[R]], fields: Mapping[str, object]) -> Command[R]:
    """The command. Raises Malformed with the sentence that the server would answer with."""
    try:
        return command(**fields)
    except ValueError as error:
        name, colon, _ = str(error).partition(": ")
        text = f"{command.__name__}: {error}"
        raise Malformed(
            KernelRefusal.INVALID_COMMAND, text, field=name if colon and name.isidentifier() else None
        ) from None


def id_of(value: str | Bot | Task | Chat) -> str:
    """The id: of a row, or as it is."""
    return value if isinstance(value, str) else value.id


def price(value: Decimal | str | int) -> Decimal:
    """An exact price. A float is none: 0.1 is not ten cents."""
    if isinstance(value, float):
        raise TypeError(f'give a price as text or Decimal, such as "{value}": a float is not exact')
    try:
        return Decimal(value)
    except InvalidOperation:
        raise Malformed(KernelRefusal.INVALID_COMMAND, f"{value!r} is no price; give a decimal such as 12.50") from None


def ma_file(value: Mapping[str, object] | str | Path) -> dict[str, object] | str:
    """A maFile: its text, its JSON object, or the path of the file."""
    if isinstance(value, Path):
        return value.read_text("utf-8")
    return value if isinstance(value, str) else dict(value)
