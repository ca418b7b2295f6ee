"""Every byte that an installation runs has a hash in a lock file, build backends among them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
WRITTEN = ["Makefile", "ops/Dockerfile"]
INSTALLS = re.compile(r"(?:pip|uv)['\"]? (?:pip )?(?:install|wheel)\b[^&|`\n#]*")


def pinned(lock: Path) -> dict[str, str]:
    """What a lock file names, and the text of each."""
    entries = re.split(r"^(?=[a-z0-9])", lock.read_text("utf-8"), flags=re.MULTILINE)
    return {re.split(r"[=\[]", entry, maxsplit=1)[0]: entry for entry in entries if re.match(r"[a-z0-9]", entry)}


def commands(path: str) -> list[str]:
    text = (ROOT / path).read_text("utf-8").replace("\\\n", " ")
    return [found[0] for found in INSTALLS.finditer(text)]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_and_hashes_all_that_it_names_and_tells_no_address(lock: Path) -> None:
    entries = pinned(lock)

    assert len(entries) > 5
    for name, entry in entries.items():
        assert re.match(r"\S+==\S+", entry), name
        assert "--hash=sha256:" in entry, name
    assert "://" not in lock.read_text("utf-8")


def test_what_builds_wheels_is_locked_ours_and_the_one_of_steam() -> None:
    locked = pinned(ROOT / "requirements-build.lock").keys()
    wanted = {"setuptools", "editables"}  # steam names no backend, so that it is setuptools; `-e` needs editables
    for project in [*ROOT.glob("pyproject.toml"), *ROOT.glob("notebooks/pyproject.toml")]:
        wanted |= {
            re.split(r"[^\w-]", need)[0] for need in tomllib.loads(project.read_text())["build-system"]["requires"]
        }

    assert wanted <= locked


@pytest.mark.parametrize("path", WRITTEN)
def test_no_command_that_installs_fetches_a_build_backend_or_what_has_no_hash(path: str) -> None:
    """`--only-binary :all:` builds nothing, `--no-build-isolation` with what is there; `--no-deps` fetches nothing."""
    assert commands(path)
    for command in commands(path):
        assert "--require-hashes" in command or "--no-deps" in command, command
        assert any(word in command for word in ("--only-binary :all:", "--no-build-isolation", ".whl")), command
