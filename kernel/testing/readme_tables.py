"""The contract of README.md, drawn from the code: `python -m kernel.testing.readme_tables` writes its tables anew."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import Any, Final, get_type_hints

import msgspec

from kernel import hookspecs
from kernel.commands import COMMANDS
from kernel.events import KINDS
from kernel.rows import BOT_MOVES, CHAT_MOVES, INVITE_MOVES, TASK_MOVES
from kernel.state import State

README: Final = Path(__file__).parents[1] / "README.md"


def _summary(documented: Any) -> str:
    """The docstring as one table cell."""
    return " ".join((inspect.getdoc(documented) or "").split()).replace("|", "\\|")


def _fields(struct: type[msgspec.Struct]) -> str:
    """Wire names, optional ones with a question mark."""
    names = (f"{field.encode_name}{'' if field.required else '?'}" for field in msgspec.structs.fields(struct))
    return ", ".join(f"`{name}`" for name in names) or "–"


def hooks() -> str:
    rows = ["| hook | asked |", "|---|---|"]
    for name, function in inspect.getmembers(hookspecs.Hooks, inspect.isfunction):
        arguments = [a for a in inspect.signature(function).parameters if a != "self"]
        awaited = "await " if inspect.iscoroutinefunction(function) else ""
        rows.append(f"| `{awaited}{name}({', '.join(arguments)})` | {_summary(function)} |")
    return "\n".join(rows)


def events() -> str:
    rows = ["| kind | payload | meaning |", "|---|---|---|"]
    rows += [f"| `{kind}` | {_fields(event)} | {_summary(event)} |" for kind, event in KINDS.items()]
    return "\n".join(rows)


def commands() -> str:
    rows = ["| command | payload | from outside | meaning |", "|---|---|---|---|"]
    for name, command in COMMANDS.items():
        who = command.role if command.public else "no"
        rows.append(f"| `{name}` | {_fields(command)} | {who} | {_summary(command)} |")
    return "\n".join(rows)


def tables() -> str:
    rows = ["| table | key | row |", "|---|---|---|"]
    for table in State().tables:
        get_type_hints(table.row_type)  # fails when a row names a type that is not there
        rows.append(
            f"| `{table.name}` | `{msgspec_name(table.row_type, table.key_field)}` | {_fields(table.row_type)} |"
        )
    return "\n".join(rows)


def moves() -> str:
    rows = ["| from | to |", "|---|---|"]
    moves = (("bot", BOT_MOVES), ("task", TASK_MOVES), ("invite", INVITE_MOVES), ("chat", CHAT_MOVES))
    for name, table in moves:
        for start, ends in table.items():
            rows.append(f"| {name} `{start}` | {', '.join(f'`{end}`' for end in sorted(ends)) or 'nowhere'} |")
    return "\n".join(rows)


def msgspec_name(struct: type[msgspec.Struct], field: str) -> str:
    """The wire name of a field."""
    return next(f.encode_name for f in msgspec.structs.fields(struct) if f.name == field)


SECTIONS: Final = {"hooks": hooks, "events": events, "commands": commands, "tables": tables, "moves": moves}


def render(text: str) -> str:
    """`text` with everything between `<!-- NAME -->` and `<!-- /NAME -->` drawn from the code."""
    for name, section in SECTIONS.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text, found = pattern.subn(lambda match, s=section: f"{match[1]}{s()}\n{match[2]}", text)  # type: ignore[misc]
        if found != 1:
            raise ValueError(f"README.md must have one section {name}, and has {found}")
    return text


def main() -> int:
    README.write_text(render(README.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
