"""Whatever happens, and whenever the process dies: one invite a minute, none twice, and nothing stays undone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kernel.clock import HOUR, MINUTE, SECOND
from kernel.codes import Undeclared
from kernel.commands import CreateTask, DisposeTask, RemoveBot
from kernel.events import (
    BotAdded,
    BotDisconnected,
    ContactPaused,
    ContactResumed,
    ErrorLogged,
    Relationship,
)
from kernel.ids import BotId, SteamId64, new_bot_id
from kernel.rows import BotStatus, InviteStatus, Task, TaskStatus
from kernel.testing import ManualClock, World, idle
from plugins.assigner import Assigner
from plugins.fleet import Fleet
from plugins.invites import Invites
from plugins.tasks import Tasks
from tests.plugins.invites.steam import MOODS, Chats, Steam, Wire, wire
from tests.restart import history, replay

T = TypeVar("T")
ACCOUNTS = [SteamId64(str(76561199000000001 + n)) for n in range(3)]
SPANS = [1, SECOND, 19 * SECOND, 40 * SECOND, MINUTE - 1, MINUTE, 5 * MINUTE, HOUR]
CONFIG: dict[str, dict[str, object]] = {
    "fleet": {"sign_in_spacing_ms": 0, "retry_min_s": 1, "retry_max_s": 2},
    "invites": {"lapse_days": 1},
}


class AnyHistory(RuleBasedStateMachine):
    """Three accounts, any number of tasks, and a process that may die between any two steps."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = ManualClock()
        self.steam = Steam()
        self.players = 0
        self.world = self.run(self._enter(World(wire(self.steam), *self._plugins(), config=CONFIG, clock=self.clock)))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def _plugins(self) -> tuple[type[Any], ...]:
        return Fleet, Tasks, Assigner, Invites, Chats

    async def _enter(self, world: World) -> World:
        await world.__aenter__()
        world.plugin(Fleet)._scheduler._back_off._random.seed(1)  # the same history twice must go the same way
        await idle()
        return world

    @property
    def bots(self) -> list[BotId]:
        return list(self.world.state.bots)

    @property
    def open_tasks(self) -> list[Task]:
        return [task for task in self.world.state.tasks.values() if task.is_open]

    @initialize(number=st.integers(1, 3))
    def begin(self, number: int) -> None:
        for account in ACCOUNTS[:number]:
            self.add_bot(account)

    @rule(account=st.sampled_from(ACCOUNTS))
    def add_bot(self, account: SteamId64) -> None:
        if account in self.world.state.index.bot_of_account:
            return
        added = BotAdded(bot_id=new_bot_id(), steam_id64=account, proxy_url=f"socks5h://127.0.0.1:{account[-4:]}")
        self.run(self._publish(added))

    @rule(number=st.integers(1, 3))
    def create_tasks(self, number: int) -> None:
        for _ in range(number):
            self.players += 1
            player = SteamId64(str(76561198000000000 + self.players))
            command = CreateTask(player=player, item="x", price_min=Decimal(1), price_max=Decimal(2), currency="USD")
            self.run(self.world.execute(command))

    @rule(
        mood=st.sampled_from(MOODS),
        span=st.sampled_from(SPANS),
        choice=st.integers(0, 20),
        relationship=st.sampled_from([Relationship.FRIEND, Relationship.NONE, Relationship.IGNORED]),
        dies=st.booleans(),
    )
    def invite_in_bad_weather(self, mood: str, span: int, choice: int, relationship: Relationship, dies: bool) -> None:
        """Several steps that matter together: an invite goes wrong, and the player answers before we know."""
        before, self.steam.mood = self.steam.mood, mood
        self.create_tasks(1)
        self.wait(span)
        self.answer(choice, relationship)
        if dies:
            self.die_and_start_again(choice)
        self.steam.mood = before

    @rule(choice=st.integers(0, 20))
    def dispose(self, choice: int) -> None:
        if self.open_tasks:
            self.run(self.world.execute(DisposeTask(task_id=self.open_tasks[choice % len(self.open_tasks)].id)))

    @rule(span=st.sampled_from(SPANS))
    def wait(self, span: int) -> None:
        self.run(self.clock.advance(span))

    @rule(mood=st.sampled_from(MOODS))
    def change_mood(self, mood: str) -> None:
        self.steam.mood = mood

    @rule(
        choice=st.integers(0, 20),
        relationship=st.sampled_from([Relationship.FRIEND, Relationship.NONE, Relationship.IGNORED]),
    )
    def answer(self, choice: int, relationship: Relationship) -> None:
        open_invites = [key for key, value in self.steam.relations.items() if value == Relationship.REQUEST_INITIATOR]
        if not open_invites:
            return
        account, player = open_invites[choice % len(open_invites)]
        bot_id = self.world.state.index.bot_of_account.get(account)
        if bot_id is not None and self.world.state.bots[bot_id].status is BotStatus.CONNECTED:
            self.run(self._answer(bot_id, player, relationship))
        else:
            self.steam.relations[account, player] = relationship

    @precondition(lambda self: self.bots)
    @rule(choice=st.integers(0, 2))
    def lose_connection(self, choice: int) -> None:
        lost = BotDisconnected(
            bot_id=self.bots[choice % len(self.bots)], reason=Undeclared("connectionLost"), detail="d"
        )
        self.run(self._publish(lost))

    @precondition(lambda self: self.bots and not self.steam.unanswered)  # a removal waits for it by the wall's clock
    @rule(choice=st.integers(0, 2))
    def remove_bot(self, choice: int) -> None:
        self.run(self._remove(self.bots[choice % len(self.bots)]))

    @rule(paused=st.booleans())
    def pause_or_resume(self, paused: bool) -> None:
        self.run(self._publish(ContactPaused() if paused else ContactResumed()))

    @rule(lost=st.integers(0, 12))
    def die_and_start_again(self, lost: int) -> None:
        """Of the last events some may not have reached the disk, but none before the last invite left."""
        past = history(self.world)
        past = past[: max(self.steam.durable, len(past) - lost)]
        self.run(self.world.__aexit__())
        plugins = (replay(past), wire(self.steam), *self._plugins())
        self.world = self.run(self._enter(World(*plugins, config=CONFIG, clock=self.clock)))

    @invariant()
    def no_account_sends_two_invites_within_a_minute(self) -> None:
        for account in ACCOUNTS:
            moments = [invite.ts for invite in self.steam.reached if invite.account == account]
            assert all(later - earlier >= MINUTE for earlier, later in pairwise(moments)), moments

    @invariant()
    def no_invite_that_steam_may_have_shown_goes_out_twice(self) -> None:
        shown = [(invite.account, invite.player) for invite in self.steam.reached if invite.shown]
        assert len(shown) == len(set(shown))

    @invariant()
    def while_contact_is_paused_nothing_reaches_steam(self) -> None:
        contact = self.world.state.contact
        if contact.paused and contact.paused_at is not None:
            assert all(invite.ts <= contact.paused_at for invite in self.steam.reached)

    @invariant()
    def what_waits_says_why(self) -> None:
        for task in self.open_tasks:
            invite = self.world.state.invites.get(task.id)
            queued = invite is not None and invite.status is InviteStatus.QUEUED
            if task.status is TaskStatus.CREATED or queued:
                assert task.reason, f"{task.id} is {task.status}, and does not say why"

    @invariant()
    def invites_belong_to_bots_that_are_there(self) -> None:
        for invite in self.world.state.invites.values():
            assert invite.bot_id in self.world.state.bots
            assert invite.task_id in self.world.state.tasks

    @invariant()
    def nobody_had_an_accident(self) -> None:
        assert [event.detail for event in self.world.happened(ErrorLogged)] == []

    def teardown(self) -> None:
        try:
            self._clear_up()
        finally:
            self.run(self.world.__aexit__())
            self.runner.close()

    def _clear_up(self) -> None:
        """In good weather everything that is open gets as far as its player."""
        self.steam.mood = "takes"
        self.die_and_start_again(0)  # which also ends an invite that waits for a silent Steam
        self.pause_or_resume(paused=False)
        self.add_bot(ACCOUNTS[0])
        for _ in range(2 * len(self.open_tasks) + 120):
            self.run(self.clock.advance(MINUTE))
        self.no_account_sends_two_invites_within_a_minute()
        state = self.world.state
        assert [task for task in self.open_tasks if task.status in {TaskStatus.CREATED, TaskStatus.ASSIGNED}] == []
        assert [invite for invite in state.invites.values() if invite.status is not InviteStatus.SENT] == []
        assert [invite for invite in state.invites.values() if not state.tasks[invite.task_id].is_open] == []

    async def _publish(self, event: Any) -> None:
        self.world.ctx.publish(event)
        await idle()

    async def _answer(self, bot_id: BotId, player: SteamId64, relationship: Relationship) -> None:
        self.world.plugin(Wire).tell(bot_id, player, relationship)
        await idle()

    async def _remove(self, bot_id: BotId) -> None:
        removing = asyncio.create_task(self.world.execute(RemoveBot(bot_id=bot_id)))
        await self.clock.advance(20 * SECOND)  # for as long as a slow Steam takes to answer an invite on its way
        assert removing.done()
        await removing


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(
    max_examples=30,
    stateful_step_count=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
