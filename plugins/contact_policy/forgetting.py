"""Persons who are forgotten: their rows leave, every plugin takes their words out of its files, and they stay refused.

What is known of them is kept under a pseudonym: a hash with the key in `forgotten.key`. While one is being forgotten
their SteamID stands in `forgetting.json`, so that a start goes on after a crash.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from kernel import private_files
from kernel.causality import is_person
from kernel.clock import DAY, HOUR, SECOND
from kernel.codes import KernelRefusal, LeftAlone
from kernel.commands import Command, CreateTask, ForgetPlayer, ReachesPlayer, RetryMessage, SendMessage
from kernel.context import Context
from kernel.disk import sync_folder
from kernel.errors import Conflict, SwitchboardError, Unfinished
from kernel.events import (
    AuditRecorded,
    ChatArchived,
    DoNotContactAdded,
    PlayerArchived,
    PlayerForgotten,
    TaskArchived,
)
from kernel.forgetting import KEY_BYTES, is_pseudonym, pseudonym_of
from kernel.hookspecs import Rejection
from kernel.ids import SteamId64, steam_id_of
from kernel.memory import Remembered
from kernel.rows import Chat
from kernel.segments import EventsUnreadable
from kernel.state import State
from plugins.contact_policy import admission as rule

T = TypeVar("T")
KEY: Final = "forgotten.key"
UNDER_WAY: Final = "forgetting.json"
AGED: Final = "forgetting-aged.json"
"""The same of those whose time is over: nobody has asked that they be left alone."""
SWEEP_MS: Final = HOUR
AT_ONCE: Final = 100
RETRY_MS: Final = 60 * SECOND
GONE_S: Final = 61
"""What was said to an account that is no bot now is known up to so many seconds behind its last line."""


class Forgetting:
    """`open` takes up what a crash has broken off; `forget` is the command's handler."""

    def __init__(self, ctx: Context, after_days: int) -> None:
        """`after_days`: who was not met for so long is forgotten unasked; 0: nobody is."""
        self._ctx = ctx
        self._after_days = after_days
        self._folder = ctx.data_dir
        self._key = read_key(self._folder)
        self._one_at_a_time = asyncio.Lock()

    def open(self) -> None:
        """Once the system is up, go on with what was begun before, and look for those whose time is over."""
        if under_way(self._folder) or under_way(self._folder, AGED):
            self._ctx.when_up(lambda: self._ctx.spawn(self._resume(), "forgetting that goes on"))
        if self._after_days:
            self._ctx.spawn(self._sweep(), "forgetting whose time is over")

    def known_as(self, player: SteamId64) -> SteamId64:
        """The pseudonym of a player who was forgotten, if anything is remembered of it; else the player."""
        if self._key is None:
            return player
        pseudonym = pseudonym_of(self._key, player)
        state = self._ctx.state
        known = pseudonym in state.players or state.remembered.get(pseudonym) is not None
        return pseudonym if known else player

    def judge(self, command: Command[Any], state: State) -> Rejection | None:
        """Whether the command would reach somebody who was forgotten, and is to be left alone all the same."""
        player = _reached(command, state) if self._key is not None else None
        if player is None or (pseudonym := self.known_as(player)) == player:
            return None
        rejection = rule.do_not_contact(state, pseudonym) or rule.invite_refused_before(state, pseudonym)
        if rejection is None:
            return None
        text = f"{player} was forgotten, and is to be left alone. {rejection.message}"
        return Rejection(text, rejection.code)

    async def forget(self, command: ForgetPlayer) -> SteamId64:
        """Answered once no file has them. Raises Conflict, Unfinished, and what a plugin raises that cannot do it."""
        bot_id = self._ctx.state.index.bot_of_account.get(command.player)
        if bot_id is not None:
            text = f"{command.player} is our own bot {bot_id}, not a player."
            raise Conflict(KernelRefusal.OWN_BOT, text, field="playerSteamId64")
        async with self._one_at_a_time:
            pseudonym = begin(self._folder, command.player)
            self._key = read_key(self._folder)
            await self._carry_out({command.player: pseudonym})
            finish(self._folder, {command.player})
            return pseudonym

    async def _resume(self) -> None:
        async with self._one_at_a_time:
            await self._go_on(UNDER_WAY)
            await self._go_on(AGED)

    async def _sweep(self) -> None:
        while True:
            await self._ctx.clock.sleep(SWEEP_MS)
            aged = await self._aged()
            if aged:
                async with self._one_at_a_time:
                    begin(self._folder, *aged, name=AGED)
                    self._key = read_key(self._folder)
                    await self._go_on(AGED)

    async def _aged(self) -> list[SteamId64]:
        """Some of those who were last met so long ago, and of whom no row is here."""
        state = self._ctx.state
        until = self._ctx.clock.now() // DAY - self._after_days
        aged: list[SteamId64] = []
        for numbers, values in state.remembered.frozen():
            known = zip(numbers, values, strict=True)
            aged += [steam_id_of(number) for number, value in known if Remembered.unpacked(value).day <= until]
            await asyncio.sleep(0)  # of a million there are two thousand such pieces
        here = {chat.player for chat in state.chats.values()} | {task.player for task in state.tasks.values()}
        here |= {*state.players}
        return [player for player in aged if player not in here and not is_pseudonym(player)][:AT_ONCE]

    async def _go_on(self, name: str) -> None:
        """Until those of that file are forgotten."""
        while (persons := under_way(self._folder, name)) is not None:
            try:
                await self._carry_out(persons, asked=name == UNDER_WAY)
            except (SwitchboardError, EventsUnreadable, OSError, ValueError) as error:
                self._ctx.contain("forgetting that was broken off", error)
                await self._ctx.clock.sleep(RETRY_MS)
            else:
                finish(self._folder, {*persons}, name)
                for player, pseudonym in persons.items():
                    if player == pseudonym:  # it was done at the command line, where nothing can be recorded
                        self._audit(pseudonym)

    def _audit(self, pseudonym: SteamId64) -> None:
        deed = AuditRecorded(
            action=ForgetPlayer.__name__, result="ok", address="", via="command line", subject=pseudonym
        )
        self._ctx.publish(deed, actor="operator:shell")

    async def _carry_out(self, persons: Mapping[SteamId64, SteamId64], *, asked: bool = True) -> None:
        ctx = self._ctx
        for player, pseudonym in persons.items():
            if asked:
                await self._leave_alone(player, pseudonym)
            for event in self._rows_of(player):
                ctx.publish(event)
            ctx.publish(PlayerForgotten(player=player, pseudonym=pseudonym))
        seq = ctx.state.seq
        await ctx.committed(seq)
        await ctx.hooks.forget(persons, seq)

    async def _leave_alone(self, player: SteamId64, pseudonym: SteamId64) -> None:
        state, index = self._ctx.state, self._ctx.state.index
        if state.left_alone(player) is None and state.left_alone(pseudonym) is None:
            reason = LeftAlone.OPERATOR if is_person(self._ctx.actor) else LeftAlone.PROGRAM
            self._ctx.publish(DoNotContactAdded(player=player, reason=reason))
        await self._ctx.settled(lambda c: isinstance(c, ReachesPlayer) and c.player == player)
        if player in index.open_task_of_player or player in index.open_chat_of_player:
            text = "A task or chat with this player has not ended yet, though it will: ask again."
            raise Unfinished(KernelRefusal.STILL_UNDER_WAY, text, retry_after=SECOND)

    def _rows_of(self, player: SteamId64) -> Iterator[ChatArchived | TaskArchived | PlayerArchived]:
        """The events by which all of them leave the state."""
        state = self._ctx.state
        chats = [chat for chat in state.chats.values() if chat.player == player]
        tasks = [task.id for task in state.tasks.values() if task.player == player]
        for some in _batched(chats):
            yield ChatArchived(chat_ids=tuple(chat.id for chat in some), heard=self._heard(some))
        for ids in _batched(tasks):
            yield TaskArchived(task_ids=tuple(ids))
        if player in state.players:
            yield PlayerArchived(players=(player,))

    def _heard(self, chats: Iterable[Chat]) -> dict[str, int]:
        """By account: up to when all is known that was written to it, so that nothing is read back as news."""
        heard: dict[str, int] = {}
        for chat in chats:
            bot_id = self._ctx.state.index.bot_of_account.get(chat.account) if chat.account is not None else None
            said = max((line.steam_ts or 0 for line in chat.messages), default=0) + GONE_S
            until = self._ctx.hooks.heard_until(bot_id) if bot_id is not None else said
            if chat.account is not None:
                heard[chat.account] = max(until or 0, heard.get(chat.account, 0))
        return heard


