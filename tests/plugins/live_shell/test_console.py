"""`switchboard console` in a real terminal: Ctrl-C ends the cell, and neither the shell nor the system."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pexpect
import pytest

from kernel.__main__ import main
from kernel.events import LiveShellClosed
from kernel.testing import FakeTransport, World
from plugins.live_shell import LiveShell
from plugins.live_shell.commands import OpenLiveShell

DEADLINE_S = 60
PROMPT = r"In \[\d+\]: "


def interrupted(data: Path, places: Path, cell: str) -> tuple[str, str]:
    """What the console prints of a cell that Ctrl-C ends, and of the next one."""
    names = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    environment = {**os.environ, **{name: str(places / name) for name in names}, "TERM": "dumb"}
    arguments = ["-m", "kernel", "console", "--data", str(data), "--", "--simple-prompt"]
    terminal = pexpect.spawn(sys.executable, arguments, env=environment, timeout=DEADLINE_S, encoding="utf-8")
    try:
        terminal.expect(PROMPT)
        terminal.sendline(cell)
        terminal.expect("under way now")
        terminal.sendintr()
        terminal.expect(PROMPT)
        first = terminal.before or ""
        terminal.sendline("print('still', 'here')")
        terminal.expect(PROMPT)
        return first, terminal.before or ""
    finally:
        terminal.close(force=True)


@pytest.mark.parametrize(
    ("cell", "ends_with"),
    [
        ("print('under', 'way', 'now', flush=True); [None for _ in iter(int, 1)]", "KeyboardInterrupt"),
        ("import asyncio; print('under', 'way', 'now', flush=True); await asyncio.sleep(1000)", "CancelledError"),
    ],
)
@pytest.mark.timeout(120)
async def test_ctrl_c_in_an_attached_console_ends_the_cell_alone(tmp_path: Path, cell: str, ends_with: str) -> None:
    async with World(LiveShell, FakeTransport) as world:
        await world.execute(OpenLiveShell(minutes=10))
        first, second = await asyncio.to_thread(interrupted, world.data, tmp_path, cell)

        assert ends_with in first
        assert "Cannot interrupt" not in first
        assert "still here" in second
        assert not world.happened(LiveShellClosed)


def test_a_console_without_an_open_shell_says_how_one_is_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["console", "--data", str(tmp_path)]) == 1
    assert "the command OpenLiveShell opens one" in capsys.readouterr().err
