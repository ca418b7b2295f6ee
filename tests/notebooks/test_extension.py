"""`%load_ext switchboard`: a kernel in which `sb` is there already, or as soon as the system is."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from tests.notebooks.site import desk

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def shell() -> Iterator[Any]:
    make: Any = InteractiveShell  # which is not typed
    shell = make(config=Config({"HistoryManager": {"enabled": False}}))
    yield shell
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)


async def test_the_first_cell_has_sb_in_the_name_of_the_environments_token(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk() as site:
        monkeypatch.setenv("SWITCHBOARD_URL", site.url)
        monkeypatch.setenv("SWITCHBOARD_TOKEN", site.token)
        await asyncio.to_thread(shell.run_line_magic, "load_ext", "switchboard")
        assert shell.user_ns["sb"].actor == "notebook:ben"
        await shell.user_ns["sb"].close()


async def test_a_cell_says_why_there_is_no_sb_and_the_next_one_has_it_once_the_system_is_up(
    shell: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SWITCHBOARD_URL", NOBODY)
    monkeypatch.setenv("SWITCHBOARD_TOKEN", "swb_no_such_token")
    await asyncio.to_thread(shell.run_line_magic, "load_ext", "switchboard")
    assert capsys.readouterr().err == ""
    await asyncio.to_thread(shell.run_cell, "1 + 1")
    said = capsys.readouterr().err
    assert NOBODY in said
    assert "swb_no_such_token" not in said

    async with desk() as site:
        monkeypatch.setenv("SWITCHBOARD_URL", site.url)
        monkeypatch.setenv("SWITCHBOARD_TOKEN", site.token)
        await asyncio.to_thread(shell.run_cell, "bots = len(sb.bots)")
        assert shell.user_ns["bots"] == 0
        await asyncio.to_thread(shell.run_cell, "2 + 2")
        assert "not connected" not in capsys.readouterr().err
        await shell.user_ns["sb"].close()


async def test_a_name_that_is_taken_stays_what_it_is(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHBOARD_URL", NOBODY)
    shell.push({"sb": "mine"})
    await asyncio.to_thread(shell.run_line_magic, "load_ext", "switchboard")
    assert shell.user_ns["sb"] == "mine"
