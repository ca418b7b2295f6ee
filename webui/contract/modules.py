"""The modules of the contract: which of the kernel's words goes into which TypeScript file."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import msgspec

from kernel import (
    chat_rows,
    checks,
    clock,
    commands,
    deal_rows,
    desk_rows,
    events,
    ids,
    panels,
    personas,
    reducers,
    roles,
    rows,
    snapshot,
    standing,
    state,
    times,
)
from kernel.codes import Binds
from plugins.history import answers, report_types
from plugins.history import codes as history_codes
from webui.contract import codes
from webui.contract import typescript as ts

_ROWS: Final = (rows, chat_rows, personas, standing, deal_rows, desk_rows)
"""The modules that hold the rows and what is in them."""
HEADER: Final = "// Generated from kernel/ by `python -m webui.contract`: do not edit.\n\n"


def modules() -> dict[str, str]:
    """The text of every module, by its name."""
    bodies = {
        "ids": _ids(),
        "enums": _enums(),
        "rows": _rows(),
        "events": _events(),
        "commands": _commands(),
        "tables": _tables(),
        "limits": _limits(),
        "panels": _panels(),
        "history": _history(),
    }
    places = {name: module for module, body in bodies.items() for name in _exported(body)}
    return {module: HEADER + ts.imports(body, places, module) + body for module, body in bodies.items()}


def _exported(body: str) -> list[str]:
    return re.findall(r"^export (?:type|interface) (\w+)", body, flags=re.MULTILINE)


def _own(module: Any, kind: type) -> list[type[Any]]:
    """The classes of that kind that the module defines itself, in its order."""
    return [
        member
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, kind) and member.__module__ == module.__name__
    ]


def _ids() -> str:
    names = [name for name, member in vars(ids).items() if isinstance(member, typing.NewType)]
    branded = "".join(f'export type {name} = Branded<"{name}">\n' for name in names)
    return ts.paragraphs(
        [
            "declare const brand: unique symbol\n",
            ts.comment("A string that only its own kind may stand in for.")
            + "type Branded<Name extends string> = string & { readonly [brand]: Name }\n",
            branded,
            ts.comment("UTC milliseconds since the epoch, or a span of milliseconds.")
            + f"export type {clock.Millis.__name__} = number\n",
            ts.comment("An exact decimal, as its digits: never to be made a floating-point number.")
            + "export type Decimal = string\n",
        ]
    )


def _enums() -> str:
    enums = [*(enum for module in _ROWS for enum in _own(module, Enum)), Binds, *_own(roles, Enum)]
    own = (ts.enumeration(enum) for enum in enums)
    told = (ts.literals(kind.__name__, codes.shown(kind), kind.__doc__) for kind in codes.VOCABULARIES)
    return ts.paragraphs([*own, *told])


def _rows() -> str:
    return ts.paragraphs(ts.interface(struct) for module in _ROWS for struct in _own(module, msgspec.Struct))


def _panels() -> str:
    """What a panel is as a page gets it: not the forms in which a plugin declares it and its buttons."""
    shown = [struct for struct in _own(panels, msgspec.Struct) if struct not in (panels.Panel, panels.PanelButton)]
    return ts.paragraphs([ts.enumeration(panels.PanelFault), *(ts.interface(struct) for struct in shown)])


def _history() -> str:
    """What `GET /api/history/…` answers with. What a struct leaves out has its default."""
    answered = [*_own(answers, msgspec.Struct), *_own(report_types, msgspec.Struct)]
    return ts.paragraphs(
        [
            *(ts.enumeration(enum) for enum in (history_codes.CausedBy, history_codes.TaskStage)),
            *(
                ts.interface(struct, optional_defaults=struct.__struct_config__.omit_defaults)
                for struct in answered
                if struct is not report_types.ReportQuery
            ),
        ]
    )


def _events() -> str:
    payloads = ts.paragraphs(ts.interface(event) for event in events.KINDS.values())
    fields = "".join(
        f"  readonly {field.encode_name}{'' if field.required else '?'}: {ts.type_of(field.type)}\n"
        for field in msgspec.structs.fields(events.Envelope)
        if field.encode_name not in _OF_KIND
    )
    unchanged = [event.kind for event in events.KINDS.values() if event in reducers.CHANGES_NOTHING]
    return ts.paragraphs(
        [
            payloads,
            ts.comment("What an event of each kind says.")
            + ts.table("Payloads", {kind: event.__name__ for kind, event in events.KINDS.items()}),
            "export type Kind = keyof Payloads\n",
            ts.comment(events.Envelope.__doc__) + f"export interface EnvelopeOf<K extends Kind> {{\n{fields}"
            "  readonly kind: K\n  readonly payload: Payloads[K]\n}\n",
            ts.comment("Any event: `kind` tells which.")
            + "export type Envelope = { [K in Kind]: EnvelopeOf<K> }[Kind]\n",
            ts.constant("KINDS", list(events.KINDS), "readonly Kind[]"),
            ts.comment("Events that are facts of the log and leave the state as it is.")
            + ts.union("ChangesNothing", unchanged),
        ]
    )


_OF_KIND: Final = frozenset({"kind", "payload"})


def _commands() -> str:
    public = {kind: command for kind, command in commands.COMMANDS.items() if command.public}
    return ts.paragraphs(
        [
            *(ts.interface(command, optional_defaults=True) for command in public.values()),
            ts.comment("Every command that may come from outside.")
            + ts.table("Commands", {kind: kind for kind in public}),
            "export type CommandKind = keyof Commands\n",
            ts.comment("What a command creates: the id in its answer.")
            + ts.table("Created", {kind: _result(command) for kind, command in public.items()}),
            ts.constant("COMMAND_KINDS", list(public), "readonly CommandKind[]"),
            ts.comment("The least role that may give each command; `ROLES` lists them from the least on.")
            + ts.constant(
                "COMMAND_ROLES",
                {kind: command.role.value for kind, command in public.items()},
                "Readonly<Record<CommandKind, Role>>",
            ),
        ]
    )


def _result(command: type[commands.Command[Any]]) -> str:
    (base,) = (b for b in command.__orig_bases__ if typing.get_origin(b) is commands.Command)  # type: ignore[attr-defined]
    return ts.type_of(typing.get_args(base)[0])


def _tables() -> str:
    tables = state.State().tables
    plain = [field for field in msgspec.structs.fields(snapshot.Part) if field.name != "state"]
    fields = "".join(f"  readonly {field.encode_name}: {ts.type_of(field.type)}\n" for field in plain)
    return ts.paragraphs(
        [
            ts.comment("The row that each table of the state holds.")
            + ts.table("Tables", {table.name: table.row_type.__name__ for table in tables}),
            "export type TableName = keyof Tables\n",
            ts.comment("In the order in which a snapshot lists them.")
            + ts.constant("TABLE_NAMES", [table.name for table in tables], "readonly TableName[]"),
            ts.comment("The field by which a table knows its rows.")
            + f"export const KEY_FIELDS = {{\n{_key_fields(tables)}}} as const satisfies "
            "{ [T in TableName]: keyof Tables[T] }\n",
            ts.comment(snapshot.Part.__doc__) + f"export interface SnapshotPart {{\n{fields}"
            "  readonly state: { readonly [T in TableName]?: readonly Tables[T][] }\n}\n",
            ts.interface(checks.Check),
            _moving(tables),
        ]
    )


def _moving(tables: tuple[state.Table[Any, Any], ...]) -> str:
    kinds = [kind.value for kind in times.Time if kind is not times.Time.STAMP]
    plans = {table.name: _wire_names(table.row_type, times.moving(table.row_type)) for table in tables}
    listed = "".join(f"  {name}: {json.dumps(plan)},\n" for name, plan in plans.items() if plan)
    return (
        ts.union("Counted", kinds)
        + ts.comment("Which fields move when the clock steps, with those of the records in a field beneath it.")
        + "export interface Moving {\n  readonly [field: string]: Counted | Moving\n}\n"
        + f"export const MOVING: {{ readonly [T in TableName]?: Moving }} = {{\n{listed}}}\n"
    )


def _wire_names(struct: type[msgspec.Struct], plan: times.Moving) -> dict[str, Any]:
    """The plan of a row's times by the names that its fields have on the wire."""
    encoded = {field.name: field.encode_name for field in msgspec.structs.fields(struct)}
    return {
        encoded[name]: kind.value if isinstance(kind, times.Time) else _wire_names(times.record(struct, name), kind)
        for name, kind in plan.items()
    }


