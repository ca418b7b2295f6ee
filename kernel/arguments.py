"""What arguments of the command line may be, for the kernel's subcommands and the plugins'."""

from __future__ import annotations

import argparse
from pathlib import Path


def path(text: str) -> Path:
    """A path that was given. An empty one, mostly a variable that is not set, would be the folder that one is in."""
    if not text.strip():
        raise argparse.ArgumentTypeError("give a path; it is empty (write . for the folder that you are in)")
    return Path(text)
