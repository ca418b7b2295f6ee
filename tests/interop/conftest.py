"""A simulated Steam and, beside it, each independent client in turn.

The clients' processes are started once: by the one worker that has all of these tests (tests/scheduling.py).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kernel.testing import ManualClock
from plugins.steam_sim.certificate import Certificates, PasswordKey
from plugins.steam_sim.options import SimOptions
from tests.interop.clients import MAKES, Make, Users, running, users_of
from tests.plugins.steam_sim.steam import Steam

RUNS = int(os.environ.get("INTEROP_RUNS", "1"))
"""How often everything here is gone through, one whole time after the other."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if RUNS > 1:
        metafunc.fixturenames.append("run")
        metafunc.parametrize("run", range(RUNS), scope="session")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with certificates and a key as each simulated Steam makes its own; here all have the same."""
    folder = tmp_path_factory.mktemp("authority")
    Certificates(folder).server_context()
    PasswordKey(folder / "rsa.pem").prepare()
    return folder


@pytest.fixture(scope="session", params=MAKES, ids=lambda make: make.name)
def make(request: pytest.FixtureRequest) -> Make:
    """`make test` installs both; what is not there is skipped."""
    made: Make = request.param
    if made.command() is None:
        pytest.skip(f"{made.name} is not installed: `make setup` does it, and `make test` by itself")
    return made


@pytest.fixture(scope="session")
def socket(make: Make, authority: Path) -> Iterator[Path]:
    with running(make, Certificates(authority).ca_file) as path:
        yield path


@pytest.fixture
def folder(tmp_path: Path, authority: Path) -> Path:
    return Path(shutil.copytree(authority, tmp_path / "steam"))


@pytest.fixture
async def steam(folder: Path) -> AsyncIterator[Steam]:
    """Three bots, and twenty players, one of each temperament at least."""
    options = SimOptions(folder=folder, bots=3, players=20, seed=7, poll_interval=0.1)
    running = Steam(options, ManualClock())
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def users(steam: Steam, make: Make, socket: Path) -> AsyncIterator[Users]:
    async with users_of(make, socket, steam.ready) as running:
        yield running
