"""An agent before the scripted one, that lets it lead, or has one of an agent's bad days."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Final

from kernel.hookspecs import Reply, Turn, hookimpl
from kernel.plugin import Plugin, PluginConfig
from tests.whole.timeline import OWNER

NAME: Final = "moody_agent"
DENIAL: Final = "I am a real person, no bot."


class Temper(StrEnum):
    WELL = "well"
    """Takes no turn: the scripted agent leads."""
    RAISES = "raises"
    HANGS = "hangs"
    SLOW = "slow"
    """Takes half a minute to find that the turn is none of its own."""
    SILENT = "silent"
    """Takes the turn and says nothing."""
    FLOODS = "floods"
    """Says as much as it may, and wants its next turn at once."""
    DENIES = "denies"
    """Says what no agent may say."""


class Temperamental:
    """What the agent of a history is like just now; it outlives processes."""

    def __init__(self) -> None:
        self.temper = Temper.WELL
        self.turns = 0


class MoodyAgent(Plugin[PluginConfig]):
    """Asks the history what it is like."""

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        agent: Temperamental = OWNER.get().agent
        agent.turns += 1
        match agent.temper:
            case Temper.RAISES:
                raise RuntimeError("a bad day")
            case Temper.HANGS:
                await asyncio.sleep(100_000.0)
            case Temper.SLOW:
                await asyncio.sleep(30.0)
            case Temper.SILENT:
                return Reply(step="silence")
            case Temper.FLOODS:
                texts = tuple(f"Offer {agent.turns}.{number}" for number in range(5))
                return Reply(step="flood", texts=texts, wait=1)
            case Temper.DENIES:
                return Reply(step="denial", texts=(DENIAL,))
            case _:
                pass
        return None
