"""A crash at any point of a dialogue repeats nothing and loses nothing.

The journal that survives is a prefix of the events; Steam's history is what was delivered by then, with or without
the message that was on its way. A new run goes on from both.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.clock import HOUR
from kernel.commands import HistoryLine, SendMessage, ToggleAgent
from kernel.context import Context
from kernel.events import (
    ChatMessageFailed,
    ChatMessageQueued,
    ChatMessageSending,
    Envelope,
    FriendInviteAccepted,
    Relationship,
)
from kernel.hookspecs import Reply, Turn, hookimpl
from kernel.plugin import PluginConfig
from kernel.rows import Message, TaskStatus
from kernel.testing import FakeTransport, ManualClock, World
from plugins.dialogue import Dialogue
from plugins.tasks import Tasks
from tests.plugins.dialogue.stage import AT_ONCE, PREFACE, Actor, accept, assign, befriend
from tests.restart import replay

Histories = dict[tuple[str, str], list[HistoryLine]]

PART = {
    None: Reply(step="offer", texts=("Hello!", "Do you sell?"), wait=HOUR),
    "offer": Reply(step="price", texts=("Good.", "For eleven?"), wait=HOUR),
    "price": Reply(step="end", texts=("Thanks!", "Bye."), outcome=TaskStatus.RESOLVED),
    "end": Reply(step="end", outcome=TaskStatus.RESOLVED),
}
WORDS = [f"{PREFACE}\nHello!", "Do you sell?", "Good.", "For eleven?", "Thanks!", "Bye."]


class Reciter(Actor):
    """An agent that knows only what the chat knows."""

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        here = turn.chat.script_step
        if here is None or here == "end" or turn.text:
            return PART[here]
        return Reply(step=here, wait=HOUR)


class Moment(NamedTuple):
    """What a crash leaves behind: the events on disk, and what Steam has."""

    past: tuple[Envelope, ...]
    steam: Histories


def steam_with(histories: Histories) -> type[FakeTransport]:
    """A transport to a Steam that has had these conversations, between friends, and goes on with them."""

    class Steam(FakeTransport):
        def __init__(self, ctx: Context, config: PluginConfig) -> None:
            super().__init__(ctx, config)
            self.history = histories
            self.relations = dict.fromkeys(histories, Relationship.FRIEND)
            self._ordinals = count(1 + sum(map(len, histories.values())))

    return Steam


class Life:
    """One run, from what an earlier one left behind, and every moment at which it might have crashed."""

    def __init__(self, left: Moment) -> None:
        self._left = left
        self.moments: list[Moment] = []
        self.words: list[str] = []
        """What the player has of the bot in the end."""

    async def run(self) -> World:
        """To the end of the dialogue. The player answers every question once, ten seconds after it came."""
        past, steam = self._left.past, _copy(self._left.steam)
        events: list[Envelope] = []

        def note(envelope: Envelope, _: bytes) -> None:
            events.append(envelope)
            self.moments.append(Moment((*past, *events), _copy(steam)))

        settings = {"dialogue": {**AT_ONCE, "typing_least_ms": 500, "reading_ms": 500}}
        plugins = (replay(past), Tasks, steam_with(steam), Dialogue, Reciter)
        world = World(*plugins, config=settings, clock=ManualClock(past[-1].ts + 1_000))
        world.system.bus.tap(note, owner="test")
        async with world:
            for _ in range(40):
                await world.clock.advance(250)
                self._answer(world)
            await world.clock.advance(10 * HOUR)
        self.words = [line.text for lines in steam.values() for line in lines if line.from_bot]
        return world

    def _answer(self, world: World) -> None:
        for (bot_id, player), lines in world.transport.history.items():
            if lines and lines[-1].from_bot and lines[-1].text.endswith("?"):
                world.transport.say(bot_id, player, "yes")  # type: ignore[arg-type]


def _copy(histories: Histories) -> Histories:
    return {pair: list(lines) for pair, lines in histories.items()}


async def _accepted() -> Moment:
    """The moment at which the player has accepted, and no chat has begun yet."""
    async with World(Tasks, FakeTransport, Dialogue, Actor, config={"dialogue": AT_ONCE}) as world:
        bot_id, player = world.add_bot(), world.player()
        accept(world, await assign(world, bot_id, player))
        index = next(n for n, e in enumerate(world.events) if isinstance(e.payload, FriendInviteAccepted))
        return Moment(tuple(world.events[: index + 1]), {(bot_id, player): []})


async def _check(life: Life) -> bool:
    """Live to the end, and find the dialogue as if nothing had happened, or one line that a person has to decide about.

    That one had begun to leave when the crash came, and Steam does not have it. Returns whether there is one.
    """
    world = await life.run()
    [chat], [task] = world.state.chats.values(), world.state.tasks.values()
    sent = [m.text for m in chat.messages if m.delivery == "sent" and m.sender == "bot"]
    doubtful = [m.text for m in chat.messages if m.delivery == "inDoubt"]
    assert not [m for m in chat.messages if m.delivery in {"queued", "sending"}]
    assert life.words == sent == WORDS[: len(sent)], "each once, and in order"
    if doubtful:
        assert doubtful == [WORDS[len(sent)]], "nothing of the agent's follows it"
        assert chat.is_open and task.is_open
        assert chat.agent_off is not None and chat.agent_off.why == "messageInDoubt"
        return True
    assert sent == WORDS
    assert task.status is TaskStatus.RESOLVED
    assert not chat.is_open
    assert [m.text for m in chat.messages if m.sender == "player"] == ["yes", "yes"]
    return False


async def test_a_crash_after_any_event_repeats_nothing_and_loses_nothing() -> None:
    first = Life(await _accepted())
    assert not await _check(first)
    assert len(first.moments) > 30
    in_doubt = []
    for moment in first.moments:
        was_leaving = isinstance(moment.past[-1].payload, ChatMessageSending)
        for left in (moment, *_delivered_meanwhile(first.moments, moment)):
            there = left.steam != moment.steam
            assert await _check(Life(left)) is (was_leaving and not there)
        in_doubt.append(was_leaving)
    assert in_doubt.count(True) == len(WORDS)


async def test_a_crash_while_a_doubt_is_settled_leaves_no_line_to_wait_for_ever() -> None:
    """The second crash comes between the events by which the first one's doubt is handed to a person."""
    first = Life(await _accepted())
    await first.run()
    left = next(moment for moment in first.moments if isinstance(moment.past[-1].payload, ChatMessageSending))
    second = Life(left)
    await second.run()
    events = [moment.past[-1].payload for moment in second.moments]
    assert any(isinstance(event, ChatMessageFailed) for event in events), "the line after it was queued as well"
    for moment in second.moments:
        assert await _check(Life(moment))


