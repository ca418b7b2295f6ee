"""The TypeScript contract says what the kernel says."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.commands import COMMANDS
from kernel.events import KINDS
from webui.contract import __main__ as contract
from webui.contract.modules import modules
from webui.contract.typescript import Untranslatable, type_of


def test_the_generated_files_are_those_that_the_kernel_gives_today() -> None:
    assert contract.stale() == []


def test_a_file_that_was_changed_by_hand_or_is_no_longer_generated_is_stale(tmp_path: Path) -> None:
    contract.write(tmp_path)
    assert contract.stale(tmp_path) == []

    (tmp_path / "ids.ts").write_text("export type BotId = number\n")
    (tmp_path / "old.ts").write_text("")

    said = "\n".join(contract.stale(tmp_path))
    assert "-export type BotId = number" in said
    assert "old.ts: is not generated any more" in said


def test_every_event_and_every_public_command_is_in_it_and_no_other_command() -> None:
    events, commands = modules()["events"], modules()["commands"]
    for kind in KINDS:
        assert f'  readonly "{kind}": ' in events
    for kind, command in COMMANDS.items():
        assert (f"export interface {kind} " in commands or f"export type {kind} " in commands) is command.public


def test_a_type_without_a_counterpart_stops_the_generator() -> None:
    with pytest.raises(Untranslatable):
        type_of(set[str])
