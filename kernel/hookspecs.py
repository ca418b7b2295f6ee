"""Every hook that a plugin can implement, on one page.

| hook | put when | rule |
|---|---|---|
| `recover` | once, before any plugin is started | each, awaited; a failure stops the start |
| `admit` | before a command's handler runs | each; one objection is enough; a guard that fails objects |
| `respond` | an agent's turn has come | the first that answers; one that fails is passed over |
| `preface` | before an agent's first words in a chat | the first that answers |
| `relationship` | somebody needs to know how a bot and a player stand | the first that answers |
| `mounts` | a request comes for a path outside `/api/` | all, put together |
| `routes` | a request comes for `/api/plugins/`, and for the OpenAPI document | each, under its plugin's name |
| `panel` | somebody looks at the plugins on the page | each, under its plugin's name; one that fails is told as such |
| `health` | somebody asks whether the system is ready | all, put together |
| `remains` | the journal finds nothing to bring back | all, put together |
| `recall` | somebody asks what has been | the first that answers |
| `events_after` | somebody follows the journal, or reads a part of it | the first that answers |
| `heard_until` | a chat may leave the state: nothing of it may be read back | the first that answers |
| `ended_at` | a command names a chat or task that is not in the state | the first that answers |
| `archived_upto` | rows of what has ended may leave the state | the first that answers |
| `forget` | a person's words are to go | each, awaited; a failure is raised to whoever asked |
| `measures` | somebody watches: at each scrape of the metrics | all, put together |

Plugins are called in the order of the config. pluggy checks signatures at registration; `kernel.hooks` calls them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pluggy
from msgspec import Struct

from kernel.clock import Millis
from kernel.codes import KernelRefusal, Open, Refusal, TaskCode
from kernel.commands import Command
from kernel.events.friends import Relationship as Relationship
from kernel.ids import BotId, SteamId64
from kernel.measures import Measure
from kernel.panels import Panel
from kernel.past import PROJECT as PROJECT
from kernel.past import PastHooks, hookspec
from kernel.recovery import Recovery
from kernel.routes import Route
from kernel.rows import Bot, Chat, Task, TaskStatus
from kernel.state import State

hookimpl = pluggy.HookimplMarker(PROJECT)

Mount = Callable[..., Awaitable[None]]
"""An ASGI application; the kernel does not look inside."""


class Rejection(Struct, frozen=True):
    """A guard's objection: a sentence, a stable code, and in how many milliseconds to ask again, if ever.

    `passing`: it is to no part of the command, and ends without it, though nobody knows when (contact is paused). What
    is refused so may be kept and tried again.
    """

    message: str
    code: Refusal = KernelRefusal.REJECTED
    retry_after: int | None = None
    passing: bool = False


class Trigger(StrEnum):
    """Why it is the agent's turn."""

    STARTED = "started"
    MESSAGE = "message"
    SILENCE = "silence"
    RESUMED = "resumed"
    """An operator gave the chat back."""


class Turn(Struct, frozen=True, kw_only=True):
    """What an agent is asked about. `text` is what the player wrote since the bot's last words, line by line."""

    chat: Chat
    task: Task
    bot: Bot
    trigger: Trigger
    text: str
    now: Millis


class Reply(Struct, frozen=True, kw_only=True):
    """What an agent does with its turn.

    `texts` are said one after another, none means silence. `step` names where the dialogue stands now. After
    `wait` milliseconds of silence the agent is asked again. An `outcome` (resolved or failed) ends the dialogue.
    """

    step: str
    texts: tuple[str, ...] = ()
    wait: int | None = None
    outcome: TaskStatus | None = None
    reason: TaskCode | None = None
    detail: str = ""
    agreed_price: Decimal | None = None


class TakenTurn(Struct, frozen=True):
    """A turn that an agent has taken: who, of what version, and what it says."""

    agent: str
    version: str | None
    reply: Reply


class Health(Struct, frozen=True):
    """One thing that readiness depends on."""

    name: str
    ok: bool
    detail: str = ""


class Hooks(PastHooks):
    """The hook specifications."""

    @hookspec
    async def recover(self, recovery: Recovery) -> None:
        """Bring the state of earlier runs back, and take charge of making events durable from then on."""

    @hookspec
    def admit(self, command: Command[Any], state: State, now: Millis) -> Rejection | None:
        """Object to a command by returning a Rejection. Asked in the lane, at the last moment; must not block."""

    @hookspec
    async def respond(self, turn: Turn) -> Reply | None:
        """Lead the dialogue for one turn; None leaves the turn to the next agent. Cancelled by a take-over."""

    @hookspec
    def preface(self, turn: Turn) -> str | None:
        """What must stand before an agent's first words in this chat, in the player's language."""

    @hookspec
    def relationship(self, bot_id: BotId, player: SteamId64) -> Open[Relationship] | None:
        """How Steam says the two stand: `none`, `invited`, `invitedUs`, `friend`, `blocked` or `ignored`; None where it
        has not said yet. Whoever asks gets None for any other word, too."""

    @hookspec
    def mounts(self) -> Mapping[str, Mount]:  # type: ignore[empty-body]
        """ASGI applications by the path that they serve, such as `/metrics`."""

    @hookspec
    def routes(self) -> Sequence[Route[Any, Any]]:  # type: ignore[empty-body]
        """Routes of this plugin's own, at `/api/plugins/NAME`: caller, role and form are checked before a handler is
        called, and they stand in the OpenAPI document while the plugin runs. Must not block."""

    @hookspec
    def panel(self) -> Panel | Awaitable[Panel | None] | None:
        """A card of fields, tables and buttons for the page; None: there is nothing to show. Its buttons may give only
        commands that this plugin handles. Answered within two seconds; asked every few seconds while somebody looks."""

    @hookspec
    def health(self) -> Health:  # type: ignore[empty-body]
        """Whether what this plugin is needed for works just now."""

    @hookspec
    def remains(self) -> Sequence[Path]:  # type: ignore[empty-body]
        """This plugin's files that only an earlier run can have left: with one of them, a folder without events is not
        new but has lost its journal. Asked before `start`; what the command line makes beforehand is none of them.
        """

    @hookspec
    def measures(self) -> Sequence[Measure]:  # type: ignore[empty-body]
        """What this plugin measures of its own work, as it stands now. Asked often; must not block."""
