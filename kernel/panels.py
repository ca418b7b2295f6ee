"""Panels: cards of fields, tables and buttons that a plugin declares by the hook `panel`, and a page draws.

A plugin brings no markup and no script: what it may show is declared here, in every language of the page, and each
part is bounded. What it declares is checked where it leaves the plugin, so a page never gets anything else.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Collection
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Union

import msgspec
from msgspec import Meta, Struct

from kernel.bus import Contain
from kernel.clock import Millis
from kernel.commands import Command
from kernel.containment import CONTAINED, Hung, being_cancelled
from kernel.roles import Role

DEADLINE_S: Final = 2.0
"""How long a plugin may take to answer with its panel."""
PANEL_BYTES: Final = 64 * 1024
FIELDS_MOST: Final = 24
TABLES_MOST: Final = 4
COLUMNS_MOST: Final = 8
ROWS_MOST: Final = 50
BUTTONS_MOST: Final = 8
FORM_MOST: Final = 8
EXACT: Final = 2**53
"""Beyond it, a browser does not know one whole number from the next."""

Line = Annotated[str, Meta(max_length=200)]
"""Words as they are, such as a name: the same in every language."""


class Text(Struct, frozen=True, kw_only=True, tag="text"):
    """Words of a plugin's own, in each language of the page."""

    en: Annotated[str, Meta(min_length=1, max_length=300)]
    ru: Annotated[str, Meta(min_length=1, max_length=300)]


class Moment(Struct, frozen=True, tag="moment"):
    """A time, in UTC milliseconds; the page shows it in the reader's time zone."""

    at: Millis


class Price(Struct, frozen=True, tag="price"):
    """An amount of money; its digits are kept as they are."""

    amount: Decimal
    currency: Annotated[str, Meta(min_length=1, max_length=8)]


Value = Union[  # noqa: UP007 - read by msgspec
    Text, Moment, Price, Line, Annotated[int, Meta(ge=-EXACT, le=EXACT)], float, None
]
"""What a field or a cell shows; None: there is nothing to show."""


class PanelField(Struct, frozen=True):
    """A name and a value."""

    label: Text
    value: Value


class PanelTable(Struct, frozen=True, kw_only=True):
    """Rows below columns. Raises ValueError for too many rows, or a row that does not fit the columns."""

    title: Text
    columns: Annotated[tuple[Text, ...], Meta(min_length=1, max_length=COLUMNS_MOST)]
    rows: Annotated[tuple[tuple[Value, ...], ...], Meta(max_length=ROWS_MOST)] = ()

    def __post_init__(self) -> None:
        if len(self.rows) > ROWS_MOST:  # before anybody walks through them
            raise ValueError(f"rows: {len(self.rows)}; at most {ROWS_MOST}")
        for place, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"rows[{place}]: {len(row)} cells for {len(self.columns)} columns")


class FormField(Struct, frozen=True):
    """A field of a button's command that whoever presses it fills in, beginning with the value that is there."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    """As it is called on the wire."""
    label: Text
    blank: bool = False
    """Begin with an empty field instead."""


class PanelButton(Struct, frozen=True, kw_only=True):
    """Gives one of the plugin's own commands, in the name and with the role of whoever presses it.

    `command` is given as it stands, but for the fields that the `form` asks for: a text, a number, or yes and no.
    """

    label: Text
    command: Command[Any]
    form: tuple[FormField, ...] = ()
    confirm: Text | None = None
    """What it will do, where that has to be confirmed first."""


class Panel(Struct, frozen=True, kw_only=True):
    """One card of a plugin's own. More than the limits of this module allow is not shown at all."""

    title: Text
    fields: tuple[PanelField, ...] = ()
    tables: tuple[PanelTable, ...] = ()
    buttons: tuple[PanelButton, ...] = ()


class ShownButton(Struct, frozen=True, kw_only=True):
    """A button as the page gets it. `payload`: the fields of its command, with those of the `form` as they begin."""

    label: Text
    kind: str
    """Of the command."""
    role: Role
    """What whoever presses it needs at least."""
    payload: dict[str, object]
    form: Annotated[tuple[FormField, ...], Meta(max_length=FORM_MOST)] = ()
    confirm: Text | None = None


