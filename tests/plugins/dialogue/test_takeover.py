"""Take-over: once it is answered, the agent says nothing more in that chat, whatever it was in the middle of."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.clock import HOUR
from kernel.commands import DeliverMessage, HistoryLine, SendMessage, ToggleAgent
from kernel.errors import Unfinished
from kernel.events import ChatAgentToggled, ChatClosed, ChatMessageFailed, ChatMessageSending, ChatMessageSent
from kernel.hookspecs import Reply, Turn
from kernel.ids import ChatId, CommandId
from kernel.rows import TaskStatus
from kernel.testing import World, idle
from plugins.dialogue import Dialogue
from plugins.dialogue.codes import ChatEnd
from plugins.tasks import Tasks
from tests.plugins.dialogue.stage import (
    AT_ONCE,
    PREFACE,
    Actor,
    Forgetful,
    SlowDisk,
    accept,
    assign,
    befriend,
    begin,
    chat_of,
    come_online,
    deliveries,
    go_offline,
    said,
    stage,
)
from tests.restart import history, replay


async def test_what_the_agent_had_queued_is_dropped_and_told() -> None:
    async with stage(typing_least_ms=1_000) as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("one", "two", "three"), wait=HOUR)
        chat = await begin(world)
        await world.clock.advance(1_000)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        toggled = world.happened(ChatAgentToggled)[0]
        assert (toggled.reason, toggled.dropped, toggled.epoch) == ("takenOver", "two\nthree", 2)
        assert chat_of(world, chat.id).owner == "operator:anna"
        assert [e.reason for e in world.happened(ChatMessageFailed)] == ["takenOver"] * 2
        await world.clock.advance(HOUR)
        assert said(world, chat) == [f"{PREFACE}\none"]


async def test_a_take_over_is_answered_when_the_message_under_way_has_arrived() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("one", "two"), wait=HOUR)
        taken, held = asyncio.Event(), asyncio.Event()

        async def hold(command: DeliverMessage) -> None:
            held.set()
            await taken.wait()

        world.transport.deliver_holds = hold
        chat_id = await befriend(world, world.add_bot(), world.player())
        await held.wait()
        answer = asyncio.create_task(world.ctx.execute(ToggleAgent(chat_id=chat_id, enabled=False)))
        await idle()
        assert not answer.done()
        taken.set()
        await answer
        assert deliveries(world, chat_of(world, chat_id)) == [(f"{PREFACE}\none", "sent"), ("two", "failed")]


async def test_a_message_that_stays_with_steam_keeps_the_take_over_from_being_answered_ok() -> None:
    async with stage(take_over_deadline_s=0.01) as world:
        stuck = asyncio.Event()

        async def hold(command: DeliverMessage) -> None:
            await stuck.wait()

        world.transport.deliver_holds = hold
        chat = await begin(world)
        with pytest.raises(Unfinished) as refused:
            await world.ctx.execute(ToggleAgent(chat_id=chat.id, enabled=False), actor="operator:anna")
        assert refused.value.code == "messageUnderWay"
        assert not chat_of(world, chat.id).agent_enabled
        stuck.set()
        await idle()  # it has arrived, so that the second answer waits for nothing
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        assert len(world.happened(ChatAgentToggled)) == 1


async def test_a_line_that_left_without_an_answer_keeps_the_take_over_from_being_answered_ok() -> None:
    """Its connection is gone, and what was written to it may still reach Steam, until it is known what became of it."""
    async with stage(take_over_deadline_s=0.01, doubt_ms=1_000, doubt_window_ms=60_000) as world:
        steam = world.plugin(Forgetful)
        steam.lose_the_next_answer(delivered=False)
        chat = await begin(world)
        for _ in range(2):
            with pytest.raises(Unfinished) as refused:
                await world.ctx.execute(ToggleAgent(chat_id=chat.id, enabled=False), actor="operator:anna")
            assert refused.value.code == "messageUnderWay"
        assert chat_of(world, chat.id).owner == "operator:anna"
        arrived_late = HistoryLine(True, f"{PREFACE}\nline 1", world.clock.now() // 1_000, 1)
        steam.history.setdefault((chat.bot_id, chat.player), []).append(arrived_late)
        await world.clock.advance(5_000)  # a look finds it
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))


@pytest.mark.parametrize("offline", [False, True])
async def test_a_line_that_never_arrives_holds_a_take_over_for_its_window_alone(offline: bool) -> None:
    async with stage(take_over_deadline_s=5, doubt_ms=1_000, doubt_window_ms=60_000) as world:
        world.plugin(Forgetful).lose_the_next_answer(delivered=False)
        chat = await begin(world)
        if offline:
            go_offline(world, chat.bot_id)
        answer = asyncio.create_task(
            world.ctx.execute(ToggleAgent(chat_id=chat.id, enabled=False), actor="operator:anna")
        )
        await world.clock.advance(59_000)
        assert not answer.done()
        await world.clock.advance(2_000)
        await answer


async def test_what_was_written_by_an_earlier_run_holds_the_take_over_too() -> None:
    """Killed with a line in Steam's buffer: the next process must not say ok before that line can come no more."""
    async with stage(take_over_deadline_s=0.01) as world:
        stuck = asyncio.Event()

        async def hold(command: DeliverMessage) -> None:
            await stuck.wait()

        world.transport.deliver_holds = hold
        chat = await begin(world)
        past = history(world)
        stuck.set()
    config = {"dialogue": {**AT_ONCE, "take_over_deadline_s": 0.01}}
    async with World(replay(past), Tasks, Forgetful, Dialogue, Actor, config=config, clock=world.clock) as again:
        with pytest.raises(Unfinished):
            await again.ctx.execute(ToggleAgent(chat_id=chat.id, enabled=False), actor="operator:anna")


