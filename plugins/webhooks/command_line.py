"""`switchboard webhooks`: the secrets of endpoints are made here, and shown once."""

from __future__ import annotations

import argparse
import sys
from typing import Any, Final

from kernel.arguments import path
from kernel.clock import HOUR
from kernel.kept_secrets import SecretUnreadable
from kernel.machine_clock import SystemClock
from plugins.webhooks.secrets_file import SecretsFile

FOLDER: Final = "webhooks"


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `webhooks`."""
    webhooks = subcommands.add_parser("webhooks", help="the secrets that messages to other systems are signed with")
    actions = webhooks.add_subparsers(title="actions", required=True, metavar="ACTION")
    secret = actions.add_parser(
        "secret",
        help="make an endpoint's secret, or the next one",
        description="Make a new secret for an endpoint of [webhooks] and print it: it is shown this once. Where there"
        " was one, messages bear a signature by each until the old one has run out. A running system takes it at once.",
    )
    secret.add_argument("--data", type=path, required=True, metavar="DIR", help="the data folder of `switchboard run`")
    secret.add_argument(
        "--keep-hours", type=_hours, default=24, metavar="N", help="how long the old one holds on; 0: not at all (24)"
    )
    secret.add_argument("endpoint", metavar="ENDPOINT", help="its name in the config")
    secret.set_defaults(run=_secret)


def _hours(text: str) -> int:
    if not text.isdigit() or int(text) > 720:
        raise argparse.ArgumentTypeError("give 0 to 720 hours")
    return int(text)


def _secret(options: argparse.Namespace) -> int:
    if not options.data.is_dir():
        sys.stderr.write(f"{options.data} is no data folder\n")
        return 1
    folder = options.data / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        made = SecretsFile(folder).renew(options.endpoint, SystemClock().now(), options.keep_hours * HOUR)
    except (SecretUnreadable, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{made}\n")
    return 0
