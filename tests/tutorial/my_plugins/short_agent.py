"""An agent that makes one offer."""

from __future__ import annotations

from kernel.clock import HOUR
from kernel.codes import DialogueOutcome
from kernel.hookspecs import Reply, Trigger, Turn, hookimpl
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import TaskStatus


class ShortAgent(Plugin[PluginConfig]):
    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        task = turn.task
        if turn.chat.script_step is None:  # where the dialogue stands is in the chat, and nowhere else
            offer = f"I am a bot. Would you sell your {task.item} for {task.price_min} {task.currency}?"
            return Reply(step="offer", texts=(offer,), wait=HOUR)
        if turn.trigger is Trigger.MESSAGE and turn.text.strip().lower() == "yes":
            thanks = ("Great, an operator will send you the trade.",)
            agreed, price = DialogueOutcome.AGREED, task.price_min
            return Reply(step="end", texts=thanks, outcome=TaskStatus.RESOLVED, reason=agreed, agreed_price=price)
        return Reply(step="end", texts=("Thank you.",), outcome=TaskStatus.FAILED, reason=DialogueOutcome.DECLINED)
