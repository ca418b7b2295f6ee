"""Whatever disturbs a task at whichever status: its row says why it stands where it stands, and what a person can do.

The table of plugins/tasks/README.md is drawn from TABLE here, so that neither can be wrong without the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from kernel.clock import DAY, HOUR, SECOND, Millis
from kernel.codes import KernelRefusal, Undeclared
from kernel.commands import ConnectBot, DeliverMessage, DisposeTask, PauseContact, RemoveBot, SendInvite, ToggleAgent
from kernel.context import Context
from kernel.errors import Binds, InDoubt, NotSent, RefusedBySteam
from kernel.events import BotAuthFailed, BotDisconnected, BotInvitesBlocked, Relationship
from kernel.hookspecs import Reply, Turn, hookimpl
from kernel.ids import BotId, SteamId64, TaskId
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import AgentOffReason, Task, TaskStatus
from kernel.testing import FakeTransport, World, idle
from plugins.assigner import Assigner
from plugins.contact_policy import ContactPolicy
from plugins.dialogue import Dialogue
from plugins.fleet import Fleet
from plugins.invites import Invites
from plugins.steam.codes import SteamReason, SteamRefusal
from plugins.tasks import Tasks
from plugins.tasks.standing import WHY_OFF

README: Final = Path(__file__).resolve().parents[3] / "plugins" / "tasks" / "README.md"
NOTHING: Final = "–"


class Agent(Plugin[PluginConfig]):
    """Asks one question and waits an hour; `mood` may be raised, or hang, or be silent."""

    def __init__(self, ctx: Context, config: PluginConfig) -> None:
        super().__init__(ctx, config)
        self.mood = "well"

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        if self.mood == "raises":
            raise KeyError("price")
        if self.mood == "hangs":
            await asyncio.get_running_loop().create_future()
        if self.mood == "silent":
            return None
        return Reply(step="asked", texts=("This is an automated assistant. How much?",), wait=HOUR)

    @hookimpl
    def preface(self, turn: Turn) -> str | None:
        return None


class Shut(FakeTransport):
    """A transport that can be kept from letting anyone in."""

    lets_in = True

    def connect(self, command: ConnectBot) -> None:
        if not self.lets_in:
            raise NotSent(Undeclared("cm.unreachable"), "No CM answers.")
        super().connect(command)


PLUGINS: Final = (ContactPolicy, Shut, Fleet, Tasks, Assigner, Invites, Dialogue, Agent)


class Deal(NamedTuple):
    """A task in its world, and the bot that it was given to, where it has one."""

    world: World
    task_id: TaskId
    player: SteamId64
    first: BotId | None

    @property
    def task(self) -> Task:
        row: Task = self.world.state.tasks[self.task_id]
        return row

    @property
    def bot(self) -> BotId:
        assert self.first is not None
        return self.first

    async def steps(self, minutes: int = 3) -> None:
        """Let time pass, as it does: for everybody a little at a time."""
        for _ in range(minutes * 6):
            await self.world.clock.advance(10 * SECOND)


Deed = Callable[[Deal], Awaitable[None]]


def world() -> World:
    return World(*PLUGINS, config={"kernel": {"respond_deadline_s": 0.02}, "invites": {"lapse_days": 1}})


async def created(it: World) -> Deal:
    player = it.player()
    return Deal(it, await it.create_task(player), player, None)


async def queued(it: World) -> Deal:
    """Given to a bot, in whose queue the invite waits: its minute is not up."""
    bot = it.add_bot()
    await it.create_task()
    player = it.player()
    return Deal(it, await it.create_task(player), player, bot)


async def invited(it: World) -> Deal:
    bot, player = it.add_bot(), it.player()
    deal = Deal(it, await it.create_task(player), player, bot)
    await deal.steps(2)
    assert deal.task.status is TaskStatus.INVITED
    return deal


async def accepted(it: World) -> Deal:
    deal = await invited(it)
    it.transport.relate(deal.bot, deal.player, Relationship.FRIEND)
    await deal.steps(1)
    assert deal.task.status is TaskStatus.ACCEPTED
    return deal


async def nothing(deal: Deal) -> None:
    """Nothing disturbs it."""


async def bot_off(deal: Deal) -> None:
    deal.world.plugin(Shut).lets_in = False
    deal.world.ctx.publish(
        BotDisconnected(bot_id=deal.bot, reason=SteamReason.CM_DISCONNECTED, detail="The connection broke.")
    )


async def bot_kept_out(deal: Deal) -> None:
    await bot_off(deal)
    failed = BotAuthFailed(
        bot_id=deal.bot, reason=SteamReason.PASSWORD_WRONG, detail="Wrong password.", next_step="Add it again."
    )
    deal.world.ctx.publish(failed)


async def bot_limited(deal: Deal) -> None:
    until = Millis(deal.world.clock.now() + DAY)
    deal.world.ctx.publish(
        BotInvitesBlocked(
            bot_id=deal.bot, until=until, reason=Undeclared("RateLimitExceeded"), detail="Too many invites."
        )
    )


async def bot_removed(deal: Deal) -> None:
    await deal.world.execute(RemoveBot(bot_id=deal.bot))


async def paused(deal: Deal) -> None:
    await deal.world.execute(PauseContact())


async def disposed(deal: Deal) -> None:
    await deal.world.execute(DisposeTask(task_id=deal.task_id))


async def declined(deal: Deal) -> None:
    deal.world.transport.relate(deal.bot, deal.player, Relationship.NONE)


async def removed_us(deal: Deal) -> None:
    deal.world.transport.relate(deal.bot, deal.player, Relationship.NONE)


async def blocked_us(deal: Deal) -> None:
    deal.world.transport.relate(deal.bot, deal.player, Relationship.BLOCKED)


async def lapsed(deal: Deal) -> None:
    for _ in range(30):
        await deal.world.clock.advance(HOUR)


async def said_stop(deal: Deal) -> None:
    deal.world.transport.say(deal.bot, deal.player, "stop")


async def taken_over(deal: Deal) -> None:
    assert deal.task.chat_id is not None
    await deal.world.execute(ToggleAgent(chat_id=deal.task.chat_id, enabled=False))


def refuses(binds: Binds) -> Deed:
    """Steam answers each invite with a refusal."""

    async def deed(deal: Deal) -> None:
        def fail(command: SendInvite) -> None:
            raise RefusedBySteam(KernelRefusal.INVITE_REFUSED, "Steam said no.", binds=binds)

        deal.world.transport.invite_fails = fail
        await deal.steps(120)

    return deed


async def invite_in_doubt(deal: Deal) -> None:
    def lose(command: SendInvite) -> None:
        raise InDoubt(KernelRefusal.IN_DOUBT, "No answer came.")

    deal.world.transport.invite_fails = lose


def agent(mood: str) -> Deed:
    """The agent is so when the player writes."""

    async def deed(deal: Deal) -> None:
        deal.world.plugin(Agent).mood = mood
        deal.world.transport.say(deal.bot, deal.player, "10.00")
        for _ in range(20):
            await deal.world.clock.advance(10 * SECOND)
            await asyncio.sleep(0.025 if mood == "hangs" else 0)

    return deed


async def agent_missing(deal: Deal) -> None:
    await deal.world.system.host.disable("agent")
    deal.world.transport.say(deal.bot, deal.player, "10.00")


async def message_lost(deal: Deal) -> None:
    def fail(command: DeliverMessage) -> None:
        raise RefusedBySteam(SteamRefusal.NOT_FRIENDS, "The two are no friends.", binds=Binds.PLAYER)

    deal.world.transport.deliver_fails = fail
    deal.world.transport.say(deal.bot, deal.player, "10.00")


async def message_in_doubt(deal: Deal) -> None:
    def lose(command: DeliverMessage) -> None:
        raise InDoubt(KernelRefusal.IN_DOUBT, "No answer came.")

    deal.world.transport.deliver_fails = lose
    deal.world.transport.say(deal.bot, deal.player, "10.00")


class Row(NamedTuple):
    """`at` which status it is disturbed, by what, and what its row then says."""

    at: Callable[[World], Awaitable[Deal]]
    what: str
    deed: Deed
    status: str
    reason: str
    person: bool = False
    """Whether a person can do something about it, and is told what."""
    minutes: int = 3
    """How long afterwards it is looked at."""


TABLE: Final = (
    Row(created, "nothing", nothing, "created", "noBotConnected", person=True),
    Row(created, "contact is paused", paused, "created", "noBotConnected", person=True),
    Row(created, "it is disposed", disposed, "disposed", "disposed"),
    Row(queued, "nothing", nothing, "assigned", "inviteInterval", minutes=0),
    Row(queued, "its bot goes off", bot_off, "assigned", "botOffline", person=True),
    Row(queued, "its bot cannot sign in", bot_kept_out, "created", "noBotConnected", person=True),
    Row(queued, "Steam takes no invites from its bot", bot_limited, "created", "invitesBlocked", person=True),
    Row(queued, "contact is paused", paused, "assigned", "contactPaused", person=True),
    Row(queued, "its bot is removed", bot_removed, "created", "noBotConnected", person=True),
    Row(queued, "Steam refuses to invite this player", refuses(Binds.PLAYER), "failed", "inviteRefused"),
    Row(queued, "Steam refuses again and again", refuses(Binds.REQUEST), "failed", "inviteRefused"),
    Row(queued, "Steam's answer to the invite is lost", invite_in_doubt, "failed", "inDoubt"),
    Row(queued, "it is disposed", disposed, "disposed", "disposed"),
    Row(invited, "nothing", nothing, "invited", "awaitingPlayer"),
    Row(invited, "its bot goes off", bot_off, "invited", "botAway", person=True),
    Row(invited, "its bot cannot sign in", bot_kept_out, "invited", "botKeptOut", person=True),
    Row(invited, "Steam takes no invites from its bot", bot_limited, "invited", "awaitingPlayer"),
    Row(invited, "its bot is removed", bot_removed, "failed", "botRemoved"),
    Row(invited, "contact is paused", paused, "invited", "awaitingPlayer"),
    Row(invited, "the player declines", declined, "failed", "declined"),
    Row(invited, "the player blocks the bot", blocked_us, "failed", "doNotContact"),
    Row(invited, "the invite lapses", lapsed, "failed", "lapsed"),
    Row(invited, "it is disposed", disposed, "disposed", "disposed"),
    Row(accepted, "nothing", nothing, "accepted", "awaitingAnswer"),
    Row(accepted, "its bot goes off", bot_off, "accepted", "botAway", person=True),
    Row(accepted, "its bot cannot sign in", bot_kept_out, "accepted", "botKeptOut", person=True),
    Row(accepted, "its bot is removed", bot_removed, "failed", "botRemoved"),
    Row(accepted, "contact is paused", paused, "accepted", "contactPaused", person=True),
    Row(accepted, "an operator takes over", taken_over, "accepted", "ledByHand", person=True),
    Row(accepted, "the player removes the bot", removed_us, "failed", "doNotContact"),
    Row(accepted, "the player blocks the bot", blocked_us, "failed", "doNotContact"),
    Row(accepted, "the player says stop", said_stop, "failed", "doNotContact"),
    Row(accepted, "the agent raises", agent("raises"), "accepted", "agentOff", person=True),
    Row(accepted, "the agent hangs", agent("hangs"), "accepted", "agentOff", person=True),
    Row(accepted, "the agent says nothing", agent("silent"), "accepted", "agentOff", person=True),
    Row(accepted, "the agent is switched off", agent_missing, "accepted", "agentOff", person=True),
    Row(accepted, "a message is lost", message_lost, "accepted", "agentOff", person=True),
    Row(accepted, "a message is in doubt", message_in_doubt, "accepted", "messageInDoubt", person=True),
    Row(accepted, "it is disposed", disposed, "disposed", "disposed"),
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.at.__name__}: {row.what}")
async def test_its_row_says_why_since_when_until_when_and_what_a_person_can_do(row: Row) -> None:
    async with world() as it:
        deal = await row.at(it)
        disturbed_at = it.clock.now()
        await row.deed(deal)
        await deal.steps(row.minutes)

        task = deal.task
        assert (task.status, task.reason) == (row.status, row.reason), task.detail
        assert task.detail
        assert task.waiting_until is None or task.waiting_until > it.clock.now(), "a deadline in the past"
        assert task.reason_since is not None and task.reason_since <= it.clock.now()
        if row.deed is not nothing and row.person:
            assert task.reason_since >= disturbed_at or row.reason == "noBotConnected"
        if task.is_open:
            assert (task.next_step is not None) == row.person, task.next_step


def test_every_way_in_which_an_agent_is_switched_off_has_a_sentence() -> None:
    assert set(WHY_OFF) == set(AgentOffReason)


async def test_a_task_whose_plugin_is_not_running_says_so_after_a_minute() -> None:
    async with world() as it:
        await it.system.host.disable("assigner")
        deal = await created(it)
        await deal.steps()

        assert (deal.task.reason, deal.task.waiting_until) == ("unexplained", None)
        assert deal.task.next_step and "plugins" in deal.task.next_step


async def test_the_reason_follows_when_the_bot_comes_back() -> None:
    async with world() as it:
        deal = await accepted(it)
        await bot_off(deal)
        await idle()
        assert deal.task.reason == "botAway"
        it.plugin(Shut).lets_in = True
        await deal.steps()

        assert deal.task.reason == "awaitingAnswer"
        assert deal.task.waiting_until is not None


async def test_a_lively_dialogue_is_not_commented_on_at_each_line() -> None:
    async with world() as it:
        deal = await accepted(it)
        told = len([e for e in it.events if e.kind == "task.waiting"])
        for number in range(5):
            it.transport.say(deal.bot, deal.player, f"{number}?")
            await it.clock.advance(SECOND)

        assert len([e for e in it.events if e.kind == "task.waiting"]) <= told + 1


def drawn(table: tuple[Row, ...] = TABLE) -> str:
    """The table for the README."""
    lines = [
        "| at | what disturbs it | then it is | reason | a person is told what to do |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in table:
        person = "yes" if row.person else NOTHING
        lines.append(f"| `{row.at.__name__}` | {row.what} | `{row.status}` | `{row.reason}` | {person} |")
    return "\n".join(lines)


def test_the_readme_has_this_table() -> None:
    assert drawn() in README.read_text("utf-8"), drawn()
