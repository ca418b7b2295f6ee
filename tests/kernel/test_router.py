"""Commands: one handler, serial lanes, guards at the last moment, and an answer only for what is on disk."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Iterator
from typing import Any

import pytest

from kernel import commands as c
from kernel.codes import KernelRefusal, Undeclared
from kernel.commands import Command, LeavesToSteam, ReachesPlayer
from kernel.errors import (
    Binds,
    CommandError,
    Conflict,
    HandlerFailed,
    InDoubt,
    Malformed,
    NotDurable,
    NotSent,
    Refused,
    RefusedBySteam,
    Rejected,
    Unavailable,
    Unconfirmed,
)
from kernel.events import CommandCompleted, ContactPaused, ErrorLogged, StopWordAdded
from kernel.hookspecs import Rejection, hookimpl
from kernel.ids import BotId, ChatId, CommandId, MessageId, SteamId64, TaskId
from kernel.plugin import Plugin, PluginConfig
from kernel.state import State
from kernel.testing import FakeTransport, World, idle
from plugins.invites.codes import QueueRefusal
from plugins.steam.codes import SteamRefusal

PLAYER = SteamId64("76561198000000001")
INVITE = c.SendInvite(task_id=TaskId("task_1"), bot_id=BotId("bot_1"), player=PLAYER)
MESSAGE = c.DeliverMessage(
    chat_id=ChatId("chat_1"), message_id=MessageId("msg_1"), bot_id=BotId("bot_1"), player=PLAYER, text="hi"
)
TASK = b'{"playerSteamId64":"76561198000000001","item":"x","priceMin":"1","priceMax":"2","currency":"USD"}'


class Objector(Plugin[PluginConfig]):
    """A guard with a mood."""

    mood: Rejection | BaseException | None = None

    @hookimpl
    def admit(self, command: Command[Any], state: State) -> Rejection | None:
        if isinstance(self.mood, BaseException):
            raise self.mood
        return self.mood


@pytest.fixture
def objector() -> Iterator[type[Objector]]:
    yield Objector
    Objector.mood = None


async def test_a_command_without_a_handler_is_unavailable() -> None:
    async with World(FakeTransport) as world:
        refused = await world.refusal(c.PauseContact())

        assert isinstance(refused, Unavailable)
        assert refused.code == "noHandler"


async def test_a_second_handler_of_a_kind_is_refused_and_named() -> None:
    async with World(FakeTransport) as world:
        with pytest.raises(Conflict, match="ConnectBot is handled by faketransport already"):
            world.ctx.handle(c.ConnectBot, print)


async def test_another_class_of_the_same_name_is_not_the_command_that_is_handled() -> None:
    lookalike = types.new_class("SendInvite", (Command,), {"frozen": True, "kw_only": True})
    async with World(FakeTransport) as world:
        assert (await world.refusal(lookalike())).code == "noHandler"


async def test_the_handler_of_a_stopped_plugin_is_gone() -> None:
    async with World(FakeTransport) as world:
        await world.system.host.disable("faketransport")

        assert (await world.refusal(c.ConnectBot(bot_id=BotId("bot_1")))).code == "noHandler"


async def test_commands_of_one_lane_follow_each_other_and_those_of_two_do_not_wait() -> None:
    async with World(FakeTransport) as world:
        log: list[str] = []
        gate = asyncio.Event()

        async def handler(command: c.ToggleAgent) -> None:
            log.append(f"begin {command.chat_id} {command.enabled}")
            await gate.wait()
            log.append(f"end {command.chat_id} {command.enabled}")

        world.ctx.handle(c.ToggleAgent, handler)
        async with asyncio.TaskGroup() as group:
            for chat, enabled in (("a", False), ("a", True), ("b", False)):
                group.create_task(world.ctx.execute(c.ToggleAgent(chat_id=ChatId(chat), enabled=enabled)))
            await idle()
            assert log == ["begin a False", "begin b False"]
            gate.set()
        assert log.index("end a False") < log.index("begin a True")


async def test_an_objection_reaches_the_caller_with_its_code_and_when_to_come_back(objector: type[Objector]) -> None:
    async with World(FakeTransport, objector) as world:
        world.ctx.handle(c.PauseContact, lambda _: world.ctx.publish(ContactPaused()))
        objector.mood = Rejection("one invite a minute", code=QueueRefusal.INVITE_INTERVAL, retry_after=42)
        refused = await world.refusal(c.PauseContact())

        assert isinstance(refused, Rejected)
        assert (refused.code, refused.message, refused.retry_after) == ("inviteInterval", "one invite a minute", 42)
        assert refused.status == 429


async def test_a_guard_that_fails_lets_nothing_through(objector: type[Objector]) -> None:
    async with World(FakeTransport, objector) as world:
        objector.mood = ZeroDivisionError("oops")
        with pytest.raises(Rejected, match="The guard objector failed"):
            await world.ctx.execute(INVITE)

        assert world.transport.invited == []
        assert world.happened(ErrorLogged)[0].source == "objector"


async def test_nothing_goes_out_while_a_guard_of_the_config_is_not_running(objector: type[Objector]) -> None:
    async with World(FakeTransport, objector) as world:
        await world.system.host.disable("objector")
        refused = await world.refusal(INVITE)

        assert refused.code == "guardMissing"
        assert world.transport.invited == []


async def test_guards_are_asked_when_the_lane_is_free_not_when_the_command_is_given(objector: type[Objector]) -> None:
    async with World(FakeTransport, objector) as world:
        gate = asyncio.Event()
        world.transport.deliver_holds = lambda _: gate.wait()  # type: ignore[assignment,return-value]
        first = asyncio.create_task(world.ctx.execute(MESSAGE))
        await idle()
        second = asyncio.create_task(world.ctx.execute(MESSAGE))
        await idle()
        objector.mood = Rejection("the chat was taken over")
        gate.set()

        await first
        with pytest.raises(Rejected, match="taken over"):
            await second
        assert len(world.transport.sent) == 1


async def test_settled_waits_for_what_is_under_way_and_only_for_that() -> None:
    async with World(FakeTransport) as world:
        gate = asyncio.Event()
        world.ctx.handle(c.RemoveBot, lambda _: gate.wait())
        under_way = asyncio.create_task(world.ctx.execute(c.RemoveBot(bot_id=BotId("bot_1"))))
        await idle()
        waiting = asyncio.create_task(world.system.router.settled(lambda command: command.kind == "RemoveBot"))
        await world.system.router.settled(lambda command: isinstance(command, ReachesPlayer))
        await idle()
        assert not waiting.done()
        gate.set()
        await waiting
        await under_way


async def test_the_same_id_twice_is_carried_out_once() -> None:
    async with World(FakeTransport) as world:

        async def create(command: c.CreateTask) -> TaskId:
            world.ctx.publish(StopWordAdded(word=command.item))
            await asyncio.sleep(0)
            return TaskId("task_7")

        world.ctx.handle(c.CreateTask, create)
        command = world.system.router.decode("CreateTask", TASK)
        both = await asyncio.gather(*(world.ctx.execute(command, command_id=CommandId("cmd_1")) for _ in range(2)))
        later = await world.ctx.execute(command, command_id=CommandId("cmd_1"))

        assert [*both, later] == ["task_7"] * 3
        assert len(world.happened(StopWordAdded)) == 1
        assert [e.created for e in world.happened(CommandCompleted)] == ["task_7"]
        with pytest.raises(Conflict, match="was a CreateTask"):
            await world.ctx.execute(c.ResumeContact(), command_id=CommandId("cmd_1"))


async def test_an_id_under_way_is_not_shared_by_a_command_of_another_kind() -> None:
    async with World(FakeTransport) as world:
        gate = asyncio.Event()
        world.ctx.handle(c.CreateTask, lambda _: gate.wait())
        command = world.system.router.decode("CreateTask", TASK)
        first = asyncio.create_task(world.ctx.execute(command, command_id=CommandId("cmd_1")))
        await idle()

        with pytest.raises(Conflict, match="was a CreateTask"):
            await world.ctx.execute(c.ResumeContact(), command_id=CommandId("cmd_1"))

        gate.set()
        await first


async def test_a_refused_command_may_be_given_again_under_its_id() -> None:
    async with World(FakeTransport) as world:
        tries: list[int] = []

        def moody(_: c.ResumeContact) -> None:
            tries.append(1)
            if len(tries) == 1:
                raise Conflict(Undeclared("notNow"), "Not now.")

        world.ctx.handle(c.ResumeContact, moody)
        with pytest.raises(Conflict, match=r"Not now\."):
            await world.ctx.execute(c.ResumeContact(), command_id=CommandId("cmd_1"))
        await world.ctx.execute(c.ResumeContact(), command_id=CommandId("cmd_1"))

        assert len(tries) == 2


async def test_a_bug_in_a_handler_is_an_answer_and_a_line_in_the_log() -> None:
    async with World(FakeTransport) as world:

        def broken(_: c.ResumeContact) -> None:
            raise KeyError("nobody expected this")

        world.ctx.handle(c.ResumeContact, broken)
        with pytest.raises(HandlerFailed, match="failed inside the plugin test"):
            await world.ctx.execute(c.ResumeContact())

        assert world.happened(ErrorLogged)[0].source == "test"


async def test_ok_is_said_only_when_everything_is_on_disk_and_outgoing_waits_before_its_handler() -> None:
    async with World(FakeTransport) as world:
        world.system.commits.take_charge(world.state.seq)
        world.ctx.handle(c.PauseContact, lambda _: world.ctx.publish(ContactPaused()))
        pause = asyncio.create_task(world.ctx.execute(c.PauseContact()))
        await idle()
        assert world.state.contact.paused
        assert not pause.done()
        message = asyncio.create_task(world.ctx.execute(MESSAGE))
        await idle()
        assert world.transport.sent == [], "the decision is not on disk yet"

        world.system.commits.advance(world.state.seq)
        await pause
        await message
        assert world.transport.sent == [MESSAGE]


async def test_while_the_journal_cannot_write_no_handler_runs() -> None:
    async with World(FakeTransport) as world:
        world.system.commits.take_charge(world.state.seq)
        world.ctx.handle(c.AddStopWord, lambda command: world.ctx.publish(StopWordAdded(word=command.word)))
        world.system.commits.fail("the disk is full")

        for command in (c.AddStopWord(word="enough"), MESSAGE, c.ConnectBot(bot_id=BotId("bot_1"))):
            with pytest.raises(NotDurable, match="the disk is full"):
                await world.ctx.execute(command, command_id=CommandId(f"cmd_{command.kind}"))
        world.system.commits.advance(world.state.seq)

        assert world.transport.sent == []
        assert world.state.contact.stop_words == ()
        assert not world.state.commands, "what was refused may be asked for with the same id"


async def test_what_the_journal_fails_in_the_midst_of_is_not_known_and_the_same_id_tells_the_truth() -> None:
    async with World(FakeTransport) as world:
        world.system.commits.take_charge(world.state.seq)
        world.ctx.handle(c.AddStopWord, lambda command: world.ctx.publish(StopWordAdded(word=command.word)))
        again = CommandId("cmd_1")
        word = asyncio.create_task(world.ctx.execute(c.AddStopWord(word="enough"), command_id=again))
        await idle()
        world.system.commits.fail("the disk is full")

        with pytest.raises(Unconfirmed, match="Ask again with the same id") as caught:
            await word
        assert (caught.value.code, caught.value.status) == ("notKnown", 504)
        assert not isinstance(caught.value, Refused), "that would say that nothing has changed"
        with pytest.raises(Unconfirmed):  # and not `notDurable`, since it has been done
            await world.ctx.execute(c.AddStopWord(word="enough"), command_id=again)

        world.system.commits.advance(world.state.seq)
        await world.ctx.execute(c.AddStopWord(word="enough"), command_id=again)
        assert len(world.happened(StopWordAdded)) == 1


async def test_contact_is_paused_even_while_the_journal_cannot_write_and_the_answer_says_so() -> None:
    async with World(FakeTransport) as world:
        world.system.commits.take_charge(world.state.seq)
        world.ctx.handle(c.PauseContact, lambda _: world.ctx.publish(ContactPaused()))
        world.system.commits.fail("the disk is full")

        with pytest.raises(Unconfirmed, match="not on disk yet") as caught:
            await world.ctx.execute(c.PauseContact())

        assert caught.value.code == "notOnDiskYet"
        assert world.state.contact.paused


class Request(LeavesToSteam[None], frozen=True, kw_only=True):
    """Something that a stranger's transport asks of Steam."""


