"""An older data folder is brought up step by step; a newer one is refused."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from kernel.errors import PluginFailed
from kernel.testing import World
from plugins.journal import Journal
from plugins.journal.errors import JournalDamaged
from plugins.journal.layout import STEPS, LayoutStep, bring_up

LOG = logging.getLogger("test")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data" / "journal").mkdir(parents=True)
    return tmp_path / "data"


def test_each_step_is_carried_out_once_and_in_order(data: Path) -> None:
    done: list[str] = []
    steps = [LayoutStep("one", lambda _: done.append("one")), LayoutStep("two", lambda _: done.append("two"))]

    bring_up(data / "journal", LOG, steps[:1])
    bring_up(data / "journal", LOG, steps[:1])
    bring_up(data / "journal", LOG, [*steps, LayoutStep("three", lambda _: done.append("three"))])

    assert done == ["one", "two", "three"]
    assert (data / "journal" / "layout").read_text() == "3\n"


def test_a_step_that_fails_is_carried_out_again_at_the_next_start(data: Path) -> None:
    done: list[str] = []
    one, two = LayoutStep("one", lambda _: done.append("one")), LayoutStep("two", lambda _: done.append("two"))

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        bring_up(data / "journal", LOG, [one, LayoutStep("two", full)])
    bring_up(data / "journal", LOG, [one, two])

    assert done == ["one", "two"]


async def test_a_folder_of_a_newer_version_is_refused_with_a_sentence(data: Path) -> None:
    (data / "journal" / "layout").write_text(f"{len(STEPS) + 1}\n")

    with pytest.raises(PluginFailed, match=f"to layout {len(STEPS) + 1}, and this one knows {len(STEPS)}"):
        async with World(Journal, data=data):
            pass


@pytest.mark.parametrize("content", [b"", b"one\n", b"-3\n", b"\xff\xfe"])
def test_a_layout_that_is_no_number_is_not_guessed(data: Path, content: bytes) -> None:
    (data / "journal" / "layout").write_bytes(content)

    with pytest.raises(JournalDamaged, match="holds no number"):
        bring_up(data / "journal", LOG)


def open_to_all(data: Path) -> None:
    for path in (data, *data.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def modes(data: Path) -> list[int]:
    return [path.stat().st_mode for path in (data, *data.rglob("*"))]


async def test_a_folder_from_before_layouts_is_taken_up_and_closed_to_others(data: Path) -> None:
    async with World(Journal, data=data) as world:
        bot = world.add_bot()
        await world.ctx.committed()
    (data / "journal" / "layout").unlink()
    (data / "api").mkdir()
    (data / "api" / "tokens.json").write_text("[]")
    open_to_all(data)

    async with World(Journal, data=data) as world:
        assert bot in world.state.bots

    assert all(mode & 0o077 == 0 for mode in modes(data))
