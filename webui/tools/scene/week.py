"""A week before the day of the scene: deals that have come and gone, and have left the state for the archive."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from random import Random
from typing import Final

from kernel import events as e
from kernel.clock import DAY, HOUR, MINUTE, SECOND, Millis
from kernel.codes import AnyCode, DialogueOutcome, KernelRefusal
from kernel.ids import BotId, ChatId, SteamId64, TaskId, new_id
from kernel.rows import AgentOffReason, InviteRefusal, TaskStatus
from plugins.dialogue.codes import ChatEnd
from webui.tools.scene.script import ITEMS, Script

DAYS: Final = 7
TASKS_A_DAY: Final = 58
AGENTS: Final = ("scripted_agent", "scripted_agent", "scripted_agent", "llm_agent")
PEOPLE: Final = ("operator:anna", "operator:anna", "operator:борис", "operator:mei")
WHY: Final[tuple[AnyCode, ...]] = (
    DialogueOutcome.PRICE_OUT_OF_RANGE,
    DialogueOutcome.PRICE_OUT_OF_RANGE,
    DialogueOutcome.NO_ANSWER,
    DialogueOutcome.DECLINED,
    DialogueOutcome.NOT_UNDERSTOOD,
    KernelRefusal.DO_NOT_CONTACT,
)
OFF: Final = (AgentOffReason.OPERATOR, AgentOffReason.PLAYER_ASKED, AgentOffReason.AGENT_FAILED)
PRICES: Final = tuple(Decimal(text) for text in ("14.00", "118.00", "62.50", "540.00", "3.80", "1825.00", "2.10"))


def live(script: Script, seed: int) -> None:
    """Let the days pass, up to where the day of the scene begins; what has ended then is archived."""
    random = Random(seed)  # noqa: S311 - a scene, no secret
    began = Millis((int(time.time() * 1_000) // DAY - DAYS) * DAY)
    script.stand_at(began)
    bots = [_bot(script, number) for number in range(3)]
    order = count()
    turns: list[tuple[Millis, int, Iterator[Millis]]] = []
    for number in range(DAYS * TASKS_A_DAY):
        starts = Millis(began + number % DAYS * DAY + random.randrange(7 * HOUR, 19 * HOUR))
        turns.append((starts, next(order), _deal(script, random, bots[number % len(bots)], number)))
    heapq.heapify(turns)
    while turns:
        at, _, turn = heapq.heappop(turns)
        script.stand_at(at)
        after = next(turn, None)
        if after is not None:
            heapq.heappush(turns, (Millis(at + after), next(order), turn))
    script.archive()
    for bot_id in bots:
        script.write(e.BotRemoved(bot_id=bot_id), "operator:dima")


def _deal(script: Script, random: Random, bot_id: BotId, number: int) -> Iterator[Millis]:
    """One task from its beginning to its end: each step says after how long the next one comes."""
    price = PRICES[number % len(PRICES)]
    low, high = (price * Decimal("0.9")).quantize(Decimal("0.01")), (price * Decimal("1.1")).quantize(Decimal("0.01"))
    task_id, player = TaskId(new_id("task")), SteamId64(str(76561198100000000 + number * 104_729))
    created = e.TaskCreated(
        task_id=task_id,
        player=player,
        item=ITEMS[number % len(PRICES)],
        price_min=low,
        price_max=high,
        currency="USD",
    )
    script.write(created, "operator:anna" if number % 4 else "notebook:pricing")
    if random.random() < 0.06:
        yield Millis(random.randrange(HOUR, 3 * HOUR))
        script.write(e.TaskStatusChanged(task_id=task_id, status=TaskStatus.DISPOSED), PEOPLE[number % len(PEOPLE)])
        return
    yield Millis(random.randrange(2, 40) * SECOND)
    named = {"task_id": task_id, "bot_id": bot_id, "player": player}
    script.write(e.TaskAssigned(task_id=task_id, bot_id=bot_id), "plugin:assigner")
    script.write(e.FriendInviteQueued(**named))
    script.write(e.FriendInviteRequested(**named))
    script.write(e.FriendInviteSent(**named))
    script.write(e.TaskStatusChanged(task_id=task_id, status=TaskStatus.INVITED))
    yield Millis(random.randrange(2 * MINUTE, 3 * HOUR))
    if random.random() < 0.35:
        reason = InviteRefusal.LAPSED if random.random() < 0.8 else InviteRefusal.DECLINED
        script.write(e.FriendInviteFailed(**named, reason=reason, detail="The player did not take the invite."))
        script.write(e.TaskStatusChanged(task_id=task_id, status=TaskStatus.FAILED, reason=reason))
        return
    script.write(e.FriendInviteAccepted(**named))
    script.write(e.TaskStatusChanged(task_id=task_id, status=TaskStatus.ACCEPTED))
    chat_id = ChatId(new_id("chat"))
    script.write(e.ChatStarted(chat_id=chat_id, bot_id=bot_id, player=player, task_id=task_id))
    agent = AGENTS[number % len(AGENTS)]
    leader = f"agent:{agent}"
    script.write(e.DialogScriptAdvanced(chat_id=chat_id, agent=agent, step="offer", wait_until=None))
    script.answer(chat_id, leader, f"Would {low} to {high} USD work for your {created.item}?", "offer")
    yield Millis(int(random.expovariate(1 / 180)) * SECOND + SECOND)
    if random.random() < 0.06:
        yield from _end(script, task_id, chat_id, leader, DialogueOutcome.NO_ANSWER)
        return
    for _ in range(random.randrange(1, 3)):
        script.say(chat_id, ("hmm, a bit more?", "а чуть больше?", "can you do it today", "ок, подумаю")[number % 4])
        if random.random() < 0.2 and leader.startswith("agent"):
            leader = PEOPLE[random.randrange(len(PEOPLE))]
            script.toggle(chat_id, False, leader, OFF[random.randrange(len(OFF))])
        quick = leader.startswith("agent")
        yield Millis(random.randrange(2, 11) * SECOND if quick else random.randrange(20, 700) * SECOND)
        script.answer(chat_id, leader, "We can pay right after the trade.", "haggle" if quick else None)
        yield Millis(int(random.expovariate(1 / 200)) * SECOND + SECOND)
    script.say(chat_id, "deal" if number % 2 else "не, спасибо")
    yield Millis(random.randrange(3, 60) * SECOND)
    place = Decimal(min(0.98, max(0.02, random.gauss(0.3 + 0.06 * (number % len(PRICES)), 0.15))))
    agreed = (low + (high - low) * place).quantize(Decimal("0.01"))
    outcome = None if random.random() < 0.63 else WHY[random.randrange(len(WHY))]
    script.answer(chat_id, leader, "Thank you! We meet at the trade." if outcome is None else "Thank you, good luck!")
    by = leader if number % 3 else "plugin:dialogue"
    yield from _end(script, task_id, chat_id, by, outcome, agreed)


def _end(
    script: Script, task_id: TaskId, chat_id: ChatId, leader: str, why: AnyCode | None, agreed: Decimal | None = None
) -> Iterator[Millis]:
    actor = leader if leader.startswith("operator") else "plugin:dialogue"
    ended = e.TaskStatusChanged(
        task_id=task_id,
        status=TaskStatus.RESOLVED if why is None else TaskStatus.FAILED,
        reason=DialogueOutcome.AGREED if why is None else why,
        agreed_price=agreed if why is None else None,
    )
    script.write(ended, actor)
    script.write(e.ChatClosed(chat_id=chat_id, reason=ChatEnd.COMPLETED))
    yield Millis(MINUTE)


def _bot(script: Script, number: int) -> BotId:
    bot_id = BotId(new_id("bot"))
    account = SteamId64(str(76561199100000001 + number))
    proxy = f"socks5h://eu-{number}.proxies.example:9000"
    added = e.BotAdded(bot_id=bot_id, steam_id64=account, proxy_url=proxy, label=f"week-{number}")
    script.write(added, "operator:dima")
    script.write(e.BotConnecting(bot_id=bot_id))
    script.write(e.BotConnected(bot_id=bot_id))
    return bot_id
