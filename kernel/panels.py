"""Panels: cards of fields, tables and buttons that a plugin declares by the hook `panel`, and a page draws.

A plugin brings no markup and no script: what it may show is declared here, in every language of the page, and each
part is bounded. What it declares is checked where it leaves the plugin, so a page never gets anything else.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Collection, Iterator, Sized
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, NamedTuple, Union

import msgspec
from msgspec import Meta, Struct

from kernel.bus import Contain
from kernel.clock import Millis
from kernel.commands import Command
from kernel.containment import CONTAINED, Hung, being_cancelled, wording
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
    """Rows below columns. Raises ValueError for too many of them, or a row that does not fit the columns."""

    title: Text
    columns: Annotated[tuple[Text, ...], Meta(min_length=1, max_length=COLUMNS_MOST)]
    rows: Annotated[tuple[tuple[Value, ...], ...], Meta(max_length=ROWS_MOST)] = ()

    def __post_init__(self) -> None:
        _at_most(COLUMNS_MOST, "columns", self.columns)
        _at_most(ROWS_MOST, "rows", self.rows)  # before anybody walks through them
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

    def __init__(self, fault: PanelFault, detail: str, left: asyncio.Task[object] | None = None) -> None:
        """`left`: the hook's task, where it was late; it is called off, and may run on all the same."""
        super().__init__(detail)
        self.fault: Final = fault
        self.detail: Final = detail
        self.left: Final = left


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(ShownPanel)


class _Raised(NamedTuple):
    error: BaseException


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
        # a task of its own: a hook that does not even let itself be cancelled is left behind all the same
        asked = asyncio.create_task(self._ask(), name=f"{self.plugin}: panel")
        try:
            await asyncio.wait((asked,), timeout=DEADLINE_S)
        finally:
            asked.cancel()
        if not asked.done():
            late = f"no answer within {DEADLINE_S:g} s"
            raise PanelBroken(PanelFault.LATE, late, asked) from Hung("did not end in time")
        answer = _Raised(asyncio.CancelledError()) if asked.cancelled() else asked.result()
        if isinstance(answer, _Raised):
            detail = f"{type(answer.error).__name__}; the log says where"
            raise PanelBroken(PanelFault.RAISED, detail) from answer.error
        if answer is None:
            return None
        try:
            return _checked(answer, self._commands)
        except CONTAINED as error:  # what it is made of may be anything
            raise PanelBroken(PanelFault.INVALID, wording(error)[:300]) from error

    async def _ask(self) -> object:
        try:
            answer = self._hook()
            return await answer if inspect.isawaitable(answer) else answer
        except CONTAINED as error:  # the other panels are shown
            if isinstance(error, asyncio.CancelledError) and being_cancelled():
                raise
            return _Raised(error)

    def blame(self, broken: PanelBroken) -> None:
        """Count it against the plugin."""
        self._contain(self.plugin, "panel", broken.__cause__ or broken)


def _checked(answer: object, commands: Collection[type[Command[Any]]]) -> ShownPanel:
    """The panel in the page's form, every part of its type and within its bounds. Raises ValueError, TypeError."""
    if not isinstance(answer, Panel):
        raise TypeError(f"the hook answered with {type(answer).__name__} instead of {Panel.__name__}")
    _at_most(FIELDS_MOST, "fields", answer.fields)
    _at_most(TABLES_MOST, "tables", answer.tables)
    _at_most(BUTTONS_MOST, "buttons", answer.buttons)
    buttons = tuple(_button(button, commands) for button in answer.buttons)
    shown = ShownPanel(title=answer.title, fields=answer.fields, tables=answer.tables, buttons=buttons)
    size = 0
    for part in _parts(shown):  # one after the other: what is far too large is not written out whole
        size += len(_ENCODER.encode(part))
        _fits(size)
    encoded = _ENCODER.encode(shown)
    _fits(len(encoded))
    return _DECODER.decode(encoded)


def _at_most(most: int, name: str, items: Sized) -> None:
    if len(items) > most:
        raise ValueError(f"{name}: {len(items)}; at most {most}")


def _fits(size: int) -> None:
    if size > PANEL_BYTES:
        raise ValueError(f"it has more than {PANEL_BYTES} bytes")


def _parts(panel: ShownPanel) -> Iterator[object]:
    yield panel.title
    yield from panel.fields
    for table in panel.tables:
        yield table.title
        yield from table.columns
        yield from table.rows
    yield from panel.buttons


def _button(button: PanelButton, commands: Collection[type[Command[Any]]]) -> ShownButton:
    command = type(button.command)
    if command not in commands or not command.public:
        raise ValueError(f"buttons: {command.__name__} is no public command that this plugin handles")
    _at_most(FORM_MOST, "form", button.form)
    payload: dict[str, object] = msgspec.json.decode(_ENCODER.encode(button.command))
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
