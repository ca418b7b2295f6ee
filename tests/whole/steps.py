"""What a history is made of. A history is data: it can be drawn, printed, shrunk, and written into a test as it stands.

Bots and players are numbers; what a step is about (the task of player 1, say) is looked up when its time comes, and a
step that has nothing to be about does nothing. `then` is how many seconds pass before the next step.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from functools import cache

from msgspec import Struct
from msgspec.structs import fields

from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.whole.agent import Temper
from tests.whole.disk import Mood


class Step(Struct, frozen=True, kw_only=True):
    """One step."""

    then: float = 1.0


# ── what operators ask for; `by` is which of them, `named` whether the command has an id


class Ask(Step, frozen=True, kw_only=True):
    """A command."""

    by: int = 0
    named: bool = True


class AddBot(Ask, frozen=True, kw_only=True):
    bot: int = 0


class RemoveBot(Ask, frozen=True, kw_only=True):
    bot: int = 0


class Create(Ask, frozen=True, kw_only=True):
    """A task for a player."""

    player: int = 0


class Dispose(Ask, frozen=True, kw_only=True):
    """Of the player's latest task."""

    player: int = 0


class Write(Ask, frozen=True, kw_only=True):
    """In the player's latest chat; the text says which step it was."""

    player: int = 0
    lines: int = 1


class Retry(Ask, frozen=True, kw_only=True):
    """The latest failed message to the player."""

    player: int = 0


class Discard(Ask, frozen=True, kw_only=True):
    """The latest message to the player that is in doubt."""

    player: int = 0


class Toggle(Ask, frozen=True, kw_only=True):
    player: int = 0
    on: bool = False


class Pause(Ask, frozen=True, kw_only=True):
    pass


class Resume(Ask, frozen=True, kw_only=True):
    pass


class LeaveAlone(Ask, frozen=True, kw_only=True):
    """Put the player on the list."""

    player: int = 0


class AllowContact(Ask, frozen=True, kw_only=True):
    """Take the player off the list."""

    player: int = 0


class AllowInvite(Ask, frozen=True, kw_only=True):
    """Let the player be invited again."""

    player: int = 0


class Reload(Ask, frozen=True, kw_only=True):
    plugin: str = "dialogue"


class AskAgain(Step, frozen=True, kw_only=True):
    """The same command with the same id: the latest that was not answered with ok or a refusal, or else the latest."""


# ── what players do, to the bot that has to do with them


class Deed(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    REMOVE = "remove"
    BLOCK = "block"
    WRITE = "write"
    STOP = "stop"
    INVITE = "invite"
    """The player invites a bot."""


class Player(Step, frozen=True, kw_only=True):
    player: int = 0
    does: Deed = Deed.ACCEPT
    bot: int = 0
    """Whom the player invites."""
    lines: int = 1
    """How much the player writes."""


# ── bad days


class Answer(Step, frozen=True, kw_only=True):
    """Steam answers with that result: to that bot or all, about that player or all, so many times and for so long."""

    to: FaultKind = FaultKind.INVITE_RESULT
    with_: int = EResult.SERVICE_UNAVAILABLE
    bot: int | None = None
    player: int | None = None
    times: int | None = None
    during: float = 300.0


class Fault(Step, frozen=True, kw_only=True):
    """Another fault of the simulator's."""

    kind: str = FaultKind.DROP_SOCKET
    bot: int | None = None
    times: int | None = None
    during: float = 60.0
    late: float = 30.0
    with_: int = EResult.FAIL
    """Where it has a result."""


class Drop(Step, frozen=True, kw_only=True):
    """The bot's connections break."""

    bot: int = 0


class Disk(Step, frozen=True, kw_only=True):
    mood: Mood = Mood.FULL
    during: float = 10.0


class Agent(Step, frozen=True, kw_only=True):
    """The agent has bad days."""

    temper: Temper = Temper.RAISES
    during: float = 60.0


class Clock(Step, frozen=True, kw_only=True):
    """The machine's clock is off by that for so long; `during` 0: from now on."""

    by: float = 3_600.0
    during: float = 5.0


class Crash(Step, frozen=True, kw_only=True):
    """The process dies after `passes` more things that it writes, sends or hears; of a write `torn` % stay."""

    passes: int = 0
    torn: int = 0
    down: float = 1.0


class Kill(Step, frozen=True, kw_only=True):
    """The process dies now."""

    down: float = 1.0


class Restart(Step, frozen=True, kw_only=True):
    """In good order."""

    down: float = 1.0


class Wait(Step, frozen=True, kw_only=True):
    pass


class History(Struct, frozen=True, kw_only=True):
    """How many accounts there are and of what kind players are, the fleet's hour, and what happens."""

    steps: tuple[Step, ...]
    bots: int = 2
    players: tuple[Temperament, ...] = (Temperament.NEVER, Temperament.NEVER)
    hour: int = 60
    snapshot: int = 250_000
    """A snapshot is taken after so many events."""
    leaving: bool = False
    """What has ended leaves the state, as soon as it may."""

    def __str__(self) -> str:
        steps = "".join(f"        {told(step)},\n" for step in self.steps)
        settings = "".join(f"    {part},\n" for part in _parts(self) if not part.startswith("steps="))
        return f"History(\n{settings}    steps=(\n{steps}    ),\n)"


def told(value: object) -> str:
    """As it is written in a test."""
    if isinstance(value, Struct):
        return f"{type(value).__name__}({', '.join(_parts(value))})"
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, tuple):
        return f"({', '.join(map(told, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


@cache
def defaults(kind: type[Struct]) -> dict[str, object]:
    """What stands in each field that is not given."""
    return {field.name: field.default for field in fields(kind)}


def _parts(struct: Struct) -> list[str]:
    usual = defaults(type(struct))
    return [
        f"{name}={_result(getattr(struct, name)) if name == 'with_' else told(getattr(struct, name))}"
        for name in struct.__struct_fields__
        if getattr(struct, name) != usual[name]
    ]


def _result(number: int) -> str:
    return f"EResult.{EResult(number).name}" if number in set(EResult) else str(number)