@pytest.mark.parametrize(
    ("raised", "becomes"),
    [
        (NotSent(KernelRefusal.BOT_OFFLINE, "it is not online"), NotSent),
        (RefusedBySteam(SteamRefusal.STEAM_BUSY, "Steam is busy", binds=Binds.REQUEST), RefusedBySteam),
        (InDoubt(KernelRefusal.IN_DOUBT, "no answer came"), InDoubt),
        (Unavailable(Undeclared("timeout"), "no answer came in time"), InDoubt),
        (Rejected(SteamRefusal.STEAM_BUSY, "not now", retry_after=1_000), InDoubt),
        (Conflict(Undeclared("blocked"), "never"), InDoubt),
        (TimeoutError("no answer"), InDoubt),
        (KeyError("a bug"), InDoubt),
    ],
)
async def test_what_a_request_to_steam_does_not_say_plainly_is_in_doubt(
    raised: Exception, becomes: type[CommandError]
) -> None:
    def ask(command: Request) -> None:
        raise raised

    async with World(FakeTransport) as world:
        world.ctx.handle(Request, ask)
        with pytest.raises(CommandError) as caught:
            await world.ctx.execute(Request(bot_id=BotId("bot_1")))

    assert type(caught.value) is becomes


@pytest.mark.parametrize(
    ("kind", "payload", "field", "says"),
    [
        ("MakeTea", b"{}", "kind", "There is no command 'MakeTea'"),
        ("SendInvite", b"{}", "kind", "There is no command 'SendInvite'"),
        ("CreateTask", b"{", None, "not JSON"),
        ("CreateTask", b'{"item": "\xff"}', None, "not JSON"),
        ("AddBotFromMaFile", b'{"maFile": {"a":' + b"[" * 100_000, None, "nested too deeply"),
        ("CreateTask", b"[]", None, "Expected `object`"),
        ("CreateTask", TASK.replace(b'"item"', b'"itme"'), "itme", "unknown field `itme`"),
        ("CreateTask", TASK.replace(b',"currency":"USD"', b""), "currency", "missing required field `currency`"),
        ("CreateTask", TASK.replace(b'"USD"', b"7"), "currency", "Expected `str`"),
        ("CreateTask", TASK.replace(b'"2"', b'"0.5"'), "priceMin", "is above priceMax"),
        ("CreateTask", TASK.replace(b'"2"', b'"NaN"'), "priceMax", "a price is a decimal"),
        ("CreateTask", TASK.replace(b'"2"', b'"1e99"'), "priceMax", "a price is a decimal"),
        ("CreateTask", TASK.replace(b'"2"', b'"1E+3"'), "priceMax", "written out"),
        ("CreateTask", TASK.replace(b'"1"', b'"-0"'), "priceMin", "a price is a decimal"),
        ("CreateTask", TASK.replace(b'"2"', b'"2.000000001"'), "priceMax", "at most 8 places"),
        ("CreateTask", TASK.replace(b'"USD"', b'"US1"'), "currency", "three capital letters"),
        ("CreateTask", TASK.replace(b'"USD"', b'"USD","language":"e1"'), "language", "two small letters"),
        ("CreateTask", TASK.replace(b"76561198000000001", b"103582791429521408"), "playerSteamId64", "17 digits"),
        ("CreateTask", TASK.replace(b"76561198000000001", b"90071992547409920"), "playerSteamId64", "individual"),
        ("CreateTask", TASK.replace(b'"x"', b'"  "'), "item", "1 to 200 characters"),
    ],
)
async def test_what_is_wrong_with_a_command_is_named_with_its_field(
    kind: str, payload: bytes, field: str | None, says: str
) -> None:
    async with World(FakeTransport) as world:
        with pytest.raises(Malformed) as refused:
            world.system.router.decode(kind, payload)

        assert says in refused.value.message
        assert refused.value.field == field


