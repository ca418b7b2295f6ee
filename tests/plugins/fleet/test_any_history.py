"""Whatever happens to bots: never too many online, no busy one rotated out, and everybody has a turn in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from itertools import pairwise
from typing import Any, Final, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kernel.clock import MINUTE, SECOND
from kernel.codes import Undeclared
from kernel.commands import DisposeTask, ReconnectBot, RemoveBot
from kernel.events import BotAdded, BotConnected, BotDisconnected, ChatClosed, ChatStarted, Envelope, ErrorLogged, Event
from kernel.ids import BotId, SteamId64, new_bot_id, new_chat_id
from kernel.reducers import reduce
from kernel.rows import BotStatus
from kernel.state import State
from kernel.testing import ManualClock, World, idle
from plugins.assigner import Assigner
from plugins.dialogue.codes import ChatEnd
from plugins.fleet import Fleet
from plugins.tasks import Tasks
from tests.plugins.fleet.signing import Signing, signing
from tests.restart import history, replay

T = TypeVar("T")
LIMIT: Final = 3
AT_ONCE: Final = 2
SPACING: Final = 700
ROTATION: Final = 10
PLUGINS: Final = (Signing, Fleet, Tasks, Assigner)
CONFIG: Final[dict[str, dict[str, object]]] = {
    "fleet": {
        "online_limit": LIMIT,
        "sign_ins_at_once": AT_ONCE,
        "sign_in_spacing_ms": SPACING,
        "retry_min_s": 2,
        "retry_max_s": 60,
        "rotation_minutes": ROTATION,
        "sign_in_burst": 4,
        "sign_ins_a_minute": 20,
        "host_burst": 2,
        "host_sign_ins_a_minute": 10,
    }
}
SPANS = [1, 300, SPACING, SECOND, 3 * SECOND, 20 * SECOND, MINUTE, ROTATION * MINUTE, 3 * ROTATION * MINUTE]


class AnyHistory(RuleBasedStateMachine):
    """Up to ten bots, three of which may be online."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = ManualClock()
        self.end = "connected"
        self.numbers = 0
        self.checked = State()
        self.world = self.run(self._enter(World(*PLUGINS, config=CONFIG, clock=self.clock)))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def _enter(self, world: World) -> World:
        await world.__aenter__()
        world.plugin(Fleet)._scheduler._back_off._random.seed(1)  # the same history twice must go the same way
        signing(world).ends = lambda _: self.end
        await idle()
        return world

    @property
    def bots(self) -> list[BotId]:
        return list(self.world.state.bots)

    @initialize(number=st.integers(1, 6))
    def begin(self, number: int) -> None:
        self.run(self._add(number))

    @precondition(lambda self: len(self.bots) < 10)
    @rule()
    def add_bot(self) -> None:
        self.run(self._add(1))

    @rule(span=st.sampled_from(SPANS))
    def wait(self, span: int) -> None:
        self.run(self.clock.advance(span))

    @rule(end=st.sampled_from(["connected", "connected", "off", "authFailed", "refused", "silent"]))
    def change_what_steam_does(self, end: str) -> None:
        self.end = end

    @rule()
    def create_task(self) -> None:
        self.numbers += 1
        self.run(self.world.create_task(SteamId64(str(76561198000000000 + self.numbers))))

    @rule(choice=st.integers(0, 20))
    def dispose_of_task(self, choice: int) -> None:
        open_tasks = [task.id for task in self.world.state.tasks.values() if task.is_open]
        if open_tasks:
            self.run(self.world.execute(DisposeTask(task_id=open_tasks[choice % len(open_tasks)])))

    @precondition(lambda self: self.bots)
    @rule(choice=st.integers(0, 9), number=st.integers(0, 10**6))
    def a_friend_writes(self, choice: int, number: int) -> None:
        bot_id = self.bots[choice % len(self.bots)]
        if self.world.state.bots[bot_id].status is BotStatus.CONNECTED:
            player = SteamId64(str(76561198500000000 + number))
            chat = ChatStarted(chat_id=new_chat_id(), bot_id=bot_id, player=player, agent_enabled=False)
            self.run(self._publish(chat))

    @rule(choice=st.integers(0, 20))
    def close_chat(self, choice: int) -> None:
        open_chats = [chat.id for chat in self.world.state.chats.values() if chat.is_open]
        if open_chats:
            closed = ChatClosed(chat_id=open_chats[choice % len(open_chats)], reason=ChatEnd.COMPLETED)
            self.run(self._publish(closed))

    @precondition(lambda self: self.bots)
    @rule(choice=st.integers(0, 9))
    def lose_connection(self, choice: int) -> None:
        bot_id = self.bots[choice % len(self.bots)]
        if self.world.state.bots[bot_id].status is BotStatus.CONNECTED:
            self.run(self._publish(BotDisconnected(bot_id=bot_id, reason=Undeclared("connectionLost"), detail="d")))

    @precondition(lambda self: self.bots)
    @rule(choice=st.integers(0, 9))
    def reconnect(self, choice: int) -> None:
        bot = self.world.state.bots[self.bots[choice % len(self.bots)]]
        if bot.status in {BotStatus.DISCONNECTED, BotStatus.AUTH_FAILED}:
            self.run(self.world.execute(ReconnectBot(bot_id=bot.id)))

    @precondition(lambda self: self.bots)
    @rule(choice=st.integers(0, 9))
    def remove_bot(self, choice: int) -> None:
        self.run(self._remove(self.bots[choice % len(self.bots)]))

    @rule(lost=st.integers(0, 8))
    def die_and_start_again(self, lost: int) -> None:
        """The last events may not have reached the disk."""
        past = history(self.world)
        past = past[: max(0, len(past) - lost)]
        self.checked = State()
        self.run(self.world.__aexit__())
        self.world = self.run(self._enter(World(replay(past), *PLUGINS, config=CONFIG, clock=self.clock)))

    @invariant()
    def every_event_keeps_the_limit_and_rotates_nobody_out_who_is_busy(self) -> None:
        for envelope in history(self.world)[self.checked.seq :]:
            self._check(envelope)
            reduce(self.checked, envelope)
            counts = self.checked.index.bots_by_status
            assert counts[BotStatus.CONNECTED] + counts[BotStatus.CONNECTING] <= LIMIT

    def _check(self, envelope: Envelope) -> None:
        event = envelope.payload
        if isinstance(event, BotDisconnected) and event.reason in {"rotated", "rotatedOut"}:
            online = self.checked.bots[event.bot_id].status is BotStatus.CONNECTED
            assert not (online and self.checked.index.is_busy(event.bot_id))

    @invariant()
    def sign_ins_are_gradual(self) -> None:
        transport = signing(self.world)
        assert transport.most_under_way <= AT_ONCE
        moments = [moment for moment, _ in transport.starts]
        assert all(later - earlier >= SPACING for earlier, later in pairwise(moments))

    @invariant()
    def nobody_had_an_accident(self) -> None:
        assert [event.detail for event in self.world.happened(ErrorLogged)] == []

    def teardown(self) -> None:
        try:
            self._everybody_has_a_turn()
        finally:
            self.run(self.world.__aexit__())
            self.runner.close()

    def _everybody_has_a_turn(self) -> None:
        """In good weather, with nothing to do: all who may sign in are online at some time."""
        self.end = "connected"
        self.run(self.clock.advance(4 * SECOND))  # sign-ins that began before end as Steam meant then
        for task in list(self.world.state.tasks.values()):
            if task.is_open:
                self.run(self.world.execute(DisposeTask(task_id=task.id)))
        for chat in list(self.world.state.chats.values()):
            if chat.is_open:
                self.run(self._publish(ChatClosed(chat_id=chat.id, reason=ChatEnd.COMPLETED)))
        able = {bot.id for bot in self.world.state.bots.values() if bot.status is not BotStatus.AUTH_FAILED}
        seen = {bot.id for bot in self.world.state.bots.values() if bot.status is BotStatus.CONNECTED}
        seq = self.world.state.seq
        for _ in range(5):
            self.run(self.clock.advance((ROTATION + 1) * MINUTE))
        self.every_event_keeps_the_limit_and_rotates_nobody_out_who_is_busy()
        connected = (e.payload for e in self.world.events if e.seq > seq)
        seen |= {event.bot_id for event in connected if isinstance(event, BotConnected)}
        assert able <= seen
        online = self.world.state.index.bots_by_status[BotStatus.CONNECTED]
        assert online >= min(LIMIT, len(able)) - AT_ONCE, "those who are being exchanged may be away"

    async def _add(self, number: int) -> None:
        for _ in range(number):
            self.numbers += 1
            account = SteamId64(str(76561199000000000 + self.numbers))
            host = "gate.example" if self.numbers % 2 else "127.0.0.1"
            proxy_url = f"socks5h://user{self.numbers}:***@{host}:1080"
            self.world.ctx.publish(BotAdded(bot_id=new_bot_id(), steam_id64=account, proxy_url=proxy_url))
        await idle()

    async def _publish(self, event: Event) -> None:
        self.world.ctx.publish(event)
        await idle()

    async def _remove(self, bot_id: BotId) -> None:
        removing = asyncio.create_task(self.world.ctx.execute(RemoveBot(bot_id=bot_id)))
        await self.clock.advance(4 * SECOND)  # a sign-in that is called off sleeps to its end here
        assert removing.done()
        await removing


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
