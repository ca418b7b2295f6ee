"""A dialogue on paper: a script, a player's answers, and nothing in between."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

from msgspec.structs import replace

from kernel.clock import Millis
from kernel.hookspecs import Reply, Trigger, Turn
from kernel.ids import BotId, ChatId, MessageId, SteamId64, TaskId
from kernel.rows import Bot, Chat, Delivery, Message, Sender, Task
from plugins.scripted_agent.player import ScriptInterpreter
from plugins.scripted_agent.reading import SHIPPED, load
from plugins.scripted_agent.script import Script

SCRIPTS = load((SHIPPED,), "en")
PERSON = SteamId64("76561198000000001")
NOW = Millis(1_767_268_800_000)


def a_task(**fields: object) -> Task:
    usual: dict[str, object] = {
        "id": TaskId("task_1"),
        "player": PERSON,
        "item": "AK-47 | Redline",
        "price_min": Decimal("10.00"),
        "price_max": Decimal("12.50"),
        "currency": "USD",
        "status_since": NOW,
        "created_at": NOW,
        "created_by": "operator:anna",
    }
    return Task(**(usual | fields))  # type: ignore[arg-type]


class Talk:
    """What is said between a script and a player, as the chat would hold it."""

    def __init__(self, script: Script | str = "en", *, task: Task | None = None) -> None:
        self.script = SCRIPTS[script] if isinstance(script, str) else script
        self.player = ScriptInterpreter(self.script)
        self.task = task or a_task()
        self.chat = Chat(
            id=ChatId("chat_1"),
            bot_id=BotId("bot_1"),
            player=PERSON,
            task_id=self.task.id,
            agent_enabled=True,
            started_at=NOW,
        )
        self.bot = Bot(
            id=BotId("bot_1"),
            steam_id64=SteamId64("76561199000000001"),
            proxy_url="socks5h://127.0.0.1:1080",
            status_since=NOW,
            added_at=NOW,
        )
        self._numbers = count(1)
        self.reply = self.turn(Trigger.STARTED)

    @property
    def step(self) -> str:
        """The step that the dialogue stands at, without what else the position says."""
        return self.reply.step.split("@")[0].split(":")[0]

    @property
    def last(self) -> str:
        """What the bot said in its last turn."""
        return "\n".join(self.reply.texts)

    def say(self, *answers: str) -> Reply:
        """The player gives these answers one after another. Returns the reply to the last."""
        for answer in answers:
            assert self.reply.outcome is None, f"the dialogue ended before {answer!r}"
            self._append(Sender.PLAYER, answer, None)
            self.turn(Trigger.MESSAGE, answer)
        return self.reply

    def wait(self) -> Reply:
        """The player's time is up."""
        return self.turn(Trigger.SILENCE)

    def turn(self, trigger: Trigger, text: str = "", *, arrives: bool = True) -> Reply:
        """`arrives`: does what is said reach the player?"""
        turn = Turn(chat=self.chat, task=self.task, bot=self.bot, trigger=trigger, text=text, now=NOW)
        self.reply = self.player.play(turn)
        for words in self.reply.texts:
            self._append(Sender.BOT, words, self.reply.step, Delivery.SENT if arrives else Delivery.FAILED)
        self.chat = replace(self.chat, script_step=self.reply.step)
        return self.reply

    def bots_messages(self) -> list[str]:
        return [m.text for m in self.chat.messages if m.sender is Sender.BOT]

    def _append(self, sender: Sender, text: str, step: str | None, delivery: Delivery | None = None) -> None:
        message = Message(
            id=MessageId(f"msg_{next(self._numbers)}"),
            sender=sender,
            text=text,
            ts=NOW,
            author="agent:scripted_agent" if sender is Sender.BOT else f"player:{PERSON}",
            delivery=delivery,
            step=step,
        )
        self.chat = replace(self.chat, messages=(*self.chat.messages, message))
