"""`python -m tests.environments newer|floors`: a named part of the tests in environments of their own.

`newer` takes every Python above ours that is found, on the path or where pyenv keeps them; `floors` takes the oldest
releases that pyproject.toml says will do.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
UV: Final = Path(sys.executable).with_name("uv")
PART: Final = (
    "tests/kernel",
    "tests/plugins/dialogue",
    "tests/plugins/journal",
    "tests/plugins/live_shell",
    "tests/plugins/metrics",
    "tests/plugins/steam_protocol",
)
"""What leans on the language and on libraries the most, in less than a minute on two cores."""
NEWEST: Final = 20
OLD_TOOLS: Final = ("-W", "ignore::pytest.PytestUnraisableExceptionWarning")
"""The oldest pytest-asyncio leaves its event loop to the garbage collector, in whichever test that comes."""


def main(wanted: str) -> int:
    if wanted == "floors":
        return _tested(Path(sys.executable), ROOT / ".venv-floors", "requirements-floors.lock", OLD_TOOLS)
    found = newer()
    if not found:
        print(f"There is no Python newer than {sys.version.split()[0]} here, so the tests ran on that one alone.")
    return max(
        (_tested(python, ROOT / f".venv-{name}", "requirements-dev.lock") for name, python in found.items()), default=0
    )


def newer() -> dict[str, Path]:
    """The newest release of each version above ours, by its name, such as `3.13`."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found: dict[str, Path] = {}
    for minor in range(sys.version_info.minor + 1, NEWEST):
        name = f"3.{minor}"
        kept = sorted(pyenv.glob(f"{name}.*/bin/python"), key=lambda path: _number(path.parents[1].name))
        candidates: list[str | Path] = [f"python{name}", *reversed(kept)]
        for python in candidates:
            where = _told(python, "import sys; print(sys.executable)")  # a shim of pyenv's may stand for nothing
            if where and name not in found:
                found[name] = Path(where)
    return found


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _told(python: str | Path, code: str) -> str:
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _tested(python: Path, folder: Path, lock: str, options: tuple[str, ...] = ()) -> int:
    made = folder / "bin" / "python"
    print(
        f"Tests with {lock} on Python {_told(python, 'import platform; print(platform.python_version())')}.", flush=True
    )
    install: list[str | Path] = [UV, "pip", "install", "--quiet", "--python", made]
    commands: list[list[str | Path]] = [
        [UV, "venv", "--quiet", "--clear", "--python", python, folder],
        [*install, "--require-hashes", "--only-binary", ":all:", "-r", "requirements-build.lock"],
        [*install, "--require-hashes", "--no-build-isolation", "-r", lock],
        [*install, "--no-deps", "--no-build-isolation", "-e", "notebooks", "-e", "."],
    ]
    for command in commands:
        subprocess.run(command, cwd=ROOT, check=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["PATH"] = f"{made.parent}{os.pathsep}{environment['PATH']}"
    tests: list[str | Path] = [made, "-m", "pytest", "-n", "auto", "-m", "not slow", "-p", "no:cacheprovider", *options]
    tests += PART
    return subprocess.run(tests, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
