"""A person who is forgotten is in no file any more, and left alone all the same."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kernel.clock import HOUR
from kernel.codec import decode_envelope, encode
from kernel.codes import LeftAlone
from kernel.commands import CreateTask, ForgetPlayer
from kernel.events import AuditRecorded, ChatArchived, DoNotContactAdded, PlayerArchived, PlayerForgotten, TaskArchived
from kernel.ids import SteamId64
from kernel.segments import Segments
from kernel.testing import World, idle
from plugins.contact_policy.forgetting import KEY, UNDER_WAY
from plugins.history import History, schema
from plugins.journal import Journal
from plugins.journal.verification import verify
from tests.plugins.history.archives import archived, content, integrity
from tests.plugins.history.remains import PLUGINS, WORDS, Past, traces
from tests.plugins.history.test_command_line import run

TASK: dict[str, Any] = {"item": "x", "price_min": Decimal(1), "price_max": Decimal(1), "currency": "USD"}


async def a_person_who_was_forgotten(world: World) -> tuple[SteamId64, SteamId64, Past]:
    it, player = Past(world), world.player()
    it.bot = next(iter(world.state.bots), None) or world.add_bot()
    it.leave_words(player)
    world.plugin(Journal).rotate()
    it.mention(player)
    pseudonym = await world.execute(ForgetPlayer(player=player))
    return player, pseudonym, it


async def test_a_person_who_is_forgotten_is_in_no_file_and_in_no_row(tmp_path: Path) -> None:
    async with World(*PLUGINS, data=tmp_path) as world:
        it, known = Past(world), world.player()
        it.bot = world.add_bot()
        it.leave_words(known)  # so that their rows are in a snapshot
    async with World(*PLUGINS, data=tmp_path) as world:
        player, pseudonym, it = await a_person_who_was_forgotten(world)
        assert player == known
        seq = world.state.seq

        assert traces(tmp_path, (player, *WORDS)) == {}
        assert (tmp_path / "contact_policy" / KEY).stat().st_mode & 0o777 == 0o600
        assert not (tmp_path / "contact_policy" / UNDER_WAY).exists()
        assert player not in str([table.rows() for table in world.state.tables])
        lines = b"".join(Segments(tmp_path / "journal").lines()).splitlines()
        numbers = [decode_envelope(line).seq for line in lines]
        assert numbers == list(range(1, len(lines) + 1)) and len(lines) >= seq, "line n is still event n"
        assert [finding.text for finding in verify(tmp_path) if finding.is_fault] == []
        integrity(tmp_path / "history" / schema.FILE)
        refused = await world.refusal(CreateTask(**TASK, player=player))
        assert refused.code == "doNotContact" and "forgotten" in str(refused)
        chat = it.chat(player, it.bot)
        assert "forgotten" in str(await world.refusal(it.queue(chat, "hello"), actor="plugin:dialogue", late=True))
        live = encode([table.rows() for table in world.state.tables])
        (told,) = [e.payload for e in world.events if isinstance(e.payload, PlayerForgotten)]
        assert told.pseudonym == pseudonym
    assert live


async def test_the_rewritten_journal_gives_the_same_state_and_the_same_archive(tmp_path: Path) -> None:
    async with World(*PLUGINS, data=tmp_path) as world:
        player, pseudonym, _ = await a_person_who_was_forgotten(world)
        await world.plugin(History).caught_up()
        tables = {table.name: table.rows() for table in world.state.tables if table.name != "plugins"}
        remembered = list(world.state.remembered.items())
        seq = world.state.seq
        found = content(tmp_path / "history" / schema.FILE)
        lines = b"".join(Segments(tmp_path / "journal").lines(0, seq)).splitlines()
    again = archived(tmp_path, [decode_envelope(line) for line in lines])
    assert content(again) == found
    for path in (tmp_path / "journal").glob("snapshot-*"):
        path.unlink()

    async with World(*PLUGINS, data=tmp_path) as world:
        folded = {table.name: table.rows() for table in world.state.tables if table.name != "plugins"}
        assert folded == tables
        assert list(world.state.remembered.items()) == remembered
        assert world.state.left_alone(pseudonym) == "operator"
        assert traces(tmp_path, (player, *WORDS)) == {}


async def test_at_the_command_line_while_nothing_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with World(*PLUGINS, data=tmp_path) as world:
        it = Past(world)
        it.bot = world.add_bot()
        player = world.player()
        it.leave_words(player)
        it.mention(player)
        await world.plugin(History).caught_up()

    assert await asyncio.to_thread(run, "forget", player, "--data", str(tmp_path)) == 0
    assert "Add --yes to do it" in capsys.readouterr().out and traces(tmp_path, (player,))
    assert await asyncio.to_thread(run, "forget", "7656", "--data", str(tmp_path)) == 1
    assert await asyncio.to_thread(run, "forget", player, "--data", str(tmp_path), "--yes") == 0

    assert "Not reached: backups" in capsys.readouterr().out
    assert traces(tmp_path, (player, *WORDS)) == {}
    assert [finding.text for finding in verify(tmp_path) if finding.is_fault] == []
    async with World(*PLUGINS, data=tmp_path) as world:
        while (tmp_path / "contact_policy" / UNDER_WAY).exists():
            await idle()
        (audited,) = world.happened(AuditRecorded)
        assert audited.action == "ForgetPlayer" and audited.subject != player
        assert (await world.refusal(CreateTask(**TASK, player=player))).code == "doNotContact"
        assert traces(tmp_path, (player, *WORDS)) == {}


async def test_a_folder_in_use_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with World(*PLUGINS, data=tmp_path) as world:
        assert await asyncio.to_thread(run, "forget", world.player(), "--data", str(tmp_path), "--yes") == 1
    assert "is in use by another Switchboard" in capsys.readouterr().err
    assert not (tmp_path / "contact_policy" / UNDER_WAY).exists(), "and nothing is begun at the next start"


async def test_who_was_not_met_for_so_long_is_forgotten_unasked_and_may_be_met_again(tmp_path: Path) -> None:
    config = {"contact_policy": {"forget_after_days": 1}}
    async with World(*PLUGINS, data=tmp_path, config=config) as world:
        it = Past(world)
        it.bot = world.add_bot()
        gone, refused, here = world.player(), world.player(), world.player()
        for player in (gone, refused):
            task_id, chat_id = it.deal(player, it.bot)
            it.hear(chat_id, "zugspitze")
            it.close(chat_id)
            it.end_task(task_id)
            world.ctx.publish(ChatArchived(chat_ids=(chat_id,)))
            world.ctx.publish(TaskArchived(task_ids=(task_id,)))
        world.ctx.publish(DoNotContactAdded(player=refused, reason=LeftAlone.SAID_STOP))
        world.ctx.publish(PlayerArchived(players=(refused,)))
        await world.clock.advance(11 * HOUR)
        assert traces(tmp_path, ("zugspitze",))
        it.hear(it.chat(here, it.bot), "quartzite")

        await world.clock.advance(2 * HOUR)  # it is the next day
        while traces(tmp_path, ("zugspitze", gone, refused)):
            await idle()

        assert traces(tmp_path, ("quartzite",)), "what is in the live state stays"
        assert len(world.happened(PlayerForgotten)) == 2
        await world.execute(CreateTask(**TASK, player=gone))
        assert (await world.refusal(CreateTask(**TASK, player=refused))).code == "doNotContact"