@pytest.mark.parametrize("chat_closes", [False, True])
async def test_what_a_person_writes_is_queued_as_the_chat_is_taken_and_the_answer_waits(chat_closes: bool) -> None:
    async with stage(take_over_deadline_s=0.01) as world:
        stuck = asyncio.Event()

        async def hold(command: DeliverMessage) -> None:
            await stuck.wait()

        world.transport.deliver_holds = hold
        chat = await begin(world)
        write, key = SendMessage(chat_id=chat.id, text="Anna here"), CommandId("cmd_written")
        with pytest.raises(Unfinished):
            await world.ctx.execute(write, actor="operator:anna", command_id=key)
        assert ("Anna here", "queued") in deliveries(world, chat_of(world, chat.id))
        if chat_closes:
            world.ctx.publish(ChatClosed(chat_id=chat.id, reason=ChatEnd.IDLE))
            assert chat.task_id is not None
            assert world.state.tasks[chat.task_id].is_open, "so that nobody may write in the closed chat"
        world.transport.deliver_holds = None
        stuck.set()
        await idle()
        await world.ctx.execute(write, actor="operator:anna", command_id=key)
        assert said(world, chat).count("Anna here") == (0 if chat_closes else 1)
        assert deliveries(world, chat_of(world, chat.id))[1:] == [("Anna here", "failed" if chat_closes else "sent")]


async def test_a_turn_under_way_is_cancelled() -> None:
    async with stage() as world:
        cancelled = False

        async def think(turn: Turn) -> None:
            nonlocal cancelled
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled = True
                raise

        world.plugin(Actor).holds = think
        chat = await begin(world)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        assert cancelled
        assert said(world, chat) == []


async def test_an_agent_that_will_not_be_cancelled_is_not_heard() -> None:
    async with stage() as world:
        thought = asyncio.Event()

        async def think(turn: Turn) -> None:
            while not thought.is_set():
                try:
                    await thought.wait()
                except asyncio.CancelledError:
                    continue

        world.plugin(Actor).holds = think
        chat = await begin(world)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        thought.set()
        await idle()
        assert not chat_of(world, chat.id).messages


async def test_writing_by_hand_takes_the_chat_over() -> None:
    async with stage(typing_least_ms=1_000) as world:
        chat = await begin(world)
        await world.execute(SendMessage(chat_id=chat.id, text="Anna here"))
        assert said(world, chat) == ["Anna here"]
        toggled = world.happened(ChatAgentToggled)
        assert [(e.reason, e.dropped) for e in toggled] == [("wroteByHand", f"{PREFACE}\nline 1")]
        await world.execute(SendMessage(chat_id=chat.id, text="again"))
        assert len(world.happened(ChatAgentToggled)) == 1


async def test_a_chat_is_one_operators_at_a_time_and_any_operator_gives_it_back() -> None:
    async with stage() as world:
        chat = await begin(world)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        refused = await world.refusal(ToggleAgent(chat_id=chat.id, enabled=False), actor="operator:boris")
        assert (refused.code, refused.status) == ("alreadyTaken", 409)
        assert "operator:anna" in refused.message
        await world.execute(SendMessage(chat_id=chat.id, text="Boris may help"), actor="operator:boris")
        assert chat_of(world, chat.id).owner == "operator:anna"
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=True), actor="operator:boris")
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False), actor="operator:boris")
        assert chat_of(world, chat.id).owner == "operator:boris"


async def test_asking_for_what_is_so_already_changes_nothing() -> None:
    async with stage() as world:
        chat = await begin(world)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=True))
        assert not world.happened(ChatAgentToggled)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        assert len(world.happened(ChatAgentToggled)) == 1


