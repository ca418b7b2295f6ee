"""What holds for every test."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from xdist.remote import Producer

    from tests.scheduling import Scheduling

# No deadline: a machine that is busy is no failure. Where nobody is there to look into a new find, the same examples
# are drawn every time; on a developer's machine others are, so that finds go on being made.
settings.register_profile("switchboard", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("switchboard")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that take long begin first, so that no worker is left alone with them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more than there are cores: where a process is started, a file synced or a timeout waited for, one is idle."""
    return (yield) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Of the usual way of distribution alone; `--dist=loadfile` and the like are still xdist's."""
    from tests.scheduling import Scheduling  # which a worker has no use for

    return Scheduling(config, log) if config.getvalue("dist") == "load" else None
