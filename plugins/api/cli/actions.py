"""Shared by the subcommands: an action on the plugin's data folder, its exit status and its entry in the audit."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kernel.arguments import path
from kernel.errors import CommandError
from kernel.machine_clock import SystemClock
from plugins.api.auth import shell_audit, tokens
from plugins.api.auth.actions import Action
from plugins.api.errors import ApiError

FOLDER: Final = "api"
"""The plugin's folder within the data folder, as `ctx.data_dir` names it."""
Changed = tuple[Action, str] | None
"""What was done, and to whom; None where nothing was changed."""
Run = Callable[[argparse.Namespace, Path], Changed]
"""Takes the options and the plugin's folder."""


def action(
    actions: argparse._SubParsersAction[Any], verb: str, run: Run, text: str, *, makes: bool = False
) -> argparse.ArgumentParser:
    """One action of a subcommand. Its exit status is 1 when it fails, with a sentence.

    `makes`: it begins a data folder where there is none; for all others that is a mistyped one.
    """
    parser: argparse.ArgumentParser = actions.add_parser(verb, help=text, description=text)
    parser.add_argument("--data", type=path, required=True, metavar="DIR", help="the data folder of `switchboard run`")
    parser.set_defaults(run=lambda options: _run(run, options), makes=makes)
    return parser


def _run(run: Run, options: argparse.Namespace) -> int:
    folder = options.data / FOLDER
    if not (options.makes or options.data.is_dir()):
        remark(f"switchboard: there is no data folder {options.data}; check --data")
        return 1
    try:
        changed = run(options, folder)
        if changed is not None:
            shell_audit.note(folder, *changed, SystemClock().now())
    except (ApiError, CommandError, OSError) as error:
        remark(f"switchboard: {error}")
        return 1
    return 0


def make(folder: Path) -> None:
    """Create the plugin's folder within the data folder, mode 0700."""
    for one in (folder.parent, folder):
        one.mkdir(mode=0o700, parents=True, exist_ok=True)


def running_at(folder: Path) -> str | None:
    """The URL of the server that runs on this folder, if one does."""
    address = folder / "address"
    return (address.read_text("utf-8").strip() or None) if address.exists() else None


def name(text: str) -> str:
    """The argparse type of a name."""
    if not tokens.is_name(text):
        raise argparse.ArgumentTypeError("give 1 to 32 letters, digits, dots, dashes or underscores, no mark first")
    return text


def moment(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts / 1_000, UTC):%Y-%m-%d %H:%M} UTC"


def remark(text: str) -> None:
    """Write a line to stderr, beside what a script reads from stdout."""
    sys.stderr.write(f"{text}\n")
