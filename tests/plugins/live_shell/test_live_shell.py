"""A console that is attached to the running process: what it sees, what it may do, and what it cannot harm."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import stat
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from kernel import commands as c
from kernel.events import ContactPaused, LiveShellClosed, LiveShellOpened, LiveShellRan
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import FakeTransport, World
from plugins.live_shell import LiveShell
from plugins.live_shell.commands import CloseLiveShell, OpenLiveShell


class Pauser(Plugin[PluginConfig]):
    async def start(self) -> None:
        self.ctx.handle(c.PauseContact, self.pause)

    def pause(self, _: c.PauseContact) -> None:
        self.ctx.publish(ContactPaused())


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World(LiveShell, Pauser, FakeTransport) as world:
        yield world


CONSOLE = """
import json
import sys
from jupyter_client.blocking.client import BlockingKernelClient
client = BlockingKernelClient(connection_file=sys.argv[1])
client.load_connection_file()
client.start_channels()
client.wait_for_ready(timeout=30)
printed = []
def hear(message):
    content = message["content"]
    printed.append(content.get("text") or content.get("data", {}).get("text/plain", ""))
def ask(kind):
    client.control_channel.send(client.session.msg(kind, {"restart": False} if kind == "shutdown_request" else {}))
    print(json.dumps([client.get_control_msg(timeout=40)["msg_type"], ""]), flush=True)
def hear_and_interrupt(message):
    hear(message)
    if message["msg_type"] == "stream":
        ask("interrupt_request")
for code in sys.argv[2:]:
    if code.endswith("_request"):
        ask(code)
        continue
    if code.startswith("!"):
        content = client.execute_interactive(code[1:], timeout=40, output_hook=hear_and_interrupt)["content"]
        print(json.dumps([content["status"], content.get("ename", "")]), flush=True)
        continue
    printed.clear()
    content = client.execute_interactive(code, timeout=40, output_hook=hear)["content"]
    print(json.dumps([content["status"], "".join(printed) or content.get("evalue", "")]), flush=True)
