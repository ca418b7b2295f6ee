"""The admission rules as plain functions, named by the code that they reject with: each returns a Rejection, or None.

All look-ups are by index or within one chat, because they are made for every outgoing command.
"""

from __future__ import annotations

from typing import Final

from kernel.causality import is_program
from kernel.codes import KernelRefusal
from kernel.hookspecs import Rejection
from kernel.ids import BotId, SteamId64, TaskId
from kernel.rows import Chat, Delivery, InviteRefusal, Message, Sender
from kernel.state import State
from plugins.contact_policy.codes import ContactRefusal
from plugins.contact_policy.denials import denies_being_a_program
from plugins.contact_policy.folding import fold

QUESTION_LENGTH: Final = 500
"""Characters of the player's latest lines in which a question (are you a bot?) is searched."""


def contact_paused(state: State) -> Rejection | None:
    """All contact is paused: nothing is sent to anyone."""
    if not state.contact.paused:
        return None
    text = f"{state.contact.paused_by} has paused all contact; ResumeContact ends it."
    return Rejection(text, KernelRefusal.CONTACT_PAUSED, passing=True)


def do_not_contact(state: State, player: SteamId64) -> Rejection | None:
    """The player is on the do-not-contact list."""
    reason = state.left_alone(player)
    if reason is None:
        return None
    text = f"{player} is on the do-not-contact list ({reason}) until an operator takes them off: RemoveDoNotContact."
    return Rejection(text, KernelRefusal.DO_NOT_CONTACT)


def own_bot(state: State, player: SteamId64) -> Rejection | None:
    """The "player" is the account of one of our bots: they do not trade with each other."""
    bot_id = state.index.bot_of_account.get(player)
    return Rejection(f"{player} is our own bot {bot_id}, not a player.", KernelRefusal.OWN_BOT) if bot_id else None


def invite_refused_before(state: State, player: SteamId64) -> Rejection | None:
    """No second invite to a player who declined one or let it lapse, or may have."""
    refusal = state.invite_refusal(player)
    if refusal is None:
        return None
    if refusal is InviteRefusal.IN_DOUBT:
        text = (
            f"{player} may have seen an invite before and declined it. Look at their profile; "
            "if they may be asked again, a person says so: AllowInvite."
        )
        return Rejection(text, ContactRefusal.INVITE_IN_DOUBT)
    return Rejection(describe_refusal(player, refusal), ContactRefusal.INVITE_REFUSED_BEFORE)


def describe_refusal(player: SteamId64, refusal: InviteRefusal) -> str:
    """How the player refused an invite, as a sentence for the operator."""
    did = "declined an invite" if refusal is InviteRefusal.DECLINED else "let an invite lapse"
    return f"{player} {did} before, and is not asked a second time."


def player_busy(state: State, player: SteamId64) -> Rejection | None:
    """The player has an open task or chat already, and gets no second one."""
    what = state.index.open_task_of_player.get(player) or state.index.open_chat_of_player.get(player)
    return _busy_with(player, what) if what else _still_invited(state, player)


def not_to_invite(state: State, task_id: TaskId, bot_id: BotId, player: SteamId64) -> Rejection | None:
    """An invite goes out for the player's open task only, from its bot, while no other bot talks with them."""
    theirs = state.index.open_task_of_player.get(player)
    if theirs is not None and theirs != task_id:
        return _busy_with(player, theirs)
    if theirs is None or state.tasks[theirs].assigned_bot_id != bot_id:
        return Rejection(
            f"{task_id} is no open task of {bot_id} with {player}: there is nothing to ask.",
            ContactRefusal.NO_OPEN_TASK,
        )
    talks = state.index.open_chats_of_player.get(player, ())
    elsewhere = next((chat_id for chat_id in talks if state.chats[chat_id].bot_id != bot_id), None)
    if elsewhere is not None:
        return _busy_with(player, elsewhere)
    return _still_invited(state, player, apart_from=task_id)


def busy_in_another_chat(state: State, chat: Chat) -> Rejection | None:
    """Of several chats with a player messages are sent in one: that of the open task, or else the latest.

    A player who writes to another bot unasked does not end the deal that is under way.
    """
    task_id = state.index.open_task_of_player.get(chat.player)
    if task_id is None:
        chat_id = state.index.open_chat_of_player.get(chat.player)
        return None if chat_id is None or chat_id == chat.id else _busy_with(chat.player, chat_id)
    if chat.task_id == task_id or (chat.task_id is None and state.tasks[task_id].assigned_bot_id == chat.bot_id):
        return None
    return _busy_with(chat.player, task_id)


def busy_with_another_bot(state: State, player: SteamId64, bot_id: BotId | None) -> Rejection | None:
    """The player's open task or chat belongs to another bot."""
    task_id = state.index.open_task_of_player.get(player)
    if task_id is not None:
        return None if state.tasks[task_id].assigned_bot_id == bot_id else _busy_with(player, task_id)
    chat_id = state.index.open_chat_of_player.get(player)
    return None if chat_id is None or state.chats[chat_id].bot_id == bot_id else _busy_with(player, chat_id)


def denies_program(chat: Chat, text: str) -> Rejection | None:
    """A program never denies being one."""
    if not denies_being_a_program(text, _last_lines(chat)):
        return None
    return Rejection("An agent must not deny being a program, or claim to be a person.", KernelRefusal.DENIES_PROGRAM)


def notice_missing(chat: Chat, text: str, notices: frozenset[str]) -> Rejection | None:
    """A program's first message in a chat begins with a notice. `notices` are folded."""
    if any(_was_sent_by_program(message) for message in chat.messages):
        return None
    folded = fold(text)
    if any(folded == notice or folded.startswith(f"{notice} ") for notice in notices):
        return None
    error = "An agent's first message must begin with the notice that it is automated and how to stop it."
    return Rejection(error, ContactRefusal.NOTICE_MISSING)


def _last_lines(chat: Chat) -> str:
    """The player's latest lines with no message of ours between them, at most their last QUESTION_LENGTH characters."""
    lines: list[str] = []
    for message in reversed(chat.messages):
        if message.sender is Sender.PLAYER:
            lines.append(message.text)
        elif lines:
            break
    return "\n".join(reversed(lines))[-QUESTION_LENGTH:]


def _was_sent_by_program(message: Message) -> bool:
    return message.sender is Sender.BOT and message.delivery is Delivery.SENT and is_program(message.author)


def _still_invited(state: State, player: SteamId64, *, apart_from: TaskId | None = None) -> Rejection | None:
    """The player may still see the invite of an ended task: its bot has to take it back first."""
    account = next(iter(state.index.left_behind.get(player, ())), None)
    if account is not None:
        text = (
            f"{player} may still see an invite of the account {account}, which takes it back as soon as it is online "
            "as a bot of ours. A person who knows better says so: AllowInvite."
        )
        return Rejection(text, KernelRefusal.PLAYER_BUSY)
    pending = state.index.pending_invites_of_player.get(player, {})
    task_id = next((task_id for task_id in pending if task_id != apart_from), None)
    if task_id is None:
        return None
    bot_id = state.invites[task_id].bot_id
    text = f"{player} may still see the invite of {task_id}, which {bot_id} takes back as soon as it is online."
    return Rejection(text, KernelRefusal.PLAYER_BUSY)


def _busy_with(player: SteamId64, what: str) -> Rejection:
    return Rejection(
        f"{player} is busy with {what}; one person is never contacted twice at once.", KernelRefusal.PLAYER_BUSY
    )
