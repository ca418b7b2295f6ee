"""The life of a task, from the command that makes it to its end."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.codes import DialogueOutcome, LeftAlone, Undeclared, WaitReason
from kernel.commands import CreateTask, DisposeTask
from kernel.events import (
    BotAdded,
    ChatStarted,
    DialogScriptCompleted,
    DoNotContactAdded,
    Event,
    FriendInviteAccepted,
    FriendInviteFailed,
    FriendInviteQueued,
    FriendInviteRequested,
    FriendInviteSent,
    TaskAssigned,
    TaskCreated,
    TaskStatusChanged,
)
from kernel.ids import BotId, ChatId, SteamId64, TaskId, new_chat_id
from kernel.rows import TASK_MOVES, TaskStatus
from kernel.testing import World
from plugins.tasks import Tasks
from tests.restart import history, replay


class Deal:
    """A task with everything that other plugins would publish about it."""

    def __init__(self, world: World, task_id: TaskId, player: SteamId64, bot_id: BotId) -> None:
        self.world = world
        self.task_id = task_id
        self.player = player
        self.bot_id = bot_id

    @classmethod
    async def begin(cls, world: World) -> Deal:
        player = world.player()
        bot_id = world.add_bot()
        task_id = await world.create_task(player)
        world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
        return cls(world, task_id, player, bot_id)

    @property
    def status(self) -> TaskStatus:
        return self.world.state.tasks[self.task_id].status

    @property
    def reason(self) -> str | None:
        return self.world.state.tasks[self.task_id].reason

    def invite(self) -> None:
        for step in (FriendInviteQueued, FriendInviteRequested, FriendInviteSent):
            self.world.ctx.publish(step(task_id=self.task_id, bot_id=self.bot_id, player=self.player))

    def invite_fails(self, reason: str, *, bot_id: BotId | None = None) -> None:
        self.world.ctx.publish(
            FriendInviteFailed(
                task_id=self.task_id,
                bot_id=bot_id or self.bot_id,
                player=self.player,
                reason=Undeclared(reason),
                detail="The player did not want to.",
            )
        )

    def start_chat(self) -> ChatId:
        chat_id = new_chat_id()
        started = ChatStarted(chat_id=chat_id, bot_id=self.bot_id, player=self.player, task_id=self.task_id)
        self.world.ctx.publish(started)
        return chat_id

    def complete(self, chat_id: ChatId, outcome: TaskStatus, price: Decimal | None = None) -> None:
        self.world.ctx.publish(
            DialogScriptCompleted(
                chat_id=chat_id,
                task_id=self.task_id,
                agent="scripted_agent",
                outcome=outcome,
                reason=DialogueOutcome.AGREED,
                detail="They agreed.",
                agreed_price=price,
            )
        )


async def test_a_task_has_what_its_command_said() -> None:
    async with World(Tasks) as world:
        player = world.player()

        task_id = await world.create_task(player, item="  AWP | Asiimov ", currency="EUR", language="ru")

        task = world.state.tasks[task_id]
        assert (task.player, task.item, task.currency, task.language) == (player, "AWP | Asiimov", "EUR", "ru")
        assert (task.price_min, task.price_max) == (Decimal("10.00"), Decimal("12.50"))
        assert (task.status, task.created_by, task.created_at) == ("created", "operator:anna", world.clock.now())


async def test_a_task_follows_its_invite_and_its_dialogue_to_the_end() -> None:
    async with World(Tasks) as world:
        deal = await Deal.begin(world)
        seen = [deal.status]
        deal.invite()
        seen.append(deal.status)
        chat_id = deal.start_chat()
        seen.append(deal.status)
        deal.complete(chat_id, TaskStatus.RESOLVED, Decimal("11.25"))
        seen.append(deal.status)

        assert seen == ["assigned", "invited", "accepted", "resolved"]
        task = world.state.tasks[deal.task_id]
        assert (task.reason, task.detail, task.agreed_price) == ("agreed", "They agreed.", Decimal("11.25"))


async def test_among_friends_a_task_is_accepted_without_an_invite() -> None:
    async with World(Tasks) as world:
        deal = await Deal.begin(world)
        befriended = FriendInviteAccepted(task_id=deal.task_id, bot_id=deal.bot_id, player=deal.player, already=True)
        world.ctx.publish(befriended)
        assert deal.status == "assigned", "the chat makes it accepted"

        deal.start_chat()

        assert deal.status == "accepted"


async def test_an_invite_that_fails_takes_its_task_along_and_says_why() -> None:
    async with World(Tasks) as world:
        deal = await Deal.begin(world)
        deal.invite()

        deal.invite_fails("declined")

        task = world.state.tasks[deal.task_id]
        assert (task.status, task.reason, task.detail) == ("failed", "declined", "The player did not want to.")


async def test_an_invite_that_was_taken_back_fails_nothing() -> None:
    async with World(Tasks) as world:
        deal = await Deal.begin(world)
        deal.invite_fails("withdrawn")
        assert deal.status == "assigned"

        world.ctx.publish(
            TaskStatusChanged(task_id=deal.task_id, status=TaskStatus.CREATED, reason=WaitReason.BOT_REMOVED)
        )
        deal.invite_fails("declined")
        assert deal.status == "created", "a task without a bot has no invite that could fail it"

        other = world.add_bot()
        world.ctx.publish(TaskAssigned(task_id=deal.task_id, bot_id=other))
        deal.invite_fails("declined")
        assert deal.status == "assigned", "the invite was that of its former bot"


async def test_disposing_of_a_task_is_said_with_its_reason_and_cannot_be_done_twice() -> None:
    async with World(Tasks) as world:
        task_id = await world.create_task()

        await world.execute(DisposeTask(task_id=task_id, reason="sold elsewhere"))
        again = await world.refusal(DisposeTask(task_id=task_id))

        task = world.state.tasks[task_id]
        assert (task.status, task.reason, task.detail) == ("disposed", "disposed", "sold elsewhere")
        assert (again.code, again.status, again.field) == ("taskEnded", 409, "taskId")
        assert world.events[-1].actor == "operator:anna"


async def test_a_task_that_does_not_exist_cannot_be_disposed_of() -> None:
    async with World(Tasks) as world:
        refused = await world.refusal(DisposeTask(task_id=TaskId("task_nobody")))

        assert (refused.code, refused.status) == ("unknownTask", 404)


@pytest.mark.parametrize("stage", ["created", "assigned", "invited", "accepted"])
async def test_whoever_is_left_alone_has_no_open_task_any_more(stage: str) -> None:
    async with World(Tasks) as world:
        deal = await Deal.begin(world)
        if stage == "created":
            world.ctx.publish(TaskStatusChanged(task_id=deal.task_id, status=TaskStatus.CREATED))
        if stage in {"invited", "accepted"}:
            deal.invite()
        if stage == "accepted":
            deal.start_chat()
        bystander = await world.create_task()

        world.ctx.publish(DoNotContactAdded(player=deal.player, reason=LeftAlone.SAID_STOP))

        task = world.state.tasks[deal.task_id]
        assert (task.status, task.reason) == ("failed", "doNotContact")
        assert task.detail == "The player asked to be left alone."
        assert world.state.tasks[bystander].status == "created"


async def test_a_task_that_has_ended_stays_as_it_is_whatever_comes_late() -> None:
    async with World(Tasks) as world:
        deal = await Deal.begin(world)
        deal.invite()
        chat_id = deal.start_chat()
        deal.complete(chat_id, TaskStatus.FAILED)
        before = world.state.tasks[deal.task_id]

        deal.invite_fails("declined")
        deal.complete(chat_id, TaskStatus.RESOLVED)
        world.ctx.publish(DoNotContactAdded(player=deal.player, reason=LeftAlone.OPERATOR))

        assert world.state.tasks[deal.task_id] == before


LATE = st.lists(
    st.sampled_from(["invited", "accepted", "declined", "withdrawn", "completed", "leftAlone", "disposed", "back"]),
    max_size=12,
)


@given(LATE)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
async def test_in_whatever_order_news_comes_a_task_only_moves_as_its_table_allows(order: list[str]) -> None:
    async with World(Tasks) as world:
        deal = await Deal.begin(world)
        chat_id = new_chat_id()
        for news in order:
            await _publish(world, deal, chat_id, news)

        moves = [TaskStatus.CREATED, *_statuses(world, deal.task_id)]
        assert all(after in TASK_MOVES[before] for before, after in pairwise(moves))
        assert not [e for e in world.events if e.kind == "error.logged"]
        past, status = history(world), deal.status
    async with World(replay(past), Tasks) as again:
        assert again.state.tasks[deal.task_id].status == status


async def _publish(world: World, deal: Deal, chat_id: ChatId, news: str) -> None:
    if news == "invited":
        if deal.task_id not in world.state.invites:
            deal.invite()
    elif news == "accepted":
        if chat_id not in world.state.chats:
            started = ChatStarted(chat_id=chat_id, bot_id=deal.bot_id, player=deal.player, task_id=deal.task_id)
            world.ctx.publish(started)
    elif news in {"declined", "withdrawn"}:
        deal.invite_fails(news)
    elif news == "completed":
        if chat_id in world.state.chats:
            deal.complete(chat_id, TaskStatus.RESOLVED)
    elif news == "leftAlone":
        world.ctx.publish(DoNotContactAdded(player=deal.player, reason=LeftAlone.OPERATOR))
    elif news == "disposed":
        if world.state.tasks[deal.task_id].is_open:
            await world.execute(DisposeTask(task_id=deal.task_id))
    elif deal.status is TaskStatus.ASSIGNED:
        world.ctx.publish(TaskStatusChanged(task_id=deal.task_id, status=TaskStatus.CREATED))


def _statuses(world: World, task_id: TaskId) -> list[TaskStatus]:
    """The statuses that the task was given, in their order."""
    moves: list[TaskStatus] = []
    for envelope in world.events:
        event: Event = envelope.payload
        if isinstance(event, TaskAssigned) and event.task_id == task_id:
            moves.append(TaskStatus.ASSIGNED)
        elif isinstance(event, TaskStatusChanged) and event.task_id == task_id:
            moves.append(event.status)
    return moves


@pytest.mark.parametrize(("cut", "status"), [("invited", "invited"), ("accepted", "accepted"), ("leftAlone", "failed")])
async def test_what_a_crash_left_undone_is_done_at_the_next_start(cut: str, status: str) -> None:
    async with World(Tasks) as world:
        deal = await Deal.begin(world)
        if cut == "invited":
            deal.invite()
        elif cut == "accepted":
            deal.start_chat()
        else:
            world.ctx.publish(DoNotContactAdded(player=deal.player, reason=LeftAlone.SAID_STOP))
        assert deal.status == status
        past = history(world)[:-1]
        assert history(world)[-1].kind == "task.statusChanged"
    async with World(replay(past), Tasks) as world:
        assert world.state.tasks[deal.task_id].status == status


async def test_tasks_are_made_and_answered_with_their_ids_one_for_each_command() -> None:
    async with World(Tasks) as world:
        ids = [await world.create_task() for _ in range(5)]

        assert [event.task_id for event in world.happened(TaskCreated)] == ids
        assert list(world.state.index.waiting_tasks) == ids
        with pytest.raises(ValueError, match="is above priceMax"):
            CreateTask(player=world.player(), item="x", price_min=Decimal(2), price_max=Decimal(1), currency="USD")


async def test_a_player_who_becomes_a_bot_of_ours_has_no_open_task_any_more() -> None:
    async with World(Tasks) as world:
        task_id = await world.create_task(world.player())
        player = world.state.tasks[task_id].player

        world.ctx.publish(BotAdded(bot_id=BotId("bot_late"), steam_id64=player, proxy_url="socks5h://127.0.0.1:1"))

        task = world.state.tasks[task_id]
        assert (task.status, task.reason) == ("failed", "ownBot")
        assert "one of our own bots" in (task.detail or "")
