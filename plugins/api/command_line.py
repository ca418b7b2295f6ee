"""`switchboard token`: make, list and revoke the tokens of a data folder, whether the system runs or not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kernel.clock import DAY, SystemClock
from kernel.roles import Role
from plugins.api import tokens
from plugins.api.errors import ApiError
from plugins.api.tokens import Kind

FOLDER: Final = "api"
"""The plugin's folder within the data folder, as `ctx.data_dir` names it."""


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `token` with its three actions."""
    parser = subcommands.add_parser("token", help="make, list and revoke tokens for the API")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    create = _action(actions, "create", _create, "print a new token, once")
    create.add_argument("name", type=_name, metavar="NAME", help="who acts with it: `operator:NAME` in every event")
    create.add_argument("--kind", type=Kind, choices=list(Kind), default=Kind.OPERATOR, help="default: operator")
    create.add_argument("--role", type=Role, choices=list(Role), default=Role.DEVELOPER, help="default: developer")
    create.add_argument("--days", type=_days, metavar="N", help="how long it is good; left out, until it is revoked")
    _action(actions, "list", _list, "say whose tokens there are")
    revoke = _action(actions, "revoke", _revoke, "take a token back; its streams end within seconds")
    revoke.add_argument("name", type=_name, metavar="NAME")


def _action(
    actions: argparse._SubParsersAction[Any], name: str, run: Callable[[argparse.Namespace, Path], None], text: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text, description=text)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the data folder of `switchboard run`")
    parser.set_defaults(run=lambda options: _run(run, options))
    return parser


def _run(action: Callable[[argparse.Namespace, Path], None], options: argparse.Namespace) -> int:
    try:
        action(options, options.data / FOLDER / "tokens.json")
    except (ApiError, OSError) as error:
        _remark(f"switchboard token: {error}")
        return 1
    return 0


def _create(options: argparse.Namespace, path: Path) -> None:
    for folder in (options.data, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = SystemClock().now()
    ends_at = now + options.days * DAY if options.days is not None else None
    token = tokens.create(path, options.name, options.kind, now, role=options.role, ends_at=ends_at)
    sys.stdout.write(f"{token}\n")  # alone there, so that a script can take it
    _remark(f"It is shown once. Whoever holds it acts as {options.kind}:{options.name}, with the role {options.role}.")
    address = path.with_name("address")
    if address.exists():
        _remark(f"Sign in: {address.read_text('utf-8').strip()}/sign-in?token={token}")


def _list(_: argparse.Namespace, path: Path) -> None:
    for token in tokens.read(path):
        end = _moment(token.ends_at) if token.ends_at is not None else "no end"
        who = f"{token.name:<32}  {token.kind:<8}  {token.role:<9}"
        sys.stdout.write(f"{who}  {_moment(token.created_at)}  {end}\n")


def _revoke(options: argparse.Namespace, path: Path) -> None:
    tokens.revoke(path, options.name)
    _remark(f"{options.name} is refused from now on.")


def _name(text: str) -> str:
    if not tokens.is_name(text):
        raise argparse.ArgumentTypeError("give 1 to 32 letters, digits, dots, dashes or underscores, no mark first")
    return text


def _moment(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts / 1_000, UTC):%Y-%m-%d %H:%M} UTC"


def _days(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 3_650):
        raise argparse.ArgumentTypeError("give a number of days from 1 to 3650")
    return int(text)


def _remark(text: str) -> None:
    """Say something to the person, beside what a script would read."""
    sys.stderr.write(f"{text}\n")
