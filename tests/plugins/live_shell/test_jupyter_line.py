"""`switchboard jupyter` when it cannot begin: it says what to do, and starts nothing."""

from __future__ import annotations

import asyncio
import importlib.util
import io
from pathlib import Path

import pytest

from kernel.__main__ import main
from kernel.roles import Role
from kernel.testing import World
from plugins.api import Api
from plugins.api.auth import tokens
from plugins.api.auth.tokens import Kind

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def no_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nobody who could be asked for a token."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.delenv("SWITCHBOARD_TOKEN", raising=False)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["jupyter", *arguments]) == 1
    return capsys.readouterr().err


def test_without_a_token_it_says_how_to_make_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert "switchboard token create" in said(capsys)


def test_without_jupyterlab_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "jupyterlab" else there(name))
    text = said(capsys)
    assert "jupyterlab" in text
    assert "pip install '.[jupyter]'" in text


def test_where_nobody_answers_it_names_the_address(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWITCHBOARD_TOKEN", "swb_no_such_token")
    text = said(capsys, "--url", NOBODY)
    assert NOBODY in text and "--url" in text
    assert "swb_no_such_token" not in text


async def test_a_token_that_the_system_does_not_know_and_a_folder_that_is_none_are_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with World(Api, config={"api": {"port": 0}}) as world:
        url = (world.data / "api" / "address").read_text().strip()
        monkeypatch.setenv("SWITCHBOARD_TOKEN", "swb_no_such_token")
        assert "does not know this token" in await asyncio.to_thread(said, capsys, "--url", url)
        good = tokens.create(world.data / "api" / "tokens.json", "ben", Kind.NOTEBOOK, 0, role=Role.DEVELOPER)
        monkeypatch.setenv("SWITCHBOARD_TOKEN", good)
        nowhere = str(tmp_path / "nowhere")
        assert nowhere in await asyncio.to_thread(said, capsys, "--url", url, "--folder", nowhere)