def _batched(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _reached(command: Command[Any], state: State) -> SteamId64 | None:
    if isinstance(command, CreateTask | ReachesPlayer):
        return command.player
    if isinstance(command, SendMessage | RetryMessage):
        chat: Chat | None = state.chats.get(command.chat_id)
        return chat.player if chat is not None else None
    return None


def read_key(folder: Path) -> bytes | None:
    """The key of the pseudonyms; None where nobody was forgotten. Raises OSError, ValueError where it is cut."""
    try:
        key = (folder / KEY).read_bytes()
    except FileNotFoundError:
        return None
    if len(key) != KEY_BYTES:
        raise ValueError(
            f"{folder / KEY}: is {len(key)} bytes long and should be {KEY_BYTES}; bring a backup of it back"
        )
    return key


def begin(folder: Path, *players: SteamId64, name: str = UNDER_WAY) -> SteamId64:
    """The pseudonym of the last of these persons, who are to be forgotten; that they are is on disk then.

    Raises OSError, and ValueError where the key is cut.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = read_key(folder)
    if key is None:
        key = secrets.token_bytes(KEY_BYTES)
        private_files.put(folder / KEY, key)
    persons = {player: pseudonym_of(key, player) for player in players}
    private_files.put(folder / name, msgspec.json.encode({**(under_way(folder, name) or {}), **persons}))
    return persons[players[-1]]


def under_way(folder: Path, name: str = UNDER_WAY) -> dict[SteamId64, SteamId64] | None:
    """Those who are being forgotten, with their pseudonyms; None where nobody is."""
    try:
        found: dict[SteamId64, SteamId64] = msgspec.json.decode((folder / name).read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return None
    return found


def finish_at_start(folder: Path, pseudonym: SteamId64) -> None:
    """No file has them any more; the next start ends what is open with the pseudonym, and leaves it alone."""
    others = {player: known for player, known in (under_way(folder) or {}).items() if known != pseudonym}
    private_files.put(folder / UNDER_WAY, msgspec.json.encode({**others, pseudonym: pseudonym}))


def finish(folder: Path, players: Collection[SteamId64], name: str = UNDER_WAY) -> None:
    """These are forgotten."""
    others = {player: known for player, known in (under_way(folder, name) or {}).items() if player not in players}
    if others:
        private_files.put(folder / name, msgspec.json.encode(others))
        return
    (folder / name).unlink(missing_ok=True)
    sync_folder(folder)
