"""The register of reducers: which function folds which event into the state, and the look-ups that several share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from kernel import events as e
from kernel.errors import IllegalTransition
from kernel.ids import BotId, ChatId, SteamId64, TaskId, account_number
from kernel.rows import Bot, Chat, Task
from kernel.state import State

E = TypeVar("E", bound=e.Event)
Reducer = Callable[[State, e.Envelope, Any], None]
REDUCERS: Final[dict[type[e.Event], Reducer]] = {}


def reduces(event: type[E]) -> Callable[[Callable[[State, e.Envelope, E], None]], Reducer]:
    """Name the one function that folds this event into the state."""

    def register(reducer: Callable[[State, e.Envelope, E], None]) -> Reducer:
        if event in REDUCERS:
            raise TypeError(f"{event.kind} has two reducers")
        REDUCERS[event] = reducer
        return reducer

    return register


def expect_person(player: SteamId64) -> None:
    """Raises IllegalTransition for an id that could not be remembered once its rows have left."""
    if account_number(player) is None:
        raise IllegalTransition(f"{player} is not the SteamID of an individual account, and cannot be remembered")


def known_bot(state: State, bot_id: BotId) -> Bot:
    bot: Bot | None = state.bots.get(bot_id)
    if bot is None:
        raise IllegalTransition(f"there is no bot {bot_id}")
    return bot


def known_task(state: State, task_id: TaskId) -> Task:
    task: Task | None = state.tasks.get(task_id)
    if task is None:
        raise IllegalTransition(f"there is no task {task_id}")
    return task


def known_chat(state: State, chat_id: ChatId) -> Chat:
    chat: Chat | None = state.chats.get(chat_id)
    if chat is None:
        raise IllegalTransition(f"there is no chat {chat_id}")
    return chat
