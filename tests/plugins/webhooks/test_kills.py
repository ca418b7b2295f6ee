"""Killed between sending and its cursor, it sends again under the same id: nothing is lost."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from random import Random

from kernel.codec import encode
from kernel.following import JournalCursor, read_stretch
from plugins.webhooks.payload import message_of
from tests.histories import history
from tests.plugins.webhooks.receivers import OK, Receiver, receiver

EVENTS = history(Random(3), 200)
LINES = [encode(event) + b"\n" for event in EVENTS]
ROOT = Path(__file__).parents[3]


async def started(folder: Path, journal: Path, server: Receiver) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.plugins.webhooks.sending_process"),
        *(str(folder), str(journal), str(server.port)),
        cwd=ROOT,
    )


async def test_killed_with_messages_on_their_way_it_sends_them_again_under_the_same_id(tmp_path: Path) -> None:
    journal = tmp_path / "events.ndjson"
    journal.write_bytes(b"".join(LINES))
    async with receiver() as server, asyncio.timeout(60):
        killed = await started(tmp_path, journal, server)

        async def kill(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            killed.kill()

        server.answers = [*[OK] * 9, kill]
        assert await killed.wait() == -9
        process = await started(tmp_path, journal, server)
        assert await process.wait() == 0

    wanted = read_stretch(
        lambda seq: iter(LINES[seq:]), JournalCursor(0), lambda kind: kind.startswith(("task.", "bot.")), most=999
    ).lines
    messages = {m.id: m.body for m in (message_of("crm", line, words=False) for line in wanted) if m is not None}
    got = {one.id: one.body for one in server.got}
    assert got == messages and len(messages) == len(wanted) > 20
    assert len(server.got) > len(got), "some came twice, each under its one id"
