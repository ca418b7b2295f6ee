"""An agent whose every line tells chat, step and place in it, so that a line that is said twice is known by its words.

The same step has always the same words, as with a script: a step that is played twice is a line that is said twice.
"""

from __future__ import annotations

from typing import ClassVar

from kernel.codes import DialogueOutcome
from kernel.hookspecs import Reply, Turn, hookimpl
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import TaskStatus


class ChaosAgentConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[chaos_agent]`."""

    steps: int = 40
    """Steps to the end of the dialogue; 0: it never ends."""
    lines: int = 2
    """Messages in one step."""
    wait_ms: int = 1_000
    """After how much silence it goes on by itself."""


class ChaosAgent(Plugin[ChaosAgentConfig]):
    """Says its lines whatever the player answers."""

    Config: ClassVar[type[PluginConfig]] = ChaosAgentConfig

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        step = int(turn.chat.script_step or 0) + 1
        texts = tuple(f"agent [{turn.chat.id}/{step}/{line}]" for line in range(1, self.config.lines + 1))
        if self.config.steps and step >= self.config.steps:
            price = turn.task.price_min
            return Reply(
                step=str(step),
                texts=texts,
                outcome=TaskStatus.RESOLVED,
                reason=DialogueOutcome.AGREED,
                agreed_price=price,
            )
        return Reply(step=str(step), texts=texts, wait=self.config.wait_ms)
