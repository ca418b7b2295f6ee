"""Whether everything moves again after a fault: who had something to do, and has done it within a minute."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from kernel.rows import BotStatus, Delivery, InviteStatus
from plugins.steam_sim.record import Asked, Request
from tests.chaos.evidence import Evidence
from tests.chaos.ground import Ground
from tests.chaos.steam import now

MINUTE_S = 60.0
SLACK_S = 6.0
"""For what begins at the end of the minute."""


async def moves_again(ground: Ground, fault: str, since: int) -> None:
    """The fault ended at `since`: an invite and a message arrive, a command is done, nobody waits on."""
    waiting: set[str] = {i.task_id for i in ground.driver.state.invites.values() if i.status is InviteStatus.QUEUED}
    unsaid = set(_unsaid(ground))
    names = {"an invite": None, "a message": None, "a command": None}
    first: dict[str, float | None] = dict(names)
    with suppress(TimeoutError):
        async with asyncio.timeout(MINUTE_S + SLACK_S):
            while None in first.values() or _stuck(ground, waiting, unsaid, since):
                for name, at in _first_after(ground, since).items():
                    first[name] = (at - since) / 1_000 if at is not None else None
                await asyncio.sleep(0.5)
    for name, after in first.items():
        if after is None or after > MINUTE_S + SLACK_S:
            ground.report.find("everything moves again within a minute", f"{fault}: {name} took {after} s")
        else:
            ground.report.counts[f"seconds after {fault} until {name}"] = round(after)
    for stuck in _stuck(ground, waiting, unsaid, since)[:10]:
        ground.report.find("everything moves again within a minute", f"{fault}: {stuck}")
    spaced = [i for i in ground.driver.state.invites.values() if (i.retry_at or 0) > now()]
    if spaced:
        ground.report.counts[f"invites whose next try is spaced, after {fault}"] = len(spaced)
    told = ", ".join(f"{name} after {after:.1f} s" for name, after in first.items() if after is not None)
    ground.tell(f"after {fault}: {told}; {len(waiting)} invites and {len(unsaid)} messages had waited")


def _first_after(ground: Ground, since: int) -> dict[str, int | None]:
    evidence = Evidence.of(ground.steam.lines(), ground.bots)
    invites = [at for got in evidence.invited.values() for at, _ in got if at > since]
    messages = [reached.at for reached in evidence.messages if reached.at > since]
    commands = [answer.at for _, answer in ground.driver.ledger.acknowledged() if answer.at > since]
    return {
        "an invite": min(invites, default=None),
        "a message": min(messages, default=None),
        "a command": min(commands, default=None),
    }


def _stuck(ground: Ground, waiting: set[str], unsaid: set[str], since: int) -> list[str]:
    """What had waited and waits still, though its bot is online and did nothing else.

    An invite that Steam has refused is spaced from its next try for its player's sake, whatever Steam takes meanwhile:
    its row says until when.
    """
    state = ground.driver.state
    attempts = {
        line.account
        for line in ground.steam.lines()
        if isinstance(line, Asked) and line.request is Request.ADD_FRIEND and line.at > since
    }
    stuck = []
    for invite in state.invites.values():
        bot = state.bots.get(invite.bot_id)
        put_off = invite.retry_at is not None and invite.retry_at > now()
        if invite.task_id in waiting and invite.status is InviteStatus.QUEUED and bot is not None and not put_off:
            if bot.status is not BotStatus.CONNECTED:
                stuck.append(f"{bot.label} is {bot.status}: {bot.detail}")
            elif int(bot.steam_id64) not in attempts:
                task = state.tasks[invite.task_id]
                stuck.append(f"{bot.label} has not tried to invite again; its task says {task.reason}: {task.detail}")
    return stuck + [f"message {message_id} is still queued" for message_id in unsaid & set(_unsaid(ground))]


def _unsaid(ground: Ground) -> list[str]:
    state = ground.driver.state
    return [
        message.id
        for chat in state.chats.values()
        for message in chat.messages
        if chat.is_open and message.delivery is Delivery.QUEUED
    ]