def _delivered_meanwhile(moments: Sequence[Moment], moment: Moment) -> list[Moment]:
    """The same events, and what Steam had when the next one came: a delivery of which no event was written."""
    later = next((m for m in moments if len(m.past) == len(moment.past) + 1), None)
    return [Moment(moment.past, later.steam)] if later is not None and later.steam != moment.steam else []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=2, max_size=4))
async def test_any_number_of_crashes_one_after_another_changes_nothing_either(cuts: list[float]) -> None:
    left = await _accepted()
    for cut in cuts:
        life = Life(left)
        await life.run()
        if life.moments:
            left = life.moments[int(cut * len(life.moments))]
    await _check(Life(left))


async def test_a_crash_after_a_take_over_loses_no_word_of_the_operators_and_wakes_no_agent() -> None:
    """The operator's words are answered ok once they are on disk; what comes then, comes whatever happens."""
    moments: list[Moment] = []
    steam: Histories = {}
    events: list[Envelope] = []
    settings = {"dialogue": {**AT_ONCE, "typing_least_ms": 5_000}}
    doubts = 0
    world = World(Tasks, steam_with(steam), Dialogue, Reciter, config=settings)
    world.system.bus.tap(lambda envelope, _: events.append(envelope), owner="test")
    async with world:
        chat_id = await befriend(world, world.add_bot(), world.player())
        await world.clock.advance(5_000)
        await world.ctx.execute(ToggleAgent(chat_id=chat_id, enabled=False), actor="operator:anna")
        world.system.bus.tap(lambda *_: moments.append(Moment(tuple(events), _copy(steam))), owner="test")
        await world.execute(SendMessage(chat_id=chat_id, text="One moment"))
        await world.execute(SendMessage(chat_id=chat_id, text="Anna here"))
        await world.clock.advance(HOUR)
        moments.append(Moment(tuple(events), _copy(steam)))
    for moment in moments:
        answered = [m.text for m in _queued_in(moment) if m.author == "operator:anna"]
        for left in (moment, *_delivered_meanwhile(moments, moment)):
            life = Life(left)
            again = await life.run()
            messages = again.state.chats[chat_id].messages
            doubtful = [m.text for m in messages if m.delivery == "inDoubt"]
            doubts += len(doubtful)
            assert sorted([*life.words, *doubtful]) == sorted([WORDS[0], *answered])
            assert not again.state.chats[chat_id].agent_enabled
            assert [m.text for m in messages if m.delivery == "failed"] == [WORDS[1]]
    assert doubts == 2, "those that had begun to leave, and that Steam does not have"


def _queued_in(moment: Moment) -> list[Message]:
    return [e.payload.message for e in moment.past if isinstance(e.payload, ChatMessageQueued)]
