"""What `make quick` takes for near, what every target starts Python with, and which other Pythons are found."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.environments import newer
from tests.quick import ROOT, named, nearest, ordered


def test_the_tests_of_a_changed_plugin_and_those_that_import_a_changed_module_come_first() -> None:
    importers: dict[str, list[str]] = {
        "kernel.clock": ["tests.kernel.test_clock", "plugins.fleet.plugin"],
        "plugins.fleet.plugin": ["tests.whole.test_found"],
        "tests.kernel.test_clock": [],
        "tests.plugins.fleet.test_rotation": [],
        "tests.plugins.tasks.test_tasks": [],
        "tests.whole.test_found": [],
    }

    assert ordered(["kernel.clock"], importers) == ["tests.kernel.test_clock", "tests.whole.test_found"]
    assert ordered(["plugins.fleet.plugin"], importers) == [
        "tests.plugins.fleet.test_rotation",
        "tests.whole.test_found",
    ]
    assert ordered(["tests.plugins.tasks.test_tasks"], importers) == ["tests.plugins.tasks.test_tasks"]


def test_this_test_is_nearest_to_what_it_tests() -> None:
    assert __name__ in nearest(["tests.quick"])


def test_a_file_is_named_as_it_is_imported() -> None:
    assert named("notebooks/switchboard/mirror.py") == "switchboard.mirror"
    assert named("kernel/__init__.py") == "kernel"
    assert named("webui/tools/draw.py") == ""


def test_only_the_newest_release_of_a_newer_python_that_runs_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version, text in (
        ("3.18.2", "echo /old"), ("3.18.11", "echo /new"), ("3.19.0", "exit 127"), ("3.9.1", "echo /older"),
    ):  # fmt: skip
        python = tmp_path / "versions" / version / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f"#!/bin/sh\n{text}\n")
        python.chmod(0o755)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))

    found = newer()

    assert found["3.18"] == Path("/new")
    assert "3.19" not in found and "3.9" not in found


def test_what_make_starts_keeps_its_bytecode_even_where_the_environment_forbids_it() -> None:
    """Half of what a start costs in a new clone is compilation, and the tests start hundreds of processes."""
    probe = ["make", "--no-print-directory", "--eval", "probe: ; @env", "probe"]

    told = subprocess.run(
        probe, cwd=ROOT, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, text=True, check=True
    ).stdout

    assert "PATH=" in told and "PYTHONDONTWRITEBYTECODE" not in told
