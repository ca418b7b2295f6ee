"""`switchboard secrets`: a new key, and changing the key that seals the bots' secrets."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from rich.console import Console
from rich.progress import Progress

from kernel.arguments import path
from plugins.steam import keys
from plugins.steam.codes import SteamReason
from plugins.steam.errors import SecretsUnreadable
from plugins.steam.keys import KeyFile, KeySource
from plugins.steam.secrets import change_key

SOURCES = "file:PATH, env:NAME or keyring:SERVICE"


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `secrets` with its actions."""
    parser = subcommands.add_parser("secrets", help="the key that seals the bots' secrets")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    new = actions.add_parser("new-key", help="print a new key for an environment variable")
    new.set_defaults(run=lambda options: _print_key())
    change = actions.add_parser(
        "change-key",
        help="seal the secrets with another key; the system must be stopped",
        description="Seal all secrets with another key. An interrupted change is finished by the same command. "
        "The old key stays where it is: destroy it when the system runs with the new one.",
    )
    change.add_argument("--data", type=path, required=True, metavar="DIR", help="the data folder of `switchboard run`")
    change.add_argument(
        "--key", type=_source, metavar="PLACE", help=f"the key so far: {SOURCES} (default: beside them)"
    )
    change.add_argument("--new-key", type=_source, required=True, metavar="PLACE", help=f"the new one: {SOURCES}")
    change.set_defaults(run=_change)


def _print_key() -> int:
    sys.stdout.write(f"{keys.text(os.urandom(keys.SIZE))}\n")
    return 0


def _change(options: argparse.Namespace) -> int:
    folder = options.data / "steam" / "secrets"
    old: KeySource = options.key or KeyFile(folder / "key")
    try:
        if not folder.is_dir():
            raise SecretsUnreadable(SteamReason.SECRETS_NONE, f"there are no secrets in {folder}; check --data")
        with Progress(console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task("secrets")
            count = change_key(folder, old, options.new_key, lambda done: progress.update(bar, completed=done))
    except (SecretsUnreadable, OSError) as error:
        sys.stderr.write(f"switchboard secrets: {error}\n")
        return 1
    sys.stderr.write(f"{count} secrets are sealed with the key in {options.new_key}; set `key` of [steam] to it.\n")
    return 0


def _source(text: str) -> KeySource:
    try:
        return keys.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
