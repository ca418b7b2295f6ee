"""`switchboard token`: create, list and revoke tokens in a data folder, whether the system runs or not."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from kernel.machine_clock import SystemClock
from kernel.roles import Role
from plugins.api.auth import tokens
from plugins.api.auth.actions import Action
from plugins.api.auth.tokens import Kind
from plugins.api.cli.actions import Changed, action, make, moment, name, remark, running_at

FILE: Final = "tokens.json"


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `token` with its actions."""
    parser = subcommands.add_parser("token", help="make, list and revoke tokens for the API")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    create = action(actions, "create", _create, "print a new token, once", makes=True)
    create.add_argument("name", type=name, metavar="NAME", help="who acts with it: `operator:NAME` in every event")
    create.add_argument("--kind", type=Kind, choices=list(Kind), default=Kind.OPERATOR, help="default: operator")
    create.add_argument("--role", type=Role, choices=list(Role), default=Role.DEVELOPER, help="default: developer")
    create.add_argument("--days", type=_days, metavar="N", help="how long it is good; left out, until it is revoked")
    action(actions, "list", _list, "list the tokens")
    revoke = action(actions, "revoke", _revoke, "revoke a token; its streams end within seconds")
    revoke.add_argument("name", type=name, metavar="NAME")


def _create(options: argparse.Namespace, folder: Path) -> Changed:
    make(folder)
    now = SystemClock().now()
    ends_at = tokens.end_of(options.days, now)
    token = tokens.create(folder / FILE, options.name, options.kind, now, role=options.role, ends_at=ends_at)
    sys.stdout.write(f"{token}\n")  # alone there, so that a script can take it
    remark(f"It is shown once. Whoever holds it acts as {options.kind}:{options.name}, with the role {options.role}.")
    if (url := running_at(folder)) is not None:
        remark(f"Sign in: {url}/sign-in?token={token}")
    return Action.CREATE_TOKEN, options.name


def _list(_: argparse.Namespace, folder: Path) -> None:
    for token in tokens.read(folder / FILE):
        end = moment(token.ends_at) if token.ends_at is not None else "no end"
        who = f"{token.name:<32}  {token.kind:<8}  {token.role:<9}"
        sys.stdout.write(f"{who}  {moment(token.created_at)}  {end}\n")


def _revoke(options: argparse.Namespace, folder: Path) -> Changed:
    tokens.revoke(folder / FILE, options.name)
    remark(f"The token {options.name} is revoked.")
    return Action.REVOKE_TOKEN, options.name


def _days(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= tokens.LONGEST_DAYS):
        raise argparse.ArgumentTypeError(f"give a number of days from 1 to {tokens.LONGEST_DAYS}")
    return int(text)