class Taker(Plugin[PluginConfig]):
    """Takes stop words of five letters and more, from people."""

    async def start(self) -> None:
        self.ctx.handle(c.AddStopWord, self.add, check=self.fits)

    def add(self, command: c.AddStopWord) -> None:
        self.fits(command)
        self.ctx.publish(StopWordAdded(word=command.word))

    def fits(self, command: c.AddStopWord) -> None:
        if command.word == "crash":
            raise RuntimeError("a bug")
        if len(command.word) < 5:
            raise Conflict(Undeclared("tooShort"), f"{self.ctx.actor}: at least five letters.", field="word")


async def test_a_dry_run_says_what_would_be_refused_by_the_handler_and_changes_nothing() -> None:
    async with World(Taker, FakeTransport) as world:
        seq = world.state.seq
        foretold = world.foretold(c.AddStopWord(word="stop"), actor="notebook:ben")

        assert foretold is not None
        assert (foretold.code, foretold.message) == ("tooShort", "notebook:ben: at least five letters.")
        assert world.foretold(c.AddStopWord(word="enough")) is None
        assert world.foretold(c.PauseContact()).code == "noHandler"  # type: ignore[union-attr]
        assert world.state.seq == seq


async def test_a_dry_run_asks_the_guards_too(objector: type[Objector]) -> None:
    async with World(objector, Taker) as world:
        objector.mood = Rejection("Ask in a minute.", Undeclared("tooSoon"), 59_000)
        foretold = world.foretold(c.AddStopWord(word="enough"))

        assert foretold is not None
        assert (foretold.code, foretold.retry_after) == ("tooSoon", 59_000)


