"""What was acknowledged is there after a kill -9, and after the operating system itself refused to write."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.journal.folders import Folder

PROCESS = Path(__file__).with_name("writing_process.py")


def start(folder: Path, *arguments: int) -> "subprocess.Popen[str]":
    command = [sys.executable, str(PROCESS), str(folder), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_everything_acknowledged_before_a_kill_is_there_time_after_time(tmp_path: Path) -> None:
    acknowledged: dict[int, str] = {}
    for kill_after in (1, 150, 430, 700):
        with start(tmp_path, 1_000_000) as process:
            assert process.stdout is not None
            up = int(process.stdout.readline().removeprefix("up "))
            assert up >= max(acknowledged, default=0), "the process itself did not find what it had acknowledged"
            for _ in range(kill_after):
                seq, task_id = process.stdout.readline().split()
                acknowledged[int(seq)] = task_id
            process.kill()
            for line in process.stdout:  # what it said before it fell
                seq, task_id = line.split()
                acknowledged[int(seq)] = task_id

        state = Folder(tmp_path / "journal").recovered()

        assert state.seq >= max(acknowledged)
        missing = [task_id for task_id in acknowledged.values() if task_id not in state.tasks]
        assert not missing, f"{len(missing)} of {len(acknowledged)} acknowledged events are gone"
    assert len(acknowledged) > 1_000
    assert Folder(tmp_path / "journal").snapshots.found(), "no snapshot was under way when it fell"


@pytest.mark.parametrize("file_size", [1_500, 20_000])
def test_a_write_that_the_system_breaks_off_in_the_middle_is_taken_up_again(tmp_path: Path, file_size: int) -> None:
    with start(tmp_path, 400, file_size) as process:
        printed = process.stdout.read().splitlines() if process.stdout else []
    assert process.returncode == 0
    assert "failed" in printed
    acknowledged = [line.split() for line in printed[1:] if line != "failed"]

    on_disk = Folder(tmp_path / "journal").read()

    assert len(acknowledged) == 400
    assert [envelope.seq for envelope in on_disk] == list(range(1, len(on_disk) + 1))
    created = {envelope.seq: getattr(envelope.payload, "task_id", None) for envelope in on_disk}
    assert [created[int(seq)] for seq, _ in acknowledged] == [task_id for _, task_id in acknowledged]
