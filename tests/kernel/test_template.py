"""A new plugin works as it is made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.__main__ import main


def test_the_tests_of_a_new_plugin_pass_as_they_are_made(tmp_path: Path) -> None:
    assert main(["plugin", "new", "my_agent", "--into", str(tmp_path)]) == 0

    made = tmp_path / "my_agent"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(made), str(Path(__file__).parents[2])))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error"], cwd=made, env=environment, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


@pytest.mark.parametrize("name", ["My_Agent", "1st", "a", "agent-x", "../agent", "a" * 41])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugin", "new", name, "--into", str(tmp_path)]) == 1
    assert "2 to 40 of a-z" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "my_agent").mkdir()

    assert main(["plugin", "new", "my_agent", "--into", str(tmp_path)]) == 1
    assert "is there already" in capsys.readouterr().err