client.stop_channels()
"""


async def attach(file: str, *cells: str) -> asyncio.subprocess.Process:
    """A process that runs the cells as `jupyter console --existing FILE` would."""
    arguments = (sys.executable, "-c", CONSOLE, file, *cells)
    return await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)


async def run(file: str, *cells: str) -> list[list[str]]:
    """What each cell is answered with, and what it printed."""
    output, _ = await (await attach(file, *cells)).communicate()
    return [json.loads(line) for line in output.splitlines()]


def mode(path: str | Path) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def files_with(word: bytes, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and word in path.read_bytes()]


def exists(path: str) -> bool:
    return Path(path).exists()


async def test_an_attached_console_reads_the_state_and_gives_commands_in_its_openers_name(world: World) -> None:
    bot_id = world.add_bot()
    stdout, hook, main, environment = sys.stdout, sys.excepthook, sys.modules["__main__"], dict(os.environ)
    file = await world.execute(OpenLiveShell(minutes=10))
    assert mode(file) == 0o600
    answers = await run(
        file,
        "print(list(state.bots))",
        "await ctx.execute(commands.PauseContact())",
        "ctx.call(lambda: ctx.state.seq) > 0",
        "await ctx.execute(commands.ResumeContact())",
    )

    assert answers == [
        ["ok", f"['{bot_id}']\n"],
        ["ok", ""],
        ["ok", "True"],
        ["error", "No running plugin carries out ResumeContact."],
    ]
    assert world.state.contact.paused_by == "operator:anna"
    assert [e.cell for e in world.happened(LiveShellRan)] == [1, 2, 3, 4]
    cells = world.data / "live_shell" / "cells.ndjson"
    assert "state.bots" in cells.read_text()
    assert mode(cells) == 0o600
    await world.execute(CloseLiveShell())

    assert not exists(file)
    assert [e.reason for e in world.happened(LiveShellClosed)] == ["closed"]
    assert (sys.excepthook, sys.modules["__main__"], dict(os.environ)) == (hook, main, environment)
    assert sys.stdout is stdout


# the interrupt may meet a callback of the collector in the thread of the cell (Hypothesis has one), and is sent again
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_cell_in_a_busy_loop_leaves_the_system_running_and_is_interrupted_when_the_time_is_up(
    world: World,
) -> None:
    ran, closed = asyncio.Event(), asyncio.Event()
    world.ctx.subscribe(LiveShellRan, lambda *_: ran.set())
    world.ctx.subscribe(LiveShellClosed, lambda *_: closed.set())
    file = await world.execute(OpenLiveShell(minutes=1))
    busy = await attach(file, "while True: pass")
    await ran.wait()
    await world.execute(c.PauseContact())
    assert world.state.contact.paused
    await world.clock.advance(60_000)
    await closed.wait()

    assert [e.reason for e in world.happened(LiveShellClosed)] == ["expired"]
    with suppress(ProcessLookupError):
        busy.kill()
    await busy.communicate()


async def test_a_cell_that_raises_or_exits_harms_nobody_and_a_second_shell_can_be_opened(world: World) -> None:
    for _ in range(2):
        file = await world.execute(OpenLiveShell())
        answers = await run(file, "1 / 0", "raise SystemExit(3)", "6 * 7")
        assert answers[0] == ["error", "division by zero"]
        assert answers[2] == ["ok", "42"]
        assert (await world.refusal(OpenLiveShell())).code == "alreadyOpen"
        await world.execute(CloseLiveShell())
    assert (await world.refusal(CloseLiveShell())).code == "notOpen"
    assert len(world.happened(LiveShellOpened)) == 2


async def test_an_interrupt_ends_the_cell_alone_and_shutting_a_console_down_leaves_the_shell_open(world: World) -> None:
    file = await world.execute(OpenLiveShell())
    answers = await run(
        file,
        "interrupt_request",  # with no cell under way
        "!import asyncio; print('waits', flush=True); await asyncio.sleep(1000)",
        "!print('computes', flush=True)\nwhile True: pass",
        "shutdown_request",
        "6 * 7",
    )

    assert answers == [
        ["interrupt_reply", ""],
        ["interrupt_reply", ""],
        ["error", "CancelledError"],
        ["interrupt_reply", ""],
        ["error", "KeyboardInterrupt"],
        ["shutdown_reply", ""],
        ["ok", "42"],
    ]
    assert not world.happened(LiveShellClosed)


async def test_a_shell_ends_with_its_plugin(world: World) -> None:
    file = await world.execute(OpenLiveShell())
    await world.execute(c.DisablePlugin(name="live_shell"))

    assert not exists(file)
    assert [e.reason for e in world.happened(LiveShellClosed)] == ["stopped"]


async def test_a_shell_leaves_no_task_that_is_destroyed_while_it_waits(world: World) -> None:
    """Each would be an error in the log as the process ends."""
    await world.ctx.execute(OpenLiveShell(minutes=1), actor="operator:anna")
    await world.ctx.execute(CloseLiveShell(), actor="operator:anna")

    tasks = [one for one in gc.get_objects() if isinstance(one, asyncio.Task)]
    assert [task for task in tasks if not task.done() and "ipykernel" in repr(task)] == []


async def test_what_is_typed_is_in_no_file_of_ipythons(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("HOME", str(tmp_path))
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_config.py").write_text("c.HistoryManager.enabled = True\nc.HistoryManager.db_cache_size = 0\n")
    file = await world.execute(OpenLiveShell())
    answers = await run(file, "a_password = 'Tr0ub4dor'", "a_password")
    await world.execute(CloseLiveShell())

    assert answers[1] == ["ok", "'Tr0ub4dor'"]
    assert files_with(b"Tr0ub4dor", tmp_path / "ipython") == []
    assert files_with(b"Tr0ub4dor", world.data) == [world.data / "live_shell" / "cells.ndjson"]


@pytest.mark.parametrize("moment", ["before", "behind"])
async def test_a_shell_that_is_opened_while_its_plugin_is_switched_off_is_closed(
    moment: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plugins.live_shell.shell import Shell

    loop, reached, goes_on, opened = asyncio.get_running_loop(), asyncio.Event(), threading.Event(), Shell.open

    def slow(shell: Shell) -> None:
        if moment == "behind":
            opened(shell)
        loop.call_soon_threadsafe(reached.set)
        goes_on.wait(20)
        if moment == "before":
            opened(shell)

    monkeypatch.setattr(Shell, "open", slow)
    opening = asyncio.create_task(world.ctx.execute(OpenLiveShell(), actor="operator:anna"))
    await reached.wait()
    disabling = asyncio.create_task(world.ctx.execute(c.DisablePlugin(name="live_shell"), actor="operator:anna"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    goes_on.set()
    await asyncio.gather(opening, disabling, return_exceptions=True)

    assert not exists(str(world.data / "live_shell" / "connection.json"))
    assert not [thread for thread in threading.enumerate() if thread.name == "live shell"]
    assert len(world.happened(LiveShellOpened)) == len(world.happened(LiveShellClosed))


def test_a_shell_is_for_minutes_and_not_for_ever() -> None:
    with pytest.raises(ValueError, match="give 1 to 480"):
        OpenLiveShell(minutes=481)