async def test_a_chat_whose_agent_fell_silent_is_anybodys_to_take() -> None:
    async with stage(answer_tries=1) as world:
        world.plugin(Actor).part = lambda turn: None
        chat = await begin(world)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        assert chat_of(world, chat.id).owner == "operator:anna"


async def test_an_operators_words_survive_the_chat_being_given_back() -> None:
    async with stage() as world:
        chat = await begin(world)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        go_offline(world, chat.bot_id)
        await world.execute(SendMessage(chat_id=chat.id, text="Back to the machine"))
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=True))
        come_online(world, chat.bot_id)
        await idle()
        assert said(world, chat)[1:] == ["Back to the machine", "line 2"]


async def test_no_program_speaks_in_a_chat_that_is_in_a_persons_hands_nor_gives_it_back() -> None:
    async with stage() as world:
        chat = await begin(world)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        for actor in ("agent:actor", "plugin:advertiser"):
            refused = await world.refusal(SendMessage(chat_id=chat.id, text="Me again"), actor=actor)
            assert refused.code == "takenOver"
            refused = await world.refusal(ToggleAgent(chat_id=chat.id, enabled=True), actor=actor)
            assert refused.code == "ownedByPerson"


async def test_what_a_program_writes_unasked_is_fenced_like_a_turn() -> None:
    async with stage() as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        await world.execute(SendMessage(chat_id=chat.id, text="By the way"), actor="plugin:advertiser")
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        assert deliveries(world, chat)[-1] == ("By the way", "failed")


async def test_a_line_that_waits_for_the_disk_stays_unsent_though_the_chat_is_taken_and_given_back() -> None:
    async with stage(SlowDisk) as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=(f"line {len(world.plugin(Actor).turns)}",))
        sending, toggled = asyncio.Event(), asyncio.Event()
        world.ctx.subscribe(ChatMessageSending, lambda *_: sending.set())
        world.ctx.subscribe(ChatAgentToggled, lambda *_: toggled.set())
        chat_id = await befriend(world, world.add_bot(), world.player())
        await sending.wait()
        taken = world.ctx.spawn(world.execute(ToggleAgent(chat_id=chat_id, enabled=False)), "take over")
        await toggled.wait()
        await world.execute(ToggleAgent(chat_id=chat_id, enabled=True))
        await taken
        await world.clock.advance(HOUR)
        assert said(world, chat_of(world, chat_id)) == [f"{PREFACE}\nline 2"]


async def test_a_chat_about_nothing_cannot_be_given_to_an_agent() -> None:
    async with stage() as world:
        bot_id, player = world.add_bot(), world.player()
        world.transport.say(bot_id, player, "hi")
        chat_id = world.state.index.open_chat_of_player[player]
        assert (await world.refusal(ToggleAgent(chat_id=chat_id, enabled=True))).code == "noTask"


async def test_a_closed_or_unknown_chat_cannot_change_hands() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", outcome=TaskStatus.RESOLVED)
        chat = await begin(world)
        assert (await world.refusal(ToggleAgent(chat_id=chat.id, enabled=False))).code == "chatClosed"
        nobody = ChatId("chat_nobody")
        assert (await world.refusal(ToggleAgent(chat_id=nobody, enabled=False))).code == "unknownChat"
        assert (await world.refusal(SendMessage(chat_id=nobody, text="x"))).code == "unknownChat"


# ── the promise


class Race:
    """Agents that talk, a transport that takes its time, and operators who take the chats over just then."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self.random = random
        self.answered: dict[ChatId, int] = {}
        """How many messages of the agent's Steam had of the chat when its take-over was answered."""
        self.told: dict[ChatId, int] = {}
        """The last event before the answer."""
        self.with_steam: set[ChatId] = set()
        self.caught: Counter[str] = Counter()
        """What the agent was in the middle of when the take-over came."""
        world.plugin(Actor).holds = self.think
        world.plugin(Actor).part = self.talk
        world.transport.deliver_holds = self.deliver

    async def hesitate(self, most: int = 12) -> None:
        for _ in range(self.random.randrange(most)):
            await asyncio.sleep(0)

    async def think(self, turn: Turn) -> None:
        await self.hesitate()

    def talk(self, turn: Turn) -> Reply:
        return Reply(step="talk", texts=("one", "two", "three")[: self.random.randint(1, 3)], wait=1)

    async def deliver(self, command: DeliverMessage) -> None:
        by_agent = command.text != BY_HAND
        assert not (by_agent and command.chat_id in self.answered), "handed to Steam after the ok"
        self.with_steam.add(command.chat_id)
        await self.hesitate()
        self.with_steam.discard(command.chat_id)
        assert not (by_agent and command.chat_id in self.answered), "still with Steam after the ok"

    async def take_over(self, chat_id: ChatId) -> None:
        await self.hesitate(60)
        self.caught[self.scene(chat_id)] += 1
        if self.random.random() < 0.2:
            await self.world.ctx.execute(SendMessage(chat_id=chat_id, text=BY_HAND), actor="operator:anna")
        else:
            await self.world.ctx.execute(ToggleAgent(chat_id=chat_id, enabled=False), actor="operator:anna")
        self.answered[chat_id] = len(self.agents_words(chat_id))
        self.told[chat_id] = self.world.state.seq

    def agents_words(self, chat_id: ChatId) -> list[str]:
        return [text for text in said(self.world, chat_of(self.world, chat_id)) if text != BY_HAND]

    def scene(self, chat_id: ChatId) -> str:
        messages = chat_of(self.world, chat_id).messages
        if not messages:
            return "thinking"
        if chat_id in self.with_steam:
            return "message with Steam"
        return "messages queued" if any(m.delivery == "queued" for m in messages) else "all said"