async def test_a_bug_in_a_check_is_an_answer_and_counts_against_its_plugin() -> None:
    async with World(Taker) as world:
        foretold = world.foretold(c.AddStopWord(word="crash"))

        assert foretold is not None
        assert foretold.code == "handlerFailed"
        (logged,) = world.happened(ErrorLogged)
        assert (logged.source, logged.message) == ("taker", "check of AddStopWord")


async def test_the_check_of_a_stopped_plugin_is_gone_with_its_handler() -> None:
    async with World(Taker) as world:
        await world.system.host.disable("taker")

        assert world.foretold(c.AddStopWord(word="stop")).code == "noHandler"  # type: ignore[union-attr]


def test_a_command_with_secrets_does_not_show_them() -> None:
    command = c.AddBotFromMaFile(
        ma_file={"shared_secret": "s3cret"}, proxy_url="http://u:s3cret@h:1", password="s3cret"
    )

    assert "s3cret" not in repr(command) + str(command)


async def test_observers_are_told_of_every_answer_and_disturb_none() -> None:
    async with World(FakeTransport) as world:
        told: list[tuple[str, str]] = []

        def broken(kind: str, result: str, seconds: float) -> None:
            raise LookupError("no such gauge")

        world.ctx.observe(broken)
        undo = world.system.router.observe(lambda kind, result, _: told.append((kind, result)), owner="test")
        world.ctx.handle(c.ResumeContact, lambda _: None)
        await world.execute(c.ResumeContact())
        await world.execute(c.ResumeContact())
        with pytest.raises(Unavailable):
            await world.ctx.execute(c.PauseContact())
        undo()
        await world.execute(c.ResumeContact())

        assert told == [("ResumeContact", "ok"), ("ResumeContact", "ok"), ("PauseContact", "noHandler")]
        assert world.happened(ErrorLogged)[0].message == "observer of ResumeContact"
