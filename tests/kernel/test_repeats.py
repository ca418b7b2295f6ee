"""What a command's id stands for: one actor, one payload, across restarts, and with no secret in the record."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from kernel import commands as c
from kernel.codec import encode
from kernel.commands import Command
from kernel.errors import Conflict
from kernel.events import CommandCompleted, ContactPaused, Envelope, StopWordAdded
from kernel.ids import BotId, CommandId, SteamId64, TaskId
from kernel.redaction import names_secret
from kernel.state import State
from kernel.testing import FakeTransport, World, idle
from tests.restart import history, replay

ID, ANNA, OLGA = CommandId("cmd_1"), "operator:anna", "operator:olga"
WORD = c.AddStopWord(word="enough")
PROXY = "socks5://user:hunter2@203.0.113.7:1080"
TASK = b'{"playerSteamId64":"76561198000000001","item":"x","priceMin":"1","priceMax":"2","currency":"USD"}'
SAME_TASK = (
    b'{"language":null,"currency":"USD","priceMax":"2","item":"x","priceMin":"1","playerSteamId64":"76561198000000001"}'
)
OTHER_TASKS = [
    TASK.replace(b'"x"', b'"y"'),
    TASK.replace(b'"x"', b'"x "'),
    TASK.replace(b'"x"', b'"X"'),
    TASK.replace(b'"1"', b'"1.5"'),
    TASK.replace(b"0001", b"0002"),
    TASK.replace(b"USD", b"EUR"),
    TASK.replace(b"}", b',"language":"en"}'),
]


def add_bot(password: str = "hunter2", secret: str = "c2VjcmV0", label: str = "first") -> c.AddBotFromMaFile:
    return c.AddBotFromMaFile(
        ma_file={"account_name": "made_up", "shared_secret": secret}, proxy_url=PROXY, password=password, label=label
    )


def handled(world: World) -> None:
    """The handlers of this module: each leaves one event for each time it runs."""
    world.ctx.handle(c.AddStopWord, lambda command: world.ctx.publish(StopWordAdded(word=command.word)))
    world.ctx.handle(c.PauseContact, lambda command: world.ctx.publish(ContactPaused(reason=command.reason)))
    world.ctx.handle(c.CreateTask, created(world))
    world.ctx.handle(c.AddBotFromMaFile, lambda _: BotId("bot_9"))


def created(world: World) -> Any:
    def create(command: c.CreateTask) -> TaskId:
        world.ctx.publish(StopWordAdded(word=command.item))
        return TaskId("task_7")

    return create


async def refused(world: World, command: Command[Any], actor: str = ANNA) -> bool:
    """Is it refused under the id, by a dry run too?"""
    seq = world.state.seq
    with pytest.raises(Conflict) as foretold:
        world.ctx.dry_run(command, actor=actor, command_id=ID)
    with pytest.raises(Conflict) as caught:
        await world.ctx.execute(command, actor=actor, command_id=ID)
    assert world.state.seq == seq, "nothing has happened"
    return foretold.value.code == caught.value.code == "idReused"


def past_without_digests(past: Sequence[Envelope]) -> list[Envelope]:
    """The journal as a version without digests wrote it."""
    return [
        msgspec.structs.replace(e, payload=msgspec.structs.replace(e.payload, digest=None))
        if isinstance(e.payload, CommandCompleted)
        else e
        for e in past
    ]


async def test_an_id_answers_for_one_payload_and_one_actor_also_after_a_restart() -> None:
    async with World(FakeTransport) as world:
        handled(world)
        decode = world.system.router.decode
        task, same, others = decode("CreateTask", TASK), decode("CreateTask", SAME_TASK), OTHER_TASKS
        assert await world.ctx.execute(task, actor=ANNA, command_id=ID) == "task_7"
        past = history(world)

        async def asked(world: World) -> None:
            assert await world.ctx.execute(same, actor=ANNA, command_id=ID) == "task_7"
            for other in others:
                assert await refused(world, decode("CreateTask", other)), other
            assert await refused(world, task, OLGA)
            assert await refused(world, WORD)

        await asked(world)
        assert len(world.happened(StopWordAdded)) == 1
    async with World(replay(past), FakeTransport, clock=world.clock) as again:
        handled(again)
        await asked(again)
        assert again.happened(StopWordAdded) == []


async def test_an_id_under_way_is_shared_by_the_same_command_alone() -> None:
    async with World(FakeTransport) as world:
        gate = asyncio.Event()
        world.ctx.handle(c.AddStopWord, lambda _: gate.wait())
        both = [asyncio.create_task(world.ctx.execute(WORD, actor=ANNA, command_id=ID)) for _ in range(2)]
        await idle()

        assert await refused(world, c.AddStopWord(word="basta"))
        assert await refused(world, WORD, OLGA)
        gate.set()
        await asyncio.gather(*both)
        assert len(world.happened(CommandCompleted)) == 1


async def test_whoever_waits_for_a_command_that_is_called_off_keeps_the_id() -> None:
    async with World(FakeTransport) as world:
        gate = asyncio.Event()
        world.ctx.handle(c.AddStopWord, lambda _: gate.wait())
        first, second = (asyncio.create_task(world.ctx.execute(WORD, actor=ANNA, command_id=ID)) for _ in range(2))
        await idle()
        first.cancel()
        await idle()

        assert await refused(world, WORD, OLGA)
        gate.set()
        await second


@pytest.mark.parametrize("under_way", [False, True])
async def test_a_stop_is_carried_out_whatever_its_id_stands_for(under_way: bool) -> None:
    async with World(FakeTransport) as world:
        handled(world)
        gate = asyncio.Event()
        world.ctx.handle(c.AddDoNotContact, lambda _: gate.wait())
        spare = c.AddDoNotContact(player=SteamId64("76561198000000001"))
        first = asyncio.create_task(world.ctx.execute(spare, actor=ANNA, command_id=ID))
        await idle()
        if not under_way:
            gate.set()
            await first

        world.ctx.dry_run(c.PauseContact(), actor=OLGA, command_id=ID)
        await world.ctx.execute(c.PauseContact(), actor=OLGA, command_id=ID)

        assert world.state.contact.paused
        gate.set()
        await first
        assert [e.command for e in world.happened(CommandCompleted)] == ["AddDoNotContact"], (
            "the id is still the first's"
        )


async def test_a_stop_by_somebody_else_or_for_another_reason_is_one_of_its_own_and_a_retry_is_none() -> None:
    async with World(FakeTransport) as world:
        handled(world)
        for actor, reason in ((ANNA, "spam"), (ANNA, "spam"), (OLGA, "spam"), (ANNA, "fire")):
            await world.ctx.execute(c.PauseContact(reason=reason), actor=actor, command_id=ID)

        assert [event.reason for event in world.happened(ContactPaused)] == ["spam", "spam", "fire"]


async def test_a_record_from_before_there_were_digests_is_compared_by_its_kind() -> None:
    async with World(FakeTransport) as world:
        handled(world)
        await world.ctx.execute(WORD, actor=ANNA, command_id=ID)
        past = past_without_digests(history(world))
    async with World(replay(past), FakeTransport, clock=world.clock) as again:
        handled(again)
        await again.ctx.execute(c.AddStopWord(word="basta"), actor=OLGA, command_id=ID)

        assert again.happened(StopWordAdded) == []
        assert await refused(again, c.ResumeContact())


async def test_a_secret_is_compared_by_the_process_and_never_recorded() -> None:
    async with World(FakeTransport) as world:
        handled(world)
        await world.ctx.execute(add_bot(), actor=ANNA, command_id=ID)
        assert await world.ctx.execute(add_bot(), actor=ANNA, command_id=ID) == "bot_9"
        for other in (add_bot(password="hunter3"), add_bot(secret="b3RoZXI="), add_bot(label="second")):
            assert await refused(world, other)
        past = history(world)
    async with World(replay(past), FakeTransport, clock=world.clock) as again:
        handled(again)
        assert await again.ctx.execute(add_bot(), actor=ANNA, command_id=ID) == "bot_9"
        assert await refused(again, add_bot(label="second"))
        assert await refused(again, add_bot(), OLGA)

    recorded = []
    for password in ("hunter2", "hunter3"):
        async with World(FakeTransport) as guess:
            handled(guess)
            await guess.ctx.execute(add_bot(password), actor=ANNA, command_id=ID)
            recorded.append([encode(event) for event in guess.happened(CommandCompleted)])
    assert recorded[0] == recorded[1], "a guess at the password finds nothing to be held against"


def test_a_command_hides_what_its_repr_hides_and_whatever_is_named_like_a_secret() -> None:
    assert c.AddBotFromMaFile.secret_fields == {"ma_file", "proxy_url", "password"}
    assert all(kind.secret_fields <= set(kind.__struct_fields__) for kind in c.COMMANDS.values())
    assert names_secret("refresh_token")
    assert names_secret("sharedSecret")
    assert not names_secret("word")


async def test_a_viewer_is_sent_no_digest() -> None:
    assert CommandCompleted.viewer_sees == State().commands.row_type.viewer_sees == {"digest": ""}