class ShownPanel(Struct, frozen=True, kw_only=True):
    """A panel as the page gets it."""

    title: Text
    fields: Annotated[tuple[PanelField, ...], Meta(max_length=FIELDS_MOST)] = ()
    tables: Annotated[tuple[PanelTable, ...], Meta(max_length=TABLES_MOST)] = ()
    buttons: Annotated[tuple[ShownButton, ...], Meta(max_length=BUTTONS_MOST)] = ()


class PanelFault(StrEnum):
    """Why a panel is not shown."""

    RAISED = "raised"
    """The plugin's hook raised something."""
    LATE = "late"
    """It did not answer in time."""
    INVALID = "invalid"
    """It is too large, is not what is declared, or has a button for a command that is not the plugin's own."""


class PanelBroken(Exception):
    """A plugin's panel cannot be shown. The message names the part, and tells nothing that the hook raised."""

    def __init__(self, fault: PanelFault, detail: str) -> None:
        super().__init__(detail)
        self.fault: Final = fault
        self.detail: Final = detail


_DECODER: Final = msgspec.json.Decoder(ShownPanel)


class PluginPanel:
    """The panel of one plugin, to be asked for."""

    def __init__(
        self, plugin: str, hook: Callable[[], object], commands: Collection[type[Command[Any]]], contain: Contain
    ) -> None:
        """`commands`: those that the plugin carries out."""
        self.plugin: Final = plugin
        self._hook = hook
        self._commands = commands
        self._contain = contain

    async def read(self) -> ShownPanel | None:
        """What it shows now; None: nothing. Raises PanelBroken."""
        deadline = asyncio.timeout(DEADLINE_S)
        try:
            async with deadline:
                answer = self._hook()
                answer = await answer if inspect.isawaitable(answer) else answer
        except CONTAINED as error:  # the other panels are shown
            if isinstance(error, asyncio.CancelledError) and being_cancelled():
                raise
            if deadline.expired() and isinstance(error, TimeoutError):
                late = f"no answer within {DEADLINE_S:g} s"
                raise PanelBroken(PanelFault.LATE, late) from Hung("did not end in time")
            raise PanelBroken(PanelFault.RAISED, f"{type(error).__name__}; the log says where") from error
        if answer is None:
            return None
        try:
            return _checked(answer, self._commands)
        except CONTAINED as error:  # what it is made of may be anything
            raise PanelBroken(PanelFault.INVALID, f"{error}"[:300]) from error

    def blame(self, broken: PanelBroken) -> None:
        """Count it against the plugin."""
        self._contain(self.plugin, "panel", broken.__cause__ or broken)


def _checked(answer: object, commands: Collection[type[Command[Any]]]) -> ShownPanel:
    """The panel in the page's form, every part of its type and within its bounds. Raises ValueError, TypeError."""
    if not isinstance(answer, Panel):
        raise TypeError(f"the hook answered with {type(answer).__name__} instead of {Panel.__name__}")
    if len(answer.buttons) > BUTTONS_MOST:
        raise ValueError(f"buttons: {len(answer.buttons)}; at most {BUTTONS_MOST}")
    buttons = tuple(_button(button, commands) for button in answer.buttons)
    shown = ShownPanel(title=answer.title, fields=answer.fields, tables=answer.tables, buttons=buttons)
    encoded = msgspec.json.encode(shown)
    if len(encoded) > PANEL_BYTES:
        raise ValueError(f"it has {len(encoded)} bytes; at most {PANEL_BYTES}")
    return _DECODER.decode(encoded)


def _button(button: PanelButton, commands: Collection[type[Command[Any]]]) -> ShownButton:
    command = type(button.command)
    if command not in commands or not command.public:
        raise ValueError(f"buttons: {command.__name__} is no public command that this plugin handles")
    payload: dict[str, object] = msgspec.json.decode(msgspec.json.encode(button.command))
    for field in button.form:
        if not isinstance(payload.get(field.name), str | int | float):
            raise ValueError(f"buttons: {command.__name__} has no text, number or flag {field.name!r} to fill in")
    return ShownButton(
        label=button.label,
        kind=command.__name__,
        role=command.role,
        payload=payload,
        form=button.form,
        confirm=button.confirm,
    )
