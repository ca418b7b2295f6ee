"""Why a task whose player has been contacted stands where it stands: read off the state, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from kernel.causality import is_person
from kernel.clock import Millis
from kernel.codes import TaskCode, WaitReason
from kernel.rows import (
    AgentOffReason,
    Bot,
    BotStatus,
    Chat,
    Delivery,
    Invite,
    InviteStatus,
    Message,
    Sender,
    Task,
    TaskStatus,
)
from kernel.state import State
from plugins.tasks.codes import StandingReason


class Standing(NamedTuple):
    """A code, a sentence that tells what ends it, until when at the latest, and what a person can do.

    `lively`: it changes with every line of a dialogue, so it is told only where it lasts.
    """

    reason: TaskCode
    detail: str
    until: Millis | None = None
    next_step: str | None = None
    lively: bool = False


BACK: Final = "Look at the bot in the list of bots; DisposeTask lets the player go to another one."
WRITE: Final = "Take the chat over and write, or give it back to the agent."
WHY_OFF: Final[Mapping[AgentOffReason, str]] = {
    AgentOffReason.OPERATOR: "A person had the chat and has it no more.",
    AgentOffReason.NO_TASK: "The chat was begun without a task.",
    AgentOffReason.AGENT_FAILED: "The agent failed, or gave a reply that cannot be used.",
    AgentOffReason.AGENT_SILENT: "No agent took its turn.",
    AgentOffReason.NOT_ANSWERED: "The player has not answered as many lines as a program may send.",
    AgentOffReason.TOO_MANY_LINES: "Programs have written as much within the hour as they may.",
    AgentOffReason.CONTACT_PAUSED: "Contact was paused.",
    AgentOffReason.PLAYER_ASKED: "The player wants to talk with a person.",
    AgentOffReason.SENT_ELSEWHERE: "Somebody wrote as the bot with another Steam client.",
    AgentOffReason.MESSAGE_IN_DOUBT: "It is not known whether a message of the agent's arrived.",
    AgentOffReason.MESSAGE_LOST: "A message of the agent's was lost.",
    AgentOffReason.HISTORY_UNREAD: "What the player wrote while the bot was away could not be read back.",
    AgentOffReason.OTHER: "The agent was switched off.",
}


def standing(task: Task, state: State, now: Millis) -> Standing | None:
    """Why the task waits; None where its bot's queue of invites, or the assigner, tells."""
    if task.status is TaskStatus.ACCEPTED:
        return _of_a_talk(task, state, now)
    invite: Invite | None = state.invites.get(task.id)
    if invite is None or invite.status is InviteStatus.QUEUED or not task.is_open:
        return None
    bot: Bot | None = state.bots.get(invite.bot_id)
    return _of_an_absence(bot, "what has become of the invite is seen") if _is_away(bot) else None


def _of_a_talk(task: Task, state: State, now: Millis) -> Standing:
    bot: Bot | None = state.bots.get(task.assigned_bot_id) if task.assigned_bot_id is not None else None
    chat: Chat | None = state.chats.get(task.chat_id) if task.chat_id is not None else None
    if chat is None or not chat.is_open:
        text = "Its chat has ended, and nobody has said how the deal came out."
        return Standing(StandingReason.CHAT_ENDED, text, next_step="Record it with ResolveTask or FailTask.")
    if _is_away(bot):
        return _of_an_absence(bot, "the talk goes on")
    if state.contact.paused:
        text = f"{state.contact.paused_by} has paused all contact; the talk goes on once it is resumed."
        return Standing(
            WaitReason.CONTACT_PAUSED, text, next_step="ResumeContact, when the reason for the pause is over."
        )
    return _of_a_chat(chat, now)


def _is_away(bot: Bot | None) -> bool:
    return bot is None or bot.status is not BotStatus.CONNECTED


def _of_an_absence(bot: Bot | None, then: str) -> Standing:
    if bot is None:
        return Standing(WaitReason.BOT_REMOVED, "Its bot was removed.", next_step="Put the task away with DisposeTask.")
    name = f"Bot {bot.label or bot.steam_id64}"
    if bot.status is BotStatus.AUTH_FAILED:
        text = f"{name} cannot sign in ({bot.reason}); {then} once a person has mended that."
        return Standing(StandingReason.BOT_KEPT_OUT, text, next_step=bot.next_step or BACK)
    text = f"{name} is {'signing in' if bot.status is BotStatus.CONNECTING else 'offline'}; {then} when it is back."
    return Standing(StandingReason.BOT_AWAY, text, next_step=BACK)


def _of_a_chat(chat: Chat, now: Millis) -> Standing:
    if not chat.agent_enabled:
        return _of_a_person(chat)
    owed = next((message for message in chat.messages if message.is_owed), None)
    if owed is not None:
        until = owed.attempt.retry_at if owed.attempt is not None else None
        text = owed.error or "A message to the player is on its way."
        return Standing(
            StandingReason.MESSAGE_UNDER_WAY, text, until if until is not None and until > now else None, lively=True
        )
    if chat.turn_at is not None and chat.turn_at > now and not _unanswered(chat):
        text = "The player has not answered yet; after that time the agent takes its turn."
        return Standing(StandingReason.AWAITING_ANSWER, text, chat.turn_at, lively=True)
    text = "It is the agent's turn; where none takes it, the agent is switched off and a person called."
    return Standing(StandingReason.AGENTS_TURN, text, next_step=WRITE, lively=True)


def _of_a_person(chat: Chat) -> Standing:
    if any(message.delivery is Delivery.IN_DOUBT and message.is_owed for message in chat.messages):
        text = "It is not known whether a message has reached the player; a person decides whether it is said again."
        return Standing(
            StandingReason.MESSAGE_IN_DOUBT, text, next_step="Look into the chat on Steam, then Send again or Discard."
        )
    if chat.owner is not None and is_person(chat.owner):
        text = f"{chat.owner} leads the chat by hand; the agent goes on when it is given back."
        return Standing(
            StandingReason.LED_BY_HAND, text, next_step="Write to the player, give the chat back, or DisposeTask."
        )
    off = chat.agent_off
    text = WHY_OFF[off.why] if off is not None else WHY_OFF[AgentOffReason.OTHER]
    return Standing(
        StandingReason.AGENT_OFF,
        f"{text} Nobody leads the chat until somebody takes it or gives it back.",
        next_step=WRITE,
    )


def _unanswered(chat: Chat) -> bool:
    """Are the player's the last words that either has got?"""
    told = (m for m in reversed(chat.messages) if m.sender is Sender.PLAYER or m.delivery is Delivery.SENT)
    last: Message | None = next(told, None)
    return last is not None and last.sender is Sender.PLAYER