BY_HAND = "by hand"


async def test_of_1000_take_overs_in_the_middle_of_everything_none_is_followed_by_an_agents_word() -> None:
    async with stage(SlowDisk) as world:
        race = Race(world, Random(20260101))
        bots = [world.add_bot() for _ in range(20)]
        for _ in range(25):
            tasks = [await assign(world, bots[n % 20], world.player()) for n in range(40)]
            chats = [accept(world, task_id) for task_id in tasks]
            await asyncio.gather(*(race.take_over(chat_id) for chat_id in chats))
            seq = world.state.seq
            await world.clock.advance(10)
            assert not [e for e in world.events if e.seq > seq and e.actor.startswith("agent:")]

        assert len(race.answered) == 1_000
        assert {chat_id: len(race.agents_words(chat_id)) for chat_id in race.answered} == race.answered
        for envelope in world.events:
            if isinstance(sent := envelope.payload, ChatMessageSent):
                message = chat_of(world, sent.chat_id).message(sent.message_id)
                assert message is not None
                assert message.text == BY_HAND or envelope.seq <= race.told[sent.chat_id], "told after the ok"
        settled = [m for chat in world.state.chats.values() for m in chat.messages]
        assert not [m for m in settled if m.delivery == "queued"]
        assert sum(m.delivery == "sent" for m in settled) == len(world.transport.sent)
        # it was a race: the take-overs fell on every stage of a turn
        assert len(race.caught) == 4 and min(race.caught.values()) >= 50, race.caught


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    think=st.integers(0, 8),
    hold=st.lists(st.integers(0, 8), min_size=1, max_size=4),
    texts=st.integers(1, 4),
    steps=st.lists(st.tuples(st.sampled_from(("take", "give", "write", "hear")), st.integers(0, 15)), max_size=8),
)
async def test_however_hands_and_words_interleave_the_agent_is_silent_while_a_person_has_the_chat(
    think: int, hold: list[int], texts: int, steps: list[tuple[str, int]]
) -> None:
    async with stage() as world:
        a_persons = False
        spoken: list[str] = []

        async def take_time(turn: Turn) -> None:
            for _ in range(think):
                await asyncio.sleep(0)

        async def deliver(command: DeliverMessage) -> None:
            assert not (a_persons and "agent" in command.text)
            for _ in range(hold[len(spoken) % len(hold)]):
                await asyncio.sleep(0)
            assert not (a_persons and "agent" in command.text)
            spoken.append(command.text)

        world.plugin(Actor).holds = take_time
        world.plugin(Actor).part = lambda turn: Reply(
            step="x", texts=tuple(f"agent {n} of turn {len(world.plugin(Actor).turns)}" for n in range(texts)), wait=1
        )
        world.transport.deliver_holds = deliver
        chat_id = await befriend(world, world.add_bot(), world.player())
        chat = chat_of(world, chat_id)
        for number, (step, pause) in enumerate(steps):
            for _ in range(pause):
                await asyncio.sleep(0)
            match step:
                case "take":
                    await world.ctx.execute(ToggleAgent(chat_id=chat_id, enabled=False), actor="operator:anna")
                    a_persons = True
                case "give":
                    a_persons = False
                    await world.ctx.execute(ToggleAgent(chat_id=chat_id, enabled=True), actor="operator:anna")
                case "write":
                    await world.ctx.execute(
                        SendMessage(chat_id=chat_id, text=f"by hand {number}"), actor="operator:anna"
                    )
                    a_persons = True
                case _:
                    world.transport.say(chat.bot_id, chat.player, f"hi {number}")
        await idle(200)
        assert len(spoken) == len(set(spoken))
        assert [text for text in spoken if "by hand" in text] == [
            f"by hand {number}" for number, (step, _) in enumerate(steps) if step == "write"
        ]
        assert spoken == [text for text, delivery in deliveries(world, chat) if delivery == "sent"]
        assert not [text for text, delivery in deliveries(world, chat) if delivery == "queued"]
