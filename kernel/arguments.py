"""What arguments of the command line may be, for the kernel's subcommands and the plugins'."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any, Final

SHELLS: Final = ("bash", "zsh", "tcsh")
URL: Final = "SWITCHBOARD_URL"
DEFAULT_URL: Final = "http://127.0.0.1:8040"
"""Where a system that runs by the shipped config is."""


def path(text: str) -> Path:
    """A path that was given. An empty one, mostly a variable that is not set, would be the folder that one is in."""
    if not text.strip():
        raise argparse.ArgumentTypeError("give a path; it is empty (write . for the folder that you are in)")
    return Path(text)


def add_url(parser: argparse.ArgumentParser) -> None:
    """The option by which a subcommand finds the running system: `--url`, else SWITCHBOARD_URL, else DEFAULT_URL."""
    known = os.environ.get(URL, "").strip() or DEFAULT_URL
    parser.add_argument(
        "--url", default=known, help=f"where the system's API is (default: {URL} of the environment, or {DEFAULT_URL})"
    )


def completion_of(parser: argparse.ArgumentParser, shell: str) -> str:
    """What completes a command line in one of SHELLS: subcommands, options and choices; paths where a path is taken."""
    import shtab  # the program has it; the client, which carries this module too, has no command line

    _complete_paths(parser, {"FILE": shtab.FILE, "DIR": shtab.DIRECTORY})
    text: str = shtab.complete(parser, shell)
    return text


def _complete_paths(parser: argparse.ArgumentParser, kinds: dict[str, Any]) -> None:
    for action in parser._actions:  # argparse has no public way to its own arguments
        if isinstance(action, argparse._SubParsersAction):
            for subparser in action.choices.values():
                _complete_paths(subparser, kinds)
        elif action.type is path:
            kind = kinds["DIR" if action.metavar == "DIR" else "FILE"]
            action.complete = kind  # type: ignore[attr-defined]  # where shtab looks
