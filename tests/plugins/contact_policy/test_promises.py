"""What holds whatever happens: any events and commands in any order, and every contact judged from the outside."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.clock import HOUR
from kernel.codes import Undeclared
from kernel.commands import (
    AddDoNotContact,
    Command,
    DeliverMessage,
    PauseContact,
    RemoveDoNotContact,
    ResumeContact,
    SendInvite,
    SendMessage,
)
from kernel.errors import IllegalTransition, Refused, Unfinished
from kernel.events import (
    BotConnected,
    BotConnecting,
    BotDisconnected,
    ContactPaused,
    ContactResumed,
    DoNotContactAdded,
    DoNotContactRemoved,
    ErrorLogged,
    FriendInviteFailed,
    FriendInviteQueued,
    Relationship,
    TaskAssigned,
    TaskStatusChanged,
)
from kernel.ids import BotId, SteamId64, TaskId
from kernel.rows import Invite, InviteStatus, Task, TaskStatus
from tests.plugins.contact_policy.scene import CALLERS, NOTICE, Scene, create_task, scene

C = TypeVar("C", SendInvite, DeliverMessage)
LIMIT = 1
TEXTS = ["Hello", NOTICE, f"{NOTICE} Hello", "I am not a bot", "No."]
HEARD = ["hi", "stop", "are you a bot?"]
RELATIONS = [
    Relationship.NONE,
    Relationship.FRIEND,
    Relationship.BLOCKED,
    Relationship.IGNORED,
    Relationship.REQUEST_INITIATOR,
]

NUMBER = st.integers(0, 7)
OFTEN = ["court", "deal", "say", "repeat", "end", "clear", "resume", "later"]
SELDOM = [
    *(
        "create",
        "assign",
        "invite",
        "bare",
        "requeue",
        "decline",
        "lapse",
        "talk",
        "unasked",
        "write",
        "hear",
        "relate",
    ),
    *("away", "add", "pause", "close"),
]
STEPS = st.lists(
    st.tuples(st.sampled_from([*OFTEN, *OFTEN, *SELDOM]), NUMBER, NUMBER, NUMBER), min_size=30, max_size=60
)


class Chronicle:
    """Two bots, two players, and everyone who tries everything. What reaches a player is judged on the spot."""

    def __init__(self, it: Scene) -> None:
        self.it = it
        self.world = it.world
        self.bots = [it.world.add_bot() for _ in range(2)]
        self.players = [it.world.player() for _ in range(2)]
        self.lines: list[DeliverMessage] = []
        self.invited_at: list[int] = []
        self.seen: Counter[str] = Counter()
        self.broken: list[str] = []
        it.world.transport.invite_fails = lambda command: self.judge(self.judge_invite, command)
        it.world.transport.deliver_fails = lambda command: self.judge(self.judge_message, command)

    # the judge: by the log of events and by walking through all rows, never by an index

    def judge(self, by: Callable[[C], None], command: C) -> None:
        """A broken promise is noted: raised here, it would be the transport's failure, and contained."""
        try:
            by(command)
        except AssertionError as error:
            self.broken.append(f"{command}: {error}")

    def judge_contact(self, player: SteamId64, bot_id: BotId) -> None:
        assert self.last(player, DoNotContactAdded, DoNotContactRemoved) is not DoNotContactAdded, "on the list"
        paused = [type(e.payload) for e in self.world.events if isinstance(e.payload, ContactPaused | ContactResumed)]
        assert paused[-1:] != [ContactPaused], "paused"
        assert {task.assigned_bot_id for task in self.open_tasks(player)} <= {bot_id}, "another bot has the player"

    def judge_invite(self, command: SendInvite) -> None:
        self.judge_contact(command.player, command.bot_id)
        assert [task.id for task in self.open_tasks(command.player)] == [command.task_id]
        chats = [c for c in self.it.state.chats.values() if c.is_open and c.player == command.player]
        assert all(chat.bot_id == command.bot_id for chat in chats), "another bot talks with the player"
        visible = [
            i.bot_id for i in self.it.state.invites.values() if i.player == command.player and i.status != "queued"
        ]
        assert visible == [command.bot_id], "another bot has invited the player"
        refused = [e for e in self.world.happened(FriendInviteFailed) if e.player == command.player]
        assert not [e for e in refused if e.reason in ("declined", "lapsed")], "refused an invite before"
        now = self.world.clock.now()
        self.invited_at.append(now)
        assert sum(at > now - HOUR for at in self.invited_at) <= LIMIT, "more invites than the hour allows"
        self.seen["invites"] += 1

    def judge_message(self, command: DeliverMessage) -> None:
        self.judge_contact(command.player, command.bot_id)
        chat = self.it.state.chats[command.chat_id]
        assert (chat.bot_id, chat.player) == (command.bot_id, command.player)
        if not self.open_tasks(command.player):
            newest = [c.id for c in self.it.state.chats.values() if c.is_open and c.player == command.player][-1]
            assert newest == chat.id, "there is a later conversation"
        message = chat.message(command.message_id)
        assert message is not None
        if not message.author.startswith(("operator:", "notebook:")):
            earlier = [m for m in chat.messages if m.delivery == "sent" and m.author[:5] in ("agent", "plugi")]
            assert earlier or command.text.startswith(NOTICE), "no notice"
            assert command.text != "I am not a bot"
        self.seen["messages"] += 1

    def last(self, player: SteamId64, *kinds: type) -> type | None:
        payloads = [e.payload for e in self.world.events]
        return next((type(e) for e in reversed(payloads) if isinstance(e, kinds) and e.player == player), None)  # type: ignore[attr-defined]

    def open_tasks(self, player: SteamId64) -> list[Task]:
        return [task for task in self.it.state.tasks.values() if task.is_open and task.player == player]

    # what happens

    async def step(self, name: str, one: int, two: int, three: int) -> None:
        act: Callable[[int, int, int], Awaitable[None]] = getattr(self, name)
        try:
            await act(one, two, three)
        except (Refused, IllegalTransition):
            self.seen["refused"] += 1

    async def execute(self, command: Command[Any], caller: int) -> None:
        with suppress(Unfinished):  # a pause stands, though something that left before is on its way still
            await self.world.ctx.execute(command, actor=CALLERS[caller % len(CALLERS)])

    def player(self, one: int) -> SteamId64:
        return self.players[one % len(self.players)]

    def a_task(self, one: int) -> Task | None:
        tasks = [task for task in self.it.state.tasks.values() if task.is_open]
        return tasks[one % len(tasks)] if tasks else None

    async def court(self, one: int, two: int, three: int) -> None:
        """A task that gets as far as its invite."""
        await self.create(one, two, three)
        (task,) = self.open_tasks(self.player(one))
        self.world.ctx.publish(TaskAssigned(task_id=task.id, bot_id=self.bots[two % 2]))
        await self.execute(self.it.request_invite(task.id), three)

    async def deal(self, one: int, two: int, three: int) -> None:
        """A task that gets as far as the agent's first words."""
        await self.create(one, two, three)
        (task,) = self.open_tasks(self.player(one))
        self.world.ctx.publish(TaskAssigned(task_id=task.id, bot_id=self.bots[two % 2]))
        await self.it.deliver(self.it.chat(task.player, self.bots[two % 2], task.id), NOTICE)

    async def create(self, one: int, two: int, three: int) -> None:
        await self.execute(create_task(self.player(one)), three)

    async def assign(self, one: int, two: int, three: int) -> None:
        if task := self.a_task(one):
            self.world.ctx.publish(TaskAssigned(task_id=task.id, bot_id=self.bots[two % 2]))

    async def invite(self, one: int, two: int, three: int) -> None:
        task = self.a_task(one)
        if task is not None and task.assigned_bot_id and task.id not in self.it.state.invites:
            await self.execute(self.it.request_invite(task.id), three)

    async def bare(self, one: int, two: int, three: int) -> None:
        task = self.a_task(two)
        task_id = task.id if task else TaskId("task_0")
        await self.execute(SendInvite(task_id=task_id, bot_id=self.bots[two % 2], player=self.player(one)), three)

    def an_invite(self, one: int) -> Invite | None:
        invites = list(self.it.state.invites.values())
        return invites[one % len(invites)] if invites else None

    async def requeue(self, one: int, two: int, three: int) -> None:
        invite = self.an_invite(one)
        if invite and invite.status is InviteStatus.REQUESTED:  # an invite that was sent never goes back
            self.world.ctx.publish(
                FriendInviteQueued(task_id=invite.task_id, bot_id=invite.bot_id, player=invite.player)
            )

    async def decline(self, one: int, two: int, three: int) -> None:
        self.refuse(self.an_invite(one), "declined")

    async def lapse(self, one: int, two: int, three: int) -> None:
        self.refuse(self.an_invite(one), "lapsed")

    def refuse(self, invite: Invite | None, reason: str) -> None:
        if invite:
            names = {"task_id": invite.task_id, "bot_id": invite.bot_id, "player": invite.player}
            self.world.ctx.publish(FriendInviteFailed(**names, reason=reason, detail="…"))  # type: ignore[arg-type]

    async def end(self, one: int, two: int, three: int) -> None:
        if task := self.a_task(one):
            self.world.ctx.publish(TaskStatusChanged(task_id=task.id, status=TaskStatus.FAILED))

    async def talk(self, one: int, two: int, three: int) -> None:
        task = self.a_task(one)
        if task and task.assigned_bot_id:
            self.it.chat(task.player, task.assigned_bot_id, task.id)

    async def unasked(self, one: int, two: int, three: int) -> None:
        self.it.chat(self.player(one), self.bots[two % 2])

    async def say(self, one: int, two: int, three: int) -> None:
        chats = list(self.it.state.chats)
        if chats:
            author = CALLERS[three % len(CALLERS)]
            chat_id = chats[one % len(chats)]
            self.lines.append(self.it.queue(chat_id, TEXTS[two % len(TEXTS)], author))
            await self.it.deliver(chat_id, TEXTS[two % len(TEXTS)], author)

    async def repeat(self, one: int, two: int, three: int) -> None:
        if self.lines:
            await self.execute(self.lines[one % len(self.lines)], three)

    async def write(self, one: int, two: int, three: int) -> None:
        chats = list(self.it.state.chats)
        if chats:
            await self.execute(SendMessage(chat_id=chats[one % len(chats)], text=TEXTS[two % len(TEXTS)]), three)

    async def hear(self, one: int, two: int, three: int) -> None:
        chats = list(self.it.state.chats)
        if chats:
            self.it.hear(chats[one % len(chats)], HEARD[two % len(HEARD)])

    async def relate(self, one: int, two: int, three: int) -> None:
        self.world.transport.relate(self.bots[two % 2], self.player(one), RELATIONS[three % len(RELATIONS)])

    async def away(self, one: int, two: int, three: int) -> None:
        bot_id = self.bots[two % 2]
        self.world.ctx.publish(BotDisconnected(bot_id=bot_id, reason=Undeclared("networkDown"), detail="…"))
        self.world.transport.relations[bot_id, self.player(one)] = RELATIONS[three % len(RELATIONS)]
        self.world.ctx.publish(BotConnecting(bot_id=bot_id))
        self.world.ctx.publish(BotConnected(bot_id=bot_id))

    async def add(self, one: int, two: int, three: int) -> None:
        await self.execute(AddDoNotContact(player=self.player(one)), three)

    async def clear(self, one: int, two: int, three: int) -> None:
        await self.execute(RemoveDoNotContact(player=self.player(one)), three)

    async def pause(self, one: int, two: int, three: int) -> None:
        await self.execute(PauseContact(), three)

    async def resume(self, one: int, two: int, three: int) -> None:
        await self.execute(ResumeContact(), three)

    async def close(self, one: int, two: int, three: int) -> None:
        chats = [chat.id for chat in self.it.state.chats.values() if chat.is_open]
        if chats:
            self.it.close(chats[one % len(chats)])

    async def later(self, one: int, two: int, three: int) -> None:
        await self.world.clock.advance((one + 1) * HOUR // 4)


SEEN: Counter[str] = Counter()


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_no_contact_ever_breaks_a_promise(steps: list[tuple[str, int, int, int]]) -> None:
    async def run() -> None:
        async with scene({"invites_per_hour": LIMIT, "settle_deadline_s": 0.001}) as it:
            chronicle = Chronicle(it)
            for step in steps:
                await chronicle.step(*step)
            SEEN.update(chronicle.seen)
            assert not chronicle.broken
            assert chronicle.seen["invites"] == len(it.world.transport.invited)
            assert not it.world.happened(ErrorLogged), "nothing was contained"

    asyncio.run(run())


def test_the_promises_above_were_put_to_the_test() -> None:
    """Contacts of both kinds came about in the histories above, and refusals too."""
    if not SEEN:  # run by itself
        test_no_contact_ever_breaks_a_promise()

    assert min(SEEN["invites"], SEEN["messages"], SEEN["refused"]) > 0
