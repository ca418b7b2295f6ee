"""Rate limits: the fleet's invites within the hour, and what programs may write in one chat."""

from __future__ import annotations

from bisect import bisect_right

from kernel.causality import is_program
from kernel.clock import HOUR, Millis
from kernel.codes import KernelRefusal
from kernel.hookspecs import Rejection
from kernel.ids import TaskId
from kernel.rows import Chat, Delivery, Invite, InviteStatus, Message, Sender
from kernel.state import State
from plugins.contact_policy.codes import ContactRefusal


def fleet_invite_limit(state: State, task_id: TaskId, now: Millis, limit: int) -> Rejection | None:
    """Sliding hour of the fleet. An invite counts from its request on, and once Steam may have seen it, from then on.

    One that is still queued is judged as if it were requested now: that is the dry run of its queue.
    """
    invite: Invite | None = state.invites.get(task_id)
    if invite is None or invite.status is InviteStatus.SENT:
        return Rejection(f"{task_id} has no invite that is to be sent.", ContactRefusal.NOT_REQUESTED)
    own = invite.requested_at if invite.requested_at is not None and invite.requested_at > now - HOUR else None
    ahead = list(state.contact.invites[bisect_right(state.contact.invites, now - HOUR) :])
    if len(ahead) - (own is not None) < limit:
        return None
    if own is not None:  # else it was requested more than an hour ago, or not at all: it comes behind all others
        on_their_way = state.index.requested_at
        for later in (own, *on_their_way[bisect_right(on_their_way, own) :]):
            if later in ahead:
                ahead.remove(later)
        if len(ahead) < limit:
            return None
    wait = ahead[len(ahead) - limit] + HOUR - now
    text = f"The fleet has sent {limit} invites within the hour; the next may go in {-(-wait // 1_000)} s."
    return Rejection(text, KernelRefusal.FLEET_INVITE_LIMIT, retry_after=wait)


def too_many_unanswered(chat: Chat, message: Message | None, limit: int) -> Rejection | None:
    """Limit of a program's messages without an answer of the player. `message` is the one that is about to be sent."""
    places = (place for place, line in enumerate(chat.messages) if line.sender is Sender.PLAYER)
    answered = max(places, default=-1)
    said = sum(
        _counts_for_limit(line) and (place > answered or _arrives_after(line, chat.messages[answered]))
        for place, line in enumerate(_before(chat, message))
    )
    if said < limit:
        return None
    text = f"The player has not answered {said} messages of programs, and {limit} is the most: a person is needed."
    return Rejection(text, KernelRefusal.TOO_MANY_UNANSWERED)


def too_many_lines(chat: Chat, message: Message | None, now: Millis, limit: int) -> Rejection | None:
    """Rate limit of programs in one chat within an hour, whatever the player answers.

    Messages dropped from the row cannot be counted: where they are from within the hour, the limit counts as reached.
    """
    oldest = next((line for line in chat.messages if not line.is_owed), None)
    since = Millis(now - HOUR)
    if chat.forgotten is not None and oldest is not None and _reaches_after(oldest, since):
        text = f"More than {len(chat.messages)} messages have come and gone in this chat within the hour."
        return Rejection(text, KernelRefusal.TOO_MANY_LINES)
    said = sum(_counts_for_limit(line) and _reaches_after(line, since) for line in _before(chat, message))
    if said < limit:
        return None
    text = f"Programs have written {said} messages in this chat within the hour, and {limit} is the most."
    return Rejection(text, KernelRefusal.TOO_MANY_LINES)


def _before(chat: Chat, message: Message | None) -> tuple[Message, ...]:
    """The messages before this one; all of them, where it is not queued yet."""
    return chat.messages[: chat.messages.index(message)] if message is not None else chat.messages


def _reaches_after(line: Message, since: Millis) -> bool:
    """Did it reach the player after that moment, or is it still to? When it was queued does not matter."""
    return line.delivery is Delivery.QUEUED or (line.counted_at or line.ts) > since


def _arrives_after(line: Message, answer: Message) -> bool:
    """Was it queued before the player's line, and is delivered after it?"""
    if line.steam_ts is None or answer.steam_ts is None:
        return line.delivery in {Delivery.QUEUED, Delivery.SENDING}
    return (line.steam_ts, line.ordinal or 0) > (answer.steam_ts, answer.ordinal or 0)


def _counts_for_limit(line: Message) -> bool:
    """Is it a program's message that was sent, may have been sent, or is queued?"""
    gone = line.delivery is Delivery.FAILED and not line.may_be_there
    return line.sender is Sender.BOT and not gone and is_program(line.author)
