"""`make wheel-test`: both wheels as a stranger has them, in empty environments, with the hashes of the lock files.

What stands in the folder that they are run from, a `kernel`, a `plugins` and a `switchboard` of somebody else's, is
never taken for ours.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx

from tests.e2e.running import Running

ROOT: Final = Path(__file__).parents[1]
BIN: Final = Path(sys.executable).parent
UV: Final = BIN / "uv"
PLATFORMS: Final = ("windows", "macos", "linux")
SERVERS_OWN: Final = ("steam", "litestar", "uvicorn", "uvloop", "websockets", "zstandard", "prometheus-client")
FOREIGN: Final = "raise SystemExit('somebody else\\'s package was imported')\n"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="switchboard-wheels-") as name:
        folder = Path(name)
        checks: list[Callable[[Path], None]] = [
            installs,
            plays_the_demonstration,
            types_and_runs_a_plugin,
            client_alone,
        ]
        for check in [*checks, resolves_everywhere]:
            print(f"{check.__name__.replace('_', ' ')}: ", end="", flush=True)
            check(folder)
            print("good", flush=True)
    return 0


def installs(folder: Path) -> None:
    """Everything but our two wheels is held to a hash."""
    _environment(folder / "env")
    _install(folder / "env", "--require-hashes", "--only-binary", ":all:", "-r", "requirements-build.lock")
    _install(folder / "env", "--require-hashes", "--no-build-isolation", "-r", "requirements.lock")
    _install(folder / "env", "--no-index", "--no-deps", *_wheels("steam_switchboard*"))
    _ran(UV, "pip", "check", "--python", folder / "env" / "bin" / "python")


def plays_the_demonstration(folder: Path) -> None:
    """With the page, and from a folder in which our top-level names are somebody else's."""
    place = folder / "elsewhere"
    for package in ("kernel", "plugins", "switchboard", "httpx"):
        (place / package).mkdir(parents=True)
        (place / package / "__init__.py").write_text(FOREIGN)
    program = folder / "env" / "bin" / "switchboard"
    _ran(program, "check", "--config", ROOT / "switchboard.toml", cwd=place)
    options = ("--bots", "2", "--players", "4", "--until-done")
    demo = Running(folder / "data", *options, program=[str(program)], folder=place)
    try:
        url, _ = demo.address
        with httpx.Client(base_url=url, trust_env=False) as http:
            page = http.get("/").raise_for_status().text
            assets = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css))"', page)
            assert assets, page
            for asset in assets:
                http.get(asset).raise_for_status()
        assert demo.wait(240) == 0, "\n".join(demo.lines[-40:])
    finally:
        demo.end()


def types_and_runs_a_plugin(folder: Path) -> None:
    """A plugin as `plugin new` makes it: mypy --strict finds the types of what is installed, and its tests pass."""
    environment = folder / "env"
    _ran(environment / "bin" / "switchboard", "plugin", "new", "my_agent", "--into", folder)
    made = folder / "my_agent"
    _ran(BIN / "mypy", "--strict", "--python-executable", environment / "bin" / "python", "my_agent", cwd=made)
    _install(environment, "--require-hashes", "--no-build-isolation", "-r", "requirements-dev.lock")
    _install(environment, "--no-deps", "--no-build-isolation", "-e", made)
    _ran(environment / "bin" / "python", "-P", "-m", "pytest", "-q", "-W", "error", cwd=made)
    listed = _ran(environment / "bin" / "switchboard", "plugin", "--help", cwd=made)
    assert listed


def client_alone(folder: Path) -> None:
    """The second wheel brings nothing of the server's, and is enough to import the client."""
    environment = folder / "client"
    _environment(environment)
    _install(environment, "-c", "requirements.lock", *_wheels("steam_switchboard_client-*"))
    python = environment / "bin" / "python"
    _ran(python, "-P", "-c", "import switchboard; switchboard.connect", cwd=folder / "elsewhere")
    listed = {line.partition("==")[0] for line in _ran(UV, "pip", "freeze", "--python", python).splitlines()}
    assert not listed & set(SERVERS_OWN), listed
    assert len(listed) < 20, listed


def resolves_everywhere(_: Path) -> None:
    """The client with its notebooks, from wheels alone, on the systems that developers have."""
    servers_alone = set(SERVERS_OWN) - {"prometheus-client", "websockets"}  # JupyterLab has these two as well
    for platform in PLATFORMS:
        command: list[str | Path] = [
            UV,
            "pip",
            "compile",
            "--quiet",
            "--python-platform",
            platform,
            "--python-version",
            "3.11",
        ]
        resolved = _ran(
            *command, "--only-binary", ":all:", "--extra", "notebook", ROOT / "notebooks" / "pyproject.toml"
        )
        assert "ipykernel==" in resolved, resolved
        for server in servers_alone:
            assert f"\n{server}==" not in resolved, f"{server} on {platform}"


def _environment(folder: Path) -> None:
    _ran(UV, "venv", "--quiet", "--python", sys.executable, folder)


def _install(environment: Path, *arguments: str | Path) -> None:
    _ran(UV, "pip", "install", "--quiet", "--python", environment / "bin" / "python", *arguments)


def _wheels(pattern: str) -> list[Path]:
    found = sorted((ROOT / "dist").glob(f"{pattern}.whl"))
    assert found, "`make wheel` builds them"
    return found


def _ran(*command: str | Path, cwd: Path = ROOT) -> str:
    """What it printed. Raises with that when it fails; a registry that cannot be reached is said to be the reason."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = "the index cannot be reached: " if "error sending request" in done.stderr.lower() else ""
        raise SystemExit(f"{reason}{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
