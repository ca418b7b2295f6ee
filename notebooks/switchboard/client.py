"""The connection as one object: the mirror to look at, the commands to give, events to iterate, conditions to await."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import msgspec
from msgspec import Struct

from kernel.commands import Command
from kernel.errors import Malformed
from kernel.rows import Row
from kernel.state import State
from switchboard import requests
from switchboard.cards import Card, place_of
from switchboard.environment import UNREACHABLE, why
from switchboard.errors import SignInRefused, Unreachable
from switchboard.link import ServerLink, open_link
from switchboard.methods import BlockingCommands, Commands
from switchboard.past import AwaitedPast, BlockingPast
from switchboard.requests import Verdict
from switchboard.view import Fleet, View
from switchboard.watching import BlockingEvents, Events, Kind, block_until, until

R = TypeVar("R")
T = TypeVar("T")

log = logging.getLogger("switchboard")

DEFAULT_URL = "http://127.0.0.1:8040"


class Connected(View):
    """What both kinds of client have."""

    def __init__(self, link: ServerLink, actor: str) -> None:
        self._link = link
        self.actor = actor
        """As whom you act: every event that you cause says so."""

    @property
    def state(self) -> State:
        return self._link.state

    @property
    def trouble(self) -> str | None:
        """Why the mirror stands still just now; None while it is live. It connects again by itself."""
        return self._link.trouble

    @property
    def url(self) -> str:
        """Where the system is."""
        return str(self._link.http.base_url)

    def card(self, thing: Row | Fleet | str | None = None) -> Card:
        """A live card with buttons: of a bot, a task, a chat or a plugin, given as row, id or name; else of the fleet.

        Raises NotInstalled without ipywidgets.
        """
        return Card(self._link, self.actor, *place_of(thing))

    def _repr_html_(self) -> str:
        return self.fleet._repr_html_()

    def __repr__(self) -> str:
        live = f"not live: {self.trouble}" if self.trouble else "live"
        return f"Switchboard at {self.url} as {self.actor}, {live}\n{self.fleet!r}"


class Switchboard(Connected, Commands):
    """A connection whose commands are awaited. Made by `connect`."""

    @property
    def history(self) -> AwaitedPast:
        """All that has been: `await sb.history.search("redline")`, `tasks`, `chat`, `timeline`, `report`."""
        return AwaitedPast(self._link)

    async def execute(self, command: Command[R], *, command_id: str | None = None) -> R:
        """Have any command carried out, a plugin's own too. Returns the id of what it created. Raises CommandError.

        Where it is cancelled before the answer, `ask_again` tells what came of it.
        """
        giving = self._link.unanswered.begin(command, command_id)
        try:
            return cast("R", await asyncio.wrap_future(self._link.submit(requests.give(self._link, giving))))
        except asyncio.CancelledError as cancelled:
            told = requests.left(self._link, giving)
            cancelled.add_note(told)
            log.warning("%s", told)
            raise

    async def ask_again(self, command_id: str | None = None) -> str | None:
        """What came of a command that was not answered: that of this id, or the last. It is carried out once in all.

        Returns the id of what it created. Raises CommandError, and NothingToAsk.
        """
        left = requests.again(self._link, command_id)
        return cast("str | None", await self.execute(left.command, command_id=left.id))

    async def dry_run(self, command: Command[Any]) -> Verdict:
        """What the command would be refused for just now; nothing is carried out."""
        return await asyncio.wrap_future(self._link.submit(requests.judge(self._link, command)))

    def events(self, *kinds: Kind) -> Events:
        """Events from now on, `async for event in sb.events("task.created")`; of every kind, when none is named."""
        return Events(self._link, kinds)

    async def wait(self, condition: Callable[[], T], timeout: float = 60.0) -> T:
        """Return what `condition()` returns once that is true; it is asked after each batch of events.

        Raises TimedOut after `timeout` seconds.
        """
        return await until(self._link, condition, timeout)

    def blocking(self) -> BlockingSwitchboard:
        """The same connection for code that cannot await."""
        return BlockingSwitchboard(self._link, self.actor)

    async def close(self) -> None:
        """End the connection."""
        await asyncio.to_thread(self._link.close)

    async def __aenter__(self) -> Switchboard:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _give(
        self, command: type[Command[R]], fields: Mapping[str, object], command_id: str | None, dry_run: bool
    ) -> R | Verdict:
        try:
            built = requests.build(command, fields)
        except Malformed as error:
            if dry_run:
                return requests.verdict_of(command.__name__, error)
            raise
        return await (self.dry_run(built) if dry_run else self.execute(built, command_id=command_id))


class BlockingSwitchboard(Connected, BlockingCommands):
    """A connection whose commands return when they are answered. Made by `connect_sync`."""

    @property
    def history(self) -> BlockingPast:
        """All that has been: `sb.history.search("redline")`, `tasks`, `chat`, `timeline`, `report`."""
        return BlockingPast(self._link)

    def execute(self, command: Command[R], *, command_id: str | None = None) -> R:
        """Have any command carried out, a plugin's own too. Returns the id of what it created. Raises CommandError.

        Raises Interrupted where you interrupt it, which says whether it was called off.
        """
        giving = future = None
        try:
            giving = self._link.unanswered.begin(command, command_id)
            future = self._link.submit(requests.give(self._link, giving))
            return cast("R", future.result())
        except KeyboardInterrupt:
            if giving is None:
                raise
            if future is not None:
                future.cancel()
            raise requests.interrupted(self._link, giving) from None

    def ask_again(self, command_id: str | None = None) -> str | None:
        """What came of a command that was not answered: that of this id, or the last. It is carried out once in all.

        Returns the id of what it created. Raises CommandError, and NothingToAsk.
        """
        left = requests.again(self._link, command_id)
        return cast("str | None", self.execute(left.command, command_id=left.id))

    def dry_run(self, command: Command[Any]) -> Verdict:
        """What the command would be refused for just now; nothing is carried out."""
        return self._link.submit(requests.judge(self._link, command)).result()

    def events(self, *kinds: Kind, timeout: float | None = None) -> BlockingEvents:
        """Events from now on, `for event in sb.events("task.created")`; of every kind, when none is named.

        The iteration ends after `timeout` seconds without an event, where it is given.
        """
        return BlockingEvents(self._link, kinds, timeout)

    def wait(self, condition: Callable[[], T], timeout: float = 60.0) -> T:
        """Return what `condition()` returns once that is true; it is asked after each batch of events.

        Raises TimedOut after `timeout` seconds.
        """
        return block_until(self._link, condition, timeout)

    def awaiting(self) -> Switchboard:
        """The same connection for code that awaits."""
        return Switchboard(self._link, self.actor)

    def close(self) -> None:
        """End the connection."""
        self._link.close()

    def __enter__(self) -> BlockingSwitchboard:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _give(
        self, command: type[Command[R]], fields: Mapping[str, object], command_id: str | None, dry_run: bool
    ) -> R | Verdict:
        try:
            built = requests.build(command, fields)
        except Malformed as error:
            if dry_run:
                return requests.verdict_of(command.__name__, error)
            raise
        return self.dry_run(built) if dry_run else self.execute(built, command_id=command_id)


async def connect(url: str | None = None, token: str | None = None) -> Switchboard:
    """Connect, and return once the whole state is here.

    Left out, `url` and `token` are those of the environment, SWITCHBOARD_URL (else http://127.0.0.1:8040) and
    SWITCHBOARD_TOKEN. `switchboard token create NAME --kind notebook` makes a token. Raises Unreachable,
    SignInRefused or Incompatible.
    """
    link, actor = await asyncio.to_thread(_open, url, token)
    return Switchboard(link, actor)


def connect_sync(url: str | None = None, token: str | None = None) -> BlockingSwitchboard:
    """The same for a script, or for a cell that does not await."""
    return BlockingSwitchboard(*_open(url, token))


class _Session(Struct):
    actor: str


def _open(url: str | None, token: str | None) -> tuple[ServerLink, str]:
    address = url or os.environ.get("SWITCHBOARD_URL") or DEFAULT_URL
    secret = token or os.environ.get("SWITCHBOARD_TOKEN")
    if not secret:
        text = "There is no token: give `token`, or set SWITCHBOARD_TOKEN; `switchboard token create NAME` makes one."
        raise SignInRefused(text)
    link = open_link(address, secret)
    try:
        actor = link.submit(_actor(link)).result()
        link.follow().result()
    except BaseException:
        link.close()
        raise
    return link, actor


async def _actor(link: ServerLink) -> str:
    """Whom the server takes the holder of the token for."""
    try:
        response = await link.http.get("/api/session")
        if response.status_code == 401:
            raise SignInRefused("The server does not know this token; make one: switchboard token create NAME")
        return msgspec.json.decode(response.content, type=_Session).actor
    except UNREACHABLE as error:
        text = f"Nobody answers at {link.http.base_url} ({why(error)})"
        raise Unreachable(f"{text}; is `switchboard run` up, and is that its address?") from error
    except msgspec.MsgspecError as error:
        raise Unreachable(f"What answers at {link.http.base_url} is no Switchboard.") from error
