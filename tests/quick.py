"""`make quick`: the tests that are nearest to what was changed, by the graph of imports, for at most a minute.

Nearest are the tests in the folder of a changed plugin and those that import a changed module themselves; then those
that import a module that imports it. What the time does not reach is skipped and left to `make test`, and so are the
tests marked slow. Run with `-p tests.quick`, it is also the plugin of pytest that holds the time.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import grimp
import pytest

ROOT: Final = Path(__file__).parents[1]
OURS: Final = ("kernel", "plugins", "switchboard", "ops", "tests")
SECONDS: Final = 35
"""From the first test on; ruff, mypy, the walls and the graph of imports come before, and take some seconds each."""


def main() -> int:
    changed = changes()
    if not changed:
        print("Nothing is changed against main.")
        return 0
    status = 0
    python = [path for path in changed if path.endswith(".py")]
    if python:
        there = [path for path in python if (ROOT / path).exists()]
        status |= (
            _ran("ruff", "check", *there)
            | _ran("ruff", "format", "--check", *there)
            | _ran("lint-imports", "--no-logo")
        )
        status |= _ran("mypy")
        tests = nearest([module for path in python if (module := named(path))])
        if tests:
            files = [f"{test.replace('.', '/')}.py" for test in tests]
            print(f"{len(files)} files of tests reach what was changed; the nearest come first.")
            status |= _ran(sys.executable, "-m", "pytest", "-n", "auto", "-m", "not slow", "-p", "tests.quick", *files)
    if any(path.startswith("webui/") for path in changed):
        status |= _ran("npx", "--no-install", "tsc", "--noEmit", folder="webui")
        status |= _ran("npx", "--no-install", "vitest", "run", "--changed", base(), "--passWithNoTests", folder="webui")
    return min(status, 1)


def base() -> str:
    """Where this branch left main."""
    return _git("merge-base", "HEAD", "main")[0] if _git("branch", "--list", "main") else "HEAD"


def changes() -> list[str]:
    """The files that differ from there, those that git does not know yet among them."""
    return sorted({*_git("diff", "--name-only", base()), *_git("ls-files", "--others", "--exclude-standard")})


def named(path: str) -> str:
    """What the module of a file is imported as; nothing for a file of none of our packages."""
    parts = Path(path.removeprefix("notebooks/")).with_suffix("").parts
    if parts[0] not in OURS:
        return ""
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def nearest(changed: Collection[str]) -> list[str]:
    """The modules of tests that import what was changed, those with the shortest way first."""
    graph = grimp.build_graph(*OURS, cache_dir=None)
    return ordered(changed, {module: graph.find_modules_that_directly_import(module) for module in graph.modules})


def ordered(changed: Collection[str], importers: Mapping[str, Iterable[str]]) -> list[str]:
    """The same, of a graph that is there: each module's importers."""
    beside = tuple(f"tests.{'.'.join(module.split('.')[:2])}." for module in changed if module.startswith("plugins."))
    distance = {module: 0 for module in importers if module in changed or module.startswith(beside)}
    edge = list(distance)
    while edge:
        edge = sorted({importer for module in edge for importer in importers[module]} - distance.keys())
        distance |= dict.fromkeys(edge, max(distance.values()) + 1)
    tests = [module for module in distance if module.rpartition(".")[2].startswith("test_")]
    return sorted(tests, key=lambda module: (distance[module], module))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if time.monotonic() - _began(item.config) > SECONDS:
        pytest.skip("the minute is over: left to `make test`")


@cache
def _began(_: pytest.Config) -> float:
    """When the first test of this process did."""
    return time.monotonic()


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


def _ran(*command: str, folder: str = "") -> int:
    return subprocess.run(command, cwd=ROOT / folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
