"""Persons who are forgotten: their rows leave, every plugin takes their words out of its files, and they stay refused.

What is known of them is kept under a pseudonym: a hash with the key in `forgotten.key`. While one is being forgotten
their SteamID stands in `forgetting.json`, so that a start goes on after a crash.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from kernel.causality import is_person
from kernel.clock import SECOND
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
from kernel.forgetting import KEY_BYTES, pseudonym_of
from kernel.hookspecs import Rejection
from kernel.ids import SteamId64
from kernel.rows import Chat
from kernel.segments import EventsUnreadable
from kernel.state import State
from plugins.contact_policy import admission as rule

T = TypeVar("T")
KEY: Final = "forgotten.key"
UNDER_WAY: Final = "forgetting.json"
AT_ONCE: Final = 100
RETRY_MS: Final = 60 * SECOND
GONE_S: Final = 61
"""What was said to an account that is no bot now is known up to so many seconds behind its last line."""


class Forgetting:
    """`open` takes up what a crash has broken off; `forget` is the command's handler."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._folder = ctx.data_dir
        self._key = read_key(self._folder)
        self._one_at_a_time = asyncio.Lock()

    def open(self) -> None:
        """Once the system is up, go on with what was begun before."""
        if (self._folder / UNDER_WAY).exists():
            self._ctx.when_up(lambda: self._ctx.spawn(self._resume(), "forgetting that goes on"))

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
            finish(self._folder)
            return pseudonym

    async def _resume(self) -> None:
        async with self._one_at_a_time:
            while (persons := under_way(self._folder)) is not None:
                try:
                    await self._carry_out(persons)
                except (SwitchboardError, EventsUnreadable, OSError, ValueError) as error:
                    self._ctx.contain("forgetting that was broken off", error)
                    await self._ctx.clock.sleep(RETRY_MS)
                else:
                    finish(self._folder)
                    for player, pseudonym in persons.items():
                        if player == pseudonym:  # it was done at the command line, where nothing can be recorded
                            self._audit(pseudonym)

    def _audit(self, pseudonym: SteamId64) -> None:
        deed = AuditRecorded(
            action=ForgetPlayer.__name__, result="ok", address="", via="command line", subject=pseudonym
        )
        self._ctx.publish(deed, actor="operator:shell")

    async def _carry_out(self, persons: Mapping[SteamId64, SteamId64]) -> None:
        ctx = self._ctx
        for player, pseudonym in persons.items():
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


def begin(folder: Path, player: SteamId64) -> SteamId64:
    """The pseudonym of a person who is to be forgotten; that they are is on disk then. Raises OSError, ValueError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = read_key(folder)
    if key is None:
        key = secrets.token_bytes(KEY_BYTES)
        _put(folder / KEY, key)
    pseudonym = pseudonym_of(key, player)
    _put(folder / UNDER_WAY, msgspec.json.encode({**(under_way(folder) or {}), player: pseudonym}))
    return pseudonym


def under_way(folder: Path) -> dict[SteamId64, SteamId64] | None:
    """Those who are being forgotten, with their pseudonyms; None where nobody is."""
    try:
        found: dict[SteamId64, SteamId64] = msgspec.json.decode((folder / UNDER_WAY).read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return None
    return found


def finish_at_start(folder: Path, pseudonym: SteamId64) -> None:
    """No file has them any more; the next start ends what is open with the pseudonym, and leaves it alone."""
    others = {player: known for player, known in (under_way(folder) or {}).items() if known != pseudonym}
    _put(folder / UNDER_WAY, msgspec.json.encode({**others, pseudonym: pseudonym}))


def finish(folder: Path) -> None:
    """All of them are forgotten."""
    (folder / UNDER_WAY).unlink(missing_ok=True)
    sync_folder(folder)


def _put(path: Path, content: bytes) -> None:
    """For its owner's eyes only, and on disk before its name points to it."""
    draft = path.with_name(f"{path.name}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)
