"""`python -m switchboard.contract`: draws `methods.py`, the typed method of every public command, from the kernel."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, Final, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec

from kernel.commands import COMMANDS, Command

TARGET: Final = Path(__file__).with_name("methods.py")
BUILTINS: Final = frozenset({"str", "bool", "int", "float"})

# how a field is typed in a method, and what is made of the argument; by the name of its type
ARGUMENTS: Final = {
    "BotId": ("str | Bot", "r.id_of({})"),
    "TaskId": ("str | Task", "r.id_of({})"),
    "ChatId": ("str | Chat", "r.id_of({})"),
    "SteamId64": ("str", "{}"),
    "Decimal": ("Decimal | str | int", "r.price({})"),
    "dict[str, object] | str": ("Mapping[str, object] | str | Path", "r.ma_file({})"),
}

HEAD: Final = '''\
"""A typed method for every public command. Drawn from the kernel by `python -m switchboard.contract`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Literal, TypeVar, overload

from kernel import commands as c
{ids}from kernel.rows import Bot, Chat, Task
from switchboard import requests as r
from switchboard.requests import Verdict

R = TypeVar("R")
'''

CLASS: Final = '''

class {name}:
    """{doc}

    Each takes what names a row as its id or as the row itself. With `dry_run` nothing is carried out, and the answer
    is the `Verdict`. A `command_id` makes sure that the same command given twice is carried out once.
    """

    {async_}def _give(
        self, command: type[c.Command[R]], fields: Mapping[str, object], command_id: str | None, dry_run: bool
    ) -> R | Verdict:
        raise NotImplementedError
'''


class Untypable(Exception):
    """A field of a command has a type that no method argument is known for."""


class Argument(NamedTuple):
    """One field of a command as an argument of its method."""

    name: str
    typed: str
    made: str
    optional: bool


def render() -> str:
    """The module, formatted."""
    methods = [command for command in COMMANDS.values() if command.public]
    ids = sorted({result(command) for command in methods} - {"None"})
    text = HEAD.format(ids=f"from kernel.ids import {', '.join(ids)}\n" if ids else "")
    for name, doc, asynchronous in (
        ("Commands", "Every public command, to be awaited.", True),
        ("BlockingCommands", "Every public command, which returns when it is answered.", False),
    ):
        text += CLASS.format(name=name, doc=doc, async_="async " if asynchronous else "")
        text += "".join(method(command, asynchronous) for command in methods)
    return _formatted(text)


def method(command: type[Command[Any]], asynchronous: bool) -> str:
    """The overloads and the method of one command."""
    arguments = [argument(command, field) for field in msgspec.structs.fields(command)]
    typed = "".join(f"{a.name}: {a.typed}{' | None = None' if a.optional else ''}, " for a in arguments)
    define = f"    {'async ' if asynchronous else ''}def {snake(command.__name__)}(self, {typed}*, "
    answer = result(command)
    either = "Verdict | None" if answer == "None" else f"{answer} | Verdict"
    doc = inspect.getdoc(command) or ""
    fields = ", ".join(f'"{a.name}": {a.made}' for a in arguments)
    give = f"self._give(c.{command.__name__}, {{{fields}}}, command_id, dry_run)"
    body = f"{'await ' if asynchronous else ''}{give}"
    lines = "\n".join(f"        {line}".rstrip() for line in doc.splitlines()).strip()
    end = '"""' if "\n" not in lines else '\n        """'
    return f'''
    @overload
{define}command_id: str | None = None, dry_run: Literal[False] = False) -> {answer}: ...
    @overload
{define}command_id: str | None = None, dry_run: Literal[True]) -> Verdict: ...
{define}command_id: str | None = None, dry_run: bool = False) -> {either}:
        """{lines}{end}
        return {body}
'''


def argument(command: type[Command[Any]], field: Any) -> Argument:
    """Raises Untypable."""
    hint = get_type_hints(command)[field.name]
    parts = [part for part in get_args(hint) if part is not type(None)] if _is_union(hint) else [hint]
    name = " | ".join(map(_name, parts))
    optional = field.default is None
    if name in ARGUMENTS:
        typed, made = ARGUMENTS[name]
        made = made.format(field.name)
        if optional and made != field.name:
            made = f"None if {field.name} is None else {made}"
        return Argument(field.name, typed, made, optional)
    if len(parts) == 1:
        name = _base(parts[0]) or name
    if set(re.findall(r"\w+", name)) <= BUILTINS | {"tuple", "dict", "list"}:
        return Argument(field.name, name, field.name, optional)
    raise Untypable(f"{command.__name__}.{field.name}: say in switchboard.contract.ARGUMENTS how {name} is given")


def result(command: type[Command[Any]]) -> str:
    """What the method returns: the id of what the command creates, or None."""
    base = next(base for base in command.__orig_bases__ if get_args(base))  # type: ignore[attr-defined]
    (created,) = get_args(base)
    supertype = getattr(created, "__supertype__", None)
    return str(created.__name__) if supertype is str else "None"


def snake(name: str) -> str:
    """`AddBotFromMaFile` as `add_bot_from_ma_file`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _base(hint: Any) -> str | None:
    """An id without a row of its own, a time, a status: what it is made of."""
    supertype = getattr(hint, "__supertype__", None)
    if supertype is not None:
        return str(supertype.__name__)
    return "str" if isinstance(hint, type) and issubclass(hint, StrEnum) else None


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in {Union, UnionType}


def _name(hint: Any) -> str:
    return str(hint) if get_args(hint) else str(hint.__name__)


def _formatted(text: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff), "format", "--quiet", "--stdin-filename", str(TARGET), "-"]
    fix = [str(ruff), "check", "--quiet", "--fix", "--select", "I,F401", "--stdin-filename", str(TARGET), "-"]
    for step in (fix, command):
        text = subprocess.run(step, input=text, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own formatter
    return text


def main() -> int:
    TARGET.write_text(render(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