def _key_fields(tables: tuple[state.Table[Any, Any], ...]) -> str:
    lines = []
    for table in tables:
        encoded = {field.name: field.encode_name for field in msgspec.structs.fields(table.row_type)}
        lines.append(f'  {table.name}: "{encoded[table.key_field]}",\n')
    return "".join(lines)


def _limits() -> str:
    return ts.paragraphs(
        [
            ts.constant("MESSAGES_KEPT", rows.MESSAGES_KEPT),
            ts.constant("NOTES_KEPT", rows.NOTES_KEPT),
            ts.comment("Why messages have failed that the player may have all the same.")
            + ts.constant("IN_DOUBT_REASONS", sorted(rows.IN_DOUBT_REASONS), "readonly MessageReason[]"),
            ts.constant("COMMANDS_KEPT", reducers.COMMANDS_KEPT),
            ts.constant("COMMANDS_KEPT_FOR", reducers.COMMANDS_KEPT_FOR),
            ts.constant("COMMANDS_MOST", reducers.COMMANDS_MOST),
            ts.constant("HOUR", clock.HOUR),
            ts.constant("ITEM_LENGTH", commands.ITEM_LENGTH),
            ts.constant("TEXT_LENGTH", commands.TEXT_LENGTH),
            ts.constant("LABEL_LENGTH", commands.LABEL_LENGTH),
            ts.constant("MAFILE_LENGTH", commands.MAFILE_LENGTH),
            ts.comment("Where a status may go from each status.") + _moves("BOT_MOVES", "BotStatus", rows.BOT_MOVES),
            _moves("TASK_MOVES", "TaskStatus", rows.TASK_MOVES),
            _moves("INVITE_MOVES", "InviteStatus", rows.INVITE_MOVES),
            _moves("CHAT_MOVES", "ChatStatus", rows.CHAT_MOVES),
            _deal_moves(),
            ts.comment("Where a task goes back to when the end that a person has recorded is undone.")
            + ts.constant(
                "UNDO_MOVES",
                {before.value: after.value for before, after in rows.UNDO_MOVES.items()},
                "Readonly<Partial<Record<TaskStatus, TaskStatus>>>",
            ),
            ts.constant("DEAL_NOTE_LENGTH", commands.DEAL_NOTE_LENGTH),
            ts.constant("OPEN_TASKS", _ordered(rows.OPEN_TASKS), "readonly TaskStatus[]"),
        ]
    )


def _moves(name: str, enum: str, moves: Mapping[Any, frozenset[Any]]) -> str:
    lines = "".join(f"  {status.value}: {_listed(to)},\n" for status, to in moves.items())
    return f"export const {name}: Readonly<Record<{enum}, readonly {enum}[]>> = {{\n{lines}}}\n"


def _deal_moves() -> str:
    lines = "".join(
        f"  {'agreed' if stage is None else stage.value}: {_listed(to)},\n" for stage, to in rows.DEAL_MOVES.items()
    )
    kind = "Readonly<Record<DealStage | 'agreed', readonly DealStage[]>>"
    return ts.comment("`agreed` is that of a resolved task without a deal.") + (
        f"export const DEAL_MOVES: {kind} = {{\n{lines}}}\n"
    )


def _listed(members: frozenset[Any]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in _ordered(members)) + "]"


def _ordered(members: frozenset[Any]) -> list[str]:
    """In the order of their enum, since a set has none that lasts."""
    return [member.value for enum in {type(member) for member in members} for member in enum if member in members]
