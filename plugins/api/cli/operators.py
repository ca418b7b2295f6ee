"""`switchboard operator`: the accounts of operators, and who is locked out; over HTTP see `auth/admin.py`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from kernel.errors import NotFound
from kernel.machine_clock import SystemClock
from kernel.roles import Role
from plugins.api.auth import lockouts, operators, passwords
from plugins.api.auth.actions import Action
from plugins.api.auth.operators import OperatorAccount
from plugins.api.cli.actions import Changed, Run, action, make, moment, name, remark, running_at
from plugins.api.codes import ApiRefusal

FILE: Final = "operators.json"
BLOCKS: Final = "blocks.json"


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `operator` with its actions."""
    parser = subcommands.add_parser("operator", help="add, list and change the accounts of operators")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    text = "add a person, and print the one-time link by which they choose a password"
    add = _named(actions, "add", _add, text, makes=True)
    add.add_argument("--role", type=Role, choices=list(Role), required=True, help="what they may")
    add.add_argument("--password-stdin", action="store_true", help="take a password from the first line of the input")
    action(actions, "list", _list, "list the accounts")
    role = _named(actions, "role", _role, "give a person another role; open streams end and begin anew with it")
    role.add_argument("role", type=Role, choices=list(Role))
    _named(actions, "link", _link, "print a new one-time link, for a password that is forgotten")
    password = _named(actions, "password", _password, "set a password; the person is signed out everywhere")
    password.add_argument("--password-stdin", action="store_true", required=True, help="from the input's first line")
    _named(actions, "sign-out", _altering(Action.SIGN_OUT_OPERATOR, operators.sign_out), "sign a person out everywhere")
    _named(actions, "disable", _altering(Action.DISABLE_OPERATOR, operators.disable), "let a person in no more")
    _named(actions, "enable", _altering(Action.ENABLE_OPERATOR, operators.enable), "let a person in again")
    text = "forget the second factor of a person who has lost it; they are signed out everywhere"
    reset = _altering(Action.RESET_SECOND_FACTOR, _reset)
    _named(actions, "reset-second-factor", reset, text)
    _named(actions, "remove", _remove, "forget a person; who is the last admin stays")
    action(actions, "blocks", _blocks, "list lockouts after wrong passwords")
    unblock = action(actions, "unblock", _unblock, "lift the lockout of an account or an address")
    unblock.add_argument("subject", metavar="SUBJECT", help="a name, or an address such as 192.0.2.7")


def _named(
    actions: argparse._SubParsersAction[Any], verb: str, run: Run, text: str, *, makes: bool = False
) -> argparse.ArgumentParser:
    parser = action(actions, verb, run, text, makes=makes)
    parser.add_argument("name", type=name, metavar="NAME", help="who acts as `operator:NAME` in every event")
    return parser


def _add(options: argparse.Namespace, folder: Path) -> Changed:
    make(folder)
    path, now = folder / FILE, SystemClock().now()
    secret = None
    if options.password_stdin:
        operators.add(path, options.name, options.role, now, _given(options.name))
    else:
        secret = operators.admit(path, options.name, options.role, now)
    remark(f"{options.name} has the role {options.role}.")
    if secret is not None:
        _show(secret, options.name, folder)
    return Action.ADD_OPERATOR, options.name


def _link(options: argparse.Namespace, folder: Path) -> Changed:
    _expect(folder, options.name)
    _show(operators.renew_link(folder / FILE, options.name, SystemClock().now()), options.name, folder)
    return Action.INVITE_OPERATOR, options.name


def _show(secret: str, person: str, folder: Path) -> None:
    url = running_at(folder) or "ADDRESS"
    sys.stdout.write(f"{operators.link(url, secret, person)}\n")  # alone there, so that a script can take it
    where = "" if url != "ADDRESS" else " Put the address of the running system in the place of ADDRESS."
    remark(f"It is shown once, and good once, for a day: {person} chooses a password there.{where}")


def _list(_: argparse.Namespace, folder: Path) -> None:
    for one in operators.read(folder / FILE).operators:
        state = ApiRefusal.DISABLED if one.disabled else "no password yet" if one.password is None else "enabled"
        state += ", second factor" if one.second_factor is not None else ""
        sys.stdout.write(f"{one.name:<32}  {one.role:<9}  {moment(one.created_at)}  {state}\n")


def _role(options: argparse.Namespace, folder: Path) -> Changed:
    return _alter(options, folder, Action.SET_ROLE, operators.with_role(options.role))


def _password(options: argparse.Namespace, folder: Path) -> Changed:
    _expect(folder, options.name)
    password = _given(options.name)
    return _alter(options, folder, Action.SET_PASSWORD, lambda one: replace(operators.sign_out(one), password=password))


def _altering(what: Action, how: Callable[[OperatorAccount], OperatorAccount]) -> Run:
    return lambda options, folder: _alter(options, folder, what, how)


def _reset(operator: OperatorAccount) -> OperatorAccount:
    """Raises NotFound where there is nothing to forget: a name may be mistyped."""
    if operator.second_factor is None:
        raise NotFound(ApiRefusal.NO_SECOND_FACTOR, f"{operator.name} has no second factor.")
    return operators.without_second_factor(operator)


def _alter(
    options: argparse.Namespace, folder: Path, what: Action, how: Callable[[OperatorAccount], OperatorAccount]
) -> Changed:
    _expect(folder, options.name)
    operators.alter(folder / FILE, options.name, how)
    return _done(what, options.name)


def _remove(options: argparse.Namespace, folder: Path) -> Changed:
    _expect(folder, options.name)
    operators.remove(folder / FILE, options.name, SystemClock().now())
    return _done(Action.REMOVE_OPERATOR, options.name)


def _done(what: Action, person: str) -> Changed:
    remark("Done; a running system knows it at once, and open streams end within seconds.")
    return what, person


def _expect(folder: Path, person: str) -> None:
    """Raises NotFound before anything is created: the folder may not exist."""
    operators.read(folder / FILE).known(person)


def _given(person: str) -> str:
    """The hash of the password on the input's first line."""
    password = sys.stdin.readline().rstrip("\r\n")
    passwords.check(password, person)
    return passwords.make(password)


def _blocks(_: argparse.Namespace, folder: Path) -> None:
    now = SystemClock().now()
    for block in lockouts.read(folder / BLOCKS):
        if block.until > now:
            sys.stdout.write(f"{block.subject:<48}  {block.guesses:>4} wrong  until {moment(block.until)}\n")


def _unblock(options: argparse.Namespace, folder: Path) -> Changed:
    if not lockouts.lift(folder / BLOCKS, options.subject):
        raise NotFound(ApiRefusal.NOT_BLOCKED, f"{options.subject} is not locked out.")
    remark(f"The lockout of {options.subject} is lifted.")
    return Action.LIFT_BLOCK, options.subject
