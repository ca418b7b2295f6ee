"""A turn on paper, for what is judged without a chat around it."""

from __future__ import annotations

from decimal import Decimal

from kernel.clock import Millis
from kernel.hookspecs import Trigger, Turn
from kernel.ids import BotId, ChatId, MessageId, SteamId64, TaskId
from kernel.rows import Bot, Chat, Delivery, Message, Sender, Task
from plugins.llm_agent.bounds import faults_of
from plugins.llm_agent.decision import Decision
from plugins.llm_agent.position import Position, standing
from plugins.llm_agent.prices import asked
from plugins.llm_agent.terms import terms

NOW = Millis(1_767_268_800_000)
PERSON = SteamId64("76561198000000001")
AGENT = "agent:llm_agent"


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


def ours(text: str, price: str | None = None, author: str = AGENT, delivery: Delivery = Delivery.SENT) -> Message:
    """A line of the bot's, after which that price of ours was the last."""
    step = str(Position(1, 100, Decimal(price) if price else None)) if author == AGENT else None
    return _message(Sender.BOT, text, author, delivery, step)


def theirs(text: str) -> Message:
    return _message(Sender.PLAYER, text, f"player:{PERSON}", None, None)


def a_turn(*messages: Message, task: Task | None = None) -> Turn:
    """The player has just written the last of the messages."""
    chat = Chat(
        id=ChatId("chat_1"),
        bot_id=BotId("bot_1"),
        player=PERSON,
        task_id=TaskId("task_1"),
        agent_enabled=True,
        messages=messages,
        script_step=next((m.step for m in reversed(messages) if m.step), None),
        started_at=NOW,
    )
    bot = Bot(
        id=BotId("bot_1"),
        steam_id64=SteamId64("76561199000000001"),
        proxy_url="socks5h://127.0.0.1:1080",
        status_since=NOW,
        added_at=NOW,
    )
    text = messages[-1].text if messages and messages[-1].sender is Sender.PLAYER else ""
    trigger = Trigger.MESSAGE if messages else Trigger.STARTED
    return Turn(chat=chat, task=task or a_task(), bot=bot, trigger=trigger, text=text, now=NOW)


def judged(turn: Turn, action: str = "say", text: str = "", offer: str | None = None, side: str = "buy") -> set[str]:
    """The names of the faults of such a decision in that turn."""
    here = standing(turn, AGENT)
    limits = terms(
        turn.task,
        side=side,
        standing=here.price,
        ask=asked([m.text for m in turn.chat.messages if m.sender is Sender.PLAYER], turn.task),
        answered=bool(turn.text),
        opening=Decimal(0),
        concession=Decimal("0.34"),
    )
    decision = Decision(action=action, text=text, offer=offer)  # type: ignore[arg-type]
    return {fault.name for fault in faults_of(decision, turn, here, limits)}


def _message(sender: Sender, text: str, author: str, delivery: Delivery | None, step: str | None) -> Message:
    return Message(id=MessageId("msg_1"), sender=sender, text=text, ts=NOW, author=author, delivery=delivery, step=step)
