"""The promise of take-over, with a model that is in the middle of an answer, over real sockets."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Final

import pytest

from kernel.commands import DeliverMessage, SendMessage, ToggleAgent
from kernel.events import ChatMessageSent, FriendInviteAccepted, Relationship, TaskAssigned
from kernel.ids import BotId, ChatId
from kernel.testing import FakeTransport, World
from plugins.contact_policy import ContactPolicy
from plugins.dialogue import Dialogue
from plugins.llm_agent import LlmAgent
from plugins.scripted_agent import ScriptedAgent
from plugins.tasks import Tasks
from tests.plugins.dialogue.stage import SlowDisk
from tests.plugins.llm_agent.server import Exchange, Server, draft
from tests.plugins.llm_agent.stage import AT_ONCE, authors, chat_of, complaints, counted, said, until

BY_HAND: Final = "by hand"
MOMENTS: Final = ("in line", "asked", "answering", "queued", "with Steam", "said")
BOTS: Final = 20
ROUNDS: Final = 25
CHATS: Final = 40


class Race:
    """A model that takes its time, a transport that does too, and operators who step in at a chosen moment."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.world: World
        self.items: dict[str, ChatId] = {}
        self.reached: dict[ChatId, set[str]] = {}
        self.taken: Counter[str] = Counter()
        self.answered: dict[ChatId, list[str]] = {}
        """What the player had of the agent's when the take-over was answered."""
        self.told: dict[ChatId, int] = {}

    async def hesitate(self, most: int = 8) -> None:
        for _ in range(self.random.randrange(most)):
            await asyncio.sleep(0)

    async def model(self, exchange: Exchange) -> None:
        found = re.search(r"the item '([^']+)'", exchange.body["messages"][0]["content"])
        assert found is not None
        chat_id = self.items[found[1]]
        self.reached[chat_id].add("asked")
        await self.hesitate(30)
        text = draft("say", "Hello! Nice to meet you.", "10.00")
        await exchange.begin()
        await exchange.part(text[:20])
        self.reached[chat_id].add("answering")
        await self.hesitate(30)
        await exchange.part(text[20:], "stop")
        await exchange.write("data: [DONE]\n\n")

    async def deliver(self, command: DeliverMessage) -> None:
        by_agent = command.text != BY_HAND
        assert not (by_agent and command.chat_id in self.answered), "handed to Steam after the ok"
        if by_agent:
            self.reached[command.chat_id].add("with Steam")
        await self.hesitate()
        assert not (by_agent and command.chat_id in self.answered), "still with Steam after the ok"

    def agents_words(self, chat_id: ChatId) -> list[str]:
        return [text for text in said(self.world, chat_id) if text != BY_HAND]

    def has_come(self, chat_id: ChatId, moment: str) -> bool:
        if moment == "in line":
            return True
        if moment == "queued":
            return bool(chat_of(self.world, chat_id).messages)
        if moment == "said":
            return bool(self.agents_words(chat_id))
        return moment in self.reached[chat_id]

    async def take_over(self, chat_id: ChatId, moment: str) -> None:
        await until_one(lambda: self.has_come(chat_id, moment))
        await self.hesitate(4)
        self.taken[moment] += 1
        by_hand = SendMessage(chat_id=chat_id, text=BY_HAND)
        command = by_hand if self.random.random() < 0.2 else ToggleAgent(chat_id=chat_id, enabled=False)
        await self.world.ctx.execute(command, actor="operator:anna")
        self.answered[chat_id] = self.agents_words(chat_id)
        self.told[chat_id] = self.world.state.seq

    async def begin(self, bot_id: BotId, item: str) -> ChatId:
        world, player = self.world, self.world.player()
        task_id = await world.create_task(player, item=item)
        world.transport.relations[bot_id, player] = Relationship.FRIEND
        world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
        world.ctx.publish(FriendInviteAccepted(task_id=task_id, bot_id=bot_id, player=player))
        chat_id = world.state.tasks[task_id].chat_id
        assert chat_id is not None
        self.items[item] = chat_id
        self.reached[chat_id] = set()
        return chat_id


async def until_one(condition: Callable[[], bool]) -> None:
    """Every loop turn anew: the very next moment counts here."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - bytes come from a socket, which sets no event of ours
            await asyncio.sleep(0)


@pytest.mark.slow
async def test_of_1000_take_overs_in_the_middle_of_a_models_answer_none_is_followed_by_an_agents_word() -> None:
    race = Race(Random(20260101))
    async with Server(race.model) as server:
        config: dict[str, dict[str, object]] = {
            "dialogue": {**AT_ONCE},
            "llm_agent": {"model": "test", "base_url": server.url, "at_once": 24},
        }
        plugins = (SlowDisk, ContactPolicy, Tasks, FakeTransport, Dialogue, LlmAgent, ScriptedAgent)
        async with World(*plugins, config=config) as world:
            race.world = world
            world.transport.deliver_holds = race.deliver
            bots = [world.add_bot() for _ in range(BOTS)]
            for number in range(ROUNDS):
                operators = []
                for n in range(CHATS):
                    chat_id = await race.begin(bots[n % BOTS], f"Case {number}-{n}")
                    operators.append(asyncio.create_task(race.take_over(chat_id, MOMENTS[n % len(MOMENTS)])))
                await asyncio.gather(*operators)
                seq = world.state.seq
                await until(world, lambda: counted(world, "requests_under_way") == 0)
                await world.clock.advance(10)
                assert not [e for e in world.events if e.seq > seq and e.actor.startswith("agent:")]

            assert len(race.answered) == ROUNDS * CHATS
            assert {chat_id: race.agents_words(chat_id) for chat_id in race.answered} == race.answered
            for envelope in world.events:
                if isinstance(sent := envelope.payload, ChatMessageSent):
                    message = chat_of(world, sent.chat_id).message(sent.message_id)
                    assert message is not None
                    assert message.text == BY_HAND or envelope.seq <= race.told[sent.chat_id], "told after the ok"
            settled = [m for chat in world.state.chats.values() for m in chat.messages]
            assert not [m for m in settled if m.delivery == "queued"]
            assert "agent:scripted_agent" not in {a for chat_id in race.answered for a in authors(world, chat_id)}
            assert not complaints(world)
            # it was a race: the take-overs fell on every moment of a turn
            cut, whole = counted(world, "requests", "cut"), counted(world, "requests", "ok")
            assert cut >= 100 and whole >= 100 and cut + whole <= ROUNDS * CHATS
            assert set(race.taken) == set(MOMENTS) and min(race.taken.values()) >= 100
