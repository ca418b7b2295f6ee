"""What is installed is ours, whatever stands in the working folder; `make wheel-test` looks at all the rest."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
FOREIGN = "raise SystemExit('somebody else\\'s package was imported')\n"


def declared(folder: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    return project


def test_the_program_depends_on_the_client_of_its_own_version_and_asks_of_what_both_need_the_same() -> None:
    ours, client = declared(PROJECT), declared(PROJECT / "notebooks")
    needs = {need.split(">=")[0]: need for need in ours["dependencies"]}

    assert ours["version"] == client["version"]
    assert f"{client['name']}=={client['version']}" in ours["dependencies"]
    assert all(needs.get(need.split(">=")[0], need) == need for need in client["dependencies"])
    extras = ours["optional-dependencies"]
    assert all(extras[name] == wanted for name, wanted in client["optional-dependencies"].items())


def test_every_package_that_is_installed_says_that_it_has_types() -> None:
    for package in ("kernel", "plugins", "notebooks/switchboard"):
        assert (PROJECT / package / "py.typed").exists(), package


@pytest.mark.parametrize("start", [["switchboard"], ["python", "-P", "-m", "kernel"]], ids=["program", "module"])
def test_packages_in_the_working_folder_are_not_taken_for_ours(tmp_path: Path, start: list[str]) -> None:
    for package in ("kernel", "plugins", "switchboard", "msgspec"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(FOREIGN)
    command = [str(Path(sys.executable).with_name(start[0])), *start[1:]]
    done = subprocess.run([*command, "check", "--config", str(PROJECT / "switchboard.toml")], cwd=tmp_path, check=False)

    assert done.returncode == 0


def test_a_folder_plugins_is_not_taken_for_ours_by_python_m_either(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "__init__.py").write_text(FOREIGN)
    command = [sys.executable, "-m", "kernel", "check", "--config", str(PROJECT / "switchboard.toml")]
    done = subprocess.run(command, cwd=tmp_path, check=False)

    assert done.returncode == 0


def test_our_own_child_processes_leave_the_working_folder_out() -> None:
    for path in [path for root in ("kernel", "plugins", "notebooks") for path in (PROJECT / root).rglob("*.py")]:
        text = path.read_text("utf-8")
        assert 'sys.executable, "-m"' not in text, f"{path}: start it with -P"


def test_an_installation_for_development_copies_nothing(tmp_path: Path) -> None:
    for project in (PROJECT, PROJECT / "notebooks"):
        code = f"import hatchling.build as b; print(b.build_editable({str(tmp_path)!r}))"
        subprocess.run([sys.executable, "-P", "-c", code], cwd=project, check=True, capture_output=True)
    names = [name for wheel in tmp_path.glob("*.whl") for name in zipfile.ZipFile(wheel).namelist()]

    assert len(list(tmp_path.glob("*.whl"))) == 2
    assert not [name for name in names if name.endswith(".py")], "a copy would be run in place of what is edited"
