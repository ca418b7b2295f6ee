"""Why invites wait, in words that an operator understands."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from kernel.clock import Millis
from kernel.codes import KernelRefusal, TaskCode, WaitReason
from kernel.context import Context
from kernel.events import TaskWaiting
from kernel.ids import TaskId
from kernel.rows import Bot, BotStatus, Invite, Task
from plugins.invites.codes import InviteReason

OFFLINE: Final = {
    BotStatus.CONNECTING: "is signing in",
    BotStatus.DISCONNECTED: "is offline",
    BotStatus.AUTH_FAILED: "cannot sign in",
}
SIGN_IN: Final = "Look at the bot in the list of bots; ConnectBot signs it in, where nothing else does."


class Hold(Struct, frozen=True):
    """Why a bot sends no invite now: a code, a sentence, until when, where that is known, and what a person can do."""

    reason: TaskCode
    detail: str
    until: Millis | None = None
    next_step: str | None = None

    def moved(self, by: int) -> Hold:
        """The same after a step of the clock."""
        return self if self.until is None else replace(self, until=Millis(self.until + by))


def name(bot: Bot) -> str:
    return f"Bot {bot.label or bot.steam_id64}"


def offline(bot: Bot) -> Hold:
    now = OFFLINE.get(bot.status, "is offline")
    text = f"{name(bot)} {now}; the invite goes out when it is back, or from another bot."
    return Hold(WaitReason.BOT_OFFLINE, text, next_step=SIGN_IN)


def paused(by: str | None) -> Hold:
    who = f" ({by})" if by else ""
    text = f"All outgoing contact is paused{who}; the invite goes out once it is resumed."
    return Hold(WaitReason.CONTACT_PAUSED, text, next_step="ResumeContact, when the reason for the pause is over.")


def blocked(bot: Bot) -> Hold:
    text = f"Steam takes no invites from {name(bot)} for now; the invite goes out when it does again."
    return Hold(KernelRefusal.INVITES_BLOCKED, text, bot.invites_blocked_until)


def in_doubt(bot: Bot, until: Millis | None) -> Hold:
    text = f"It is not known yet whether the last invite of {name(bot)} went out; Steam's list will tell."
    return Hold(InviteReason.INVITE_PENDING, text, until)


def its_turn(bot: Bot, interval: int, until: Millis) -> Hold:
    text = f"{name(bot)} sends one invite every {interval // 1_000} s; this one waits for its turn."
    return Hold(InviteReason.INVITE_INTERVAL, text, until)


def another_try(invite: Invite, tries: int) -> Hold:
    text = f"{(invite.detail or 'Steam has refused it').rstrip('.')}. It is tried again, {tries} times in all."
    return Hold(invite.reason or KernelRefusal.INVITE_REFUSED, text, invite.retry_at)


def lost() -> Hold:
    text = "What became of the invite was lost in a crash; Steam's list will tell as soon as its bot is back."
    return Hold(InviteReason.INVITE_LOST, text, next_step=SIGN_IN)


def answer(until: Millis) -> Hold:
    return Hold(InviteReason.AWAITING_PLAYER, "The invite is out; the player has not answered it yet.", until)


def explain(ctx: Context, task_id: TaskId, hold: Hold) -> None:
    """Tell why the task waits, unless that has been said: the reason is the same, and its time is still to come."""
    task: Task | None = ctx.state.tasks.get(task_id)
    if task is None or not task.is_open:
        return
    passed = task.waiting_until is not None and task.waiting_until <= ctx.clock.now() and hold.until is not None
    if task.reason != hold.reason or passed:
        ctx.publish(
            TaskWaiting(
                task_id=task_id, reason=hold.reason, detail=hold.detail, until=hold.until, next_step=hold.next_step
            )
        )
