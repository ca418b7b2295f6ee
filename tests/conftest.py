"""What holds for every test."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: a machine that is busy is no failure. Where nobody is there to look into a new find, the same examples
# are drawn every time; on a developer's machine others are, so that finds go on being made.
settings.register_profile("switchboard", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("switchboard")
