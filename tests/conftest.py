"""What holds for every test."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# No deadline: a machine that is busy is no failure. Where nobody is there to look into a new find, the same examples
# are drawn every time; on a developer's machine others are, so that finds go on being made.
settings.register_profile("switchboard", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("switchboard")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that take long begin first, so that no worker is left alone with them at the end.

    What shares the day of the demonstration is run by one worker, which plays that day once (`--dist loadgroup`).
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items:
        if "day" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("day"))
