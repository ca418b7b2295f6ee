"""`switchboard operator`: the accounts of people, and who has to wait after wrong guesses."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from kernel.clock import SystemClock
from kernel.errors import Malformed
from kernel.roles import Role
from plugins.api import guesses, operators, passwords
from plugins.api.command_actions import Changed, Run, action, make, moment, name, remark, running_at
from plugins.api.errors import OperatorName
from plugins.api.operators import Operator

FILE: Final = "operators.json"
BLOCKS: Final = "blocks.json"


def add_to(subcommands: argparse._SubParsersAction[Any]) -> None:
    """The command `operator` with its actions."""
    parser = subcommands.add_parser("operator", help="add, list and change the accounts of operators")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    add = _named(actions, "add", _add, "add a person, and print the one-time link by which they choose a password")
    add.add_argument("--role", type=Role, choices=list(Role), required=True, help="what they may")
    add.add_argument("--password-stdin", action="store_true", help="take a password from the first line of the input")
    action(actions, "list", _list, "say who there is")
    role = _named(actions, "role", _role, "give a person another role; open streams end and begin anew with it")
    role.add_argument("role", type=Role, choices=list(Role))
    _named(actions, "link", _link, "print a new one-time link, for a password that is forgotten")
    password = _named(actions, "password", _password, "set a password; the person is signed out everywhere")
    password.add_argument("--password-stdin", action="store_true", required=True, help="from the input's first line")
    _named(actions, "sign-out", _altering("SignOutOperator", operators.sign_out), "sign a person out everywhere")
    _named(
        actions,
        "disable",
        _altering("DisableOperator", lambda one: replace(one, disabled=True)),
        "let a person in no more",
    )
    _named(
        actions,
        "enable",
        _altering("EnableOperator", lambda one: replace(one, disabled=False)),
        "let a person in again",
    )
    action(actions, "blocks", _blocks, "say who has to wait after wrong guesses")
    unblock = action(actions, "unblock", _unblock, "let an account or an address try again at once")
    unblock.add_argument("subject", metavar="SUBJECT", help="a name, or an address such as 192.0.2.7")


def _named(actions: argparse._SubParsersAction[Any], verb: str, run: Run, text: str) -> argparse.ArgumentParser:
    parser = action(actions, verb, run, text)
    parser.add_argument("name", type=name, metavar="NAME", help="who acts as `operator:NAME` in every event")
    return parser


def _add(options: argparse.Namespace, folder: Path) -> Changed:
    make(folder)
    password = _given(options.name) if options.password_stdin else None
    operators.add(folder / FILE, options.name, options.role, SystemClock().now(), password)
    remark(f"{options.name} has the role {options.role}.")
    if password is None:
        _link(options, folder)
    return "AddOperator", options.name


def _link(options: argparse.Namespace, folder: Path) -> Changed:
    operator = _known(options, folder)
    secret = operators.invite(folder / FILE, operator.name, operator.role, SystemClock().now())
    url = running_at(folder) or "ADDRESS"
    sys.stdout.write(f"{operators.link(url, secret, operator.name)}\n")  # alone there, so that a script can take it
    where = "" if url != "ADDRESS" else " Put the address of the running system in the place of ADDRESS."
    remark(f"It is shown once, and good once, for a day: {operator.name} chooses a password there.{where}")
    return "InviteOperator", operator.name


def _list(_: argparse.Namespace, folder: Path) -> None:
    for one in operators.read(folder / FILE).operators:
        state = "disabled" if one.disabled else "no password yet" if one.password is None else "enabled"
        sys.stdout.write(f"{one.name:<32}  {one.role:<9}  {moment(one.created_at)}  {state}\n")


def _role(options: argparse.Namespace, folder: Path) -> Changed:
    return _alter(options, folder, "SetRole", lambda one: replace(one, role=options.role))


def _password(options: argparse.Namespace, folder: Path) -> Changed:
    _known(options, folder)
    password = _given(options.name)
    return _alter(options, folder, "SetPassword", lambda one: replace(operators.sign_out(one), password=password))


def _altering(what: str, how: Callable[[Operator], Operator]) -> Run:
    return lambda options, folder: _alter(options, folder, what, how)


def _alter(options: argparse.Namespace, folder: Path, what: str, how: Callable[[Operator], Operator]) -> Changed:
    _known(options, folder)
    operators.alter(folder / FILE, options.name, how)
    remark("Done; a running system knows it at once, and open streams end within seconds.")
    return what, options.name


def _disabled(operator: Operator) -> Operator:
    return replace(operator, disabled=True)


def _enabled(operator: Operator) -> Operator:
    return replace(operator, disabled=False)


def _known(options: argparse.Namespace, folder: Path) -> Operator:
    roster = operators.read(folder / FILE)
    operator = roster.operator(options.name)
    if operator is None:
        known = ", ".join(one.name for one in roster.operators) or "none"
        raise OperatorName(f"There is no operator {options.name}; there are: {known}.")
    return operator


def _given(person: str) -> str:
    """The hash of the password on the input's first line."""
    password = sys.stdin.readline().rstrip("\r\n")
    try:
        passwords.check(password, person)
    except Malformed as malformed:
        raise OperatorName(malformed.message) from malformed
    return passwords.make(password)


def _blocks(_: argparse.Namespace, folder: Path) -> None:
    now = SystemClock().now()
    for block in guesses.read(folder / BLOCKS):
        if block.until > now:
            sys.stdout.write(f"{block.subject:<48}  {block.guesses:>4} wrong  until {moment(block.until)}\n")


def _unblock(options: argparse.Namespace, folder: Path) -> Changed:
    if not guesses.lift(folder / BLOCKS, options.subject):
        raise OperatorName(f"{options.subject} does not have to wait.")
    remark(f"{options.subject} may try again at once.")
    return "LiftBlock", options.subject
