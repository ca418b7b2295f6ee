"""Rows as something to look through: filtered, counted, turned into a data frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, get_args

from msgspec import Struct, ValidationError, convert
from msgspec.structs import fields as fields_of

from kernel.rows import Row
from kernel.state import Table
from switchboard import frames, html, text

if TYPE_CHECKING:
    import pandas
    import polars

R = TypeVar("R", bound=Struct)
W = TypeVar("W", bound=Row)
Test = Callable[[R], object]
SHOWN: Final = 25
"""Rows that are shown when a collection shows itself."""


class Collection(Generic[R]):
    """All rows of a kind, as they are at the moment of asking: a collection kept in a variable stays up to date.

    `sb.tasks["task_…"]`, `len(sb.bots)`, `for chat in sb.chats`, `sb.bots.filter(status="connected")`.
    """

    def __init__(self, name: str, row_type: type[R], read: Callable[[], list[R]], key: str = "id") -> None:
        self.name = name
        self._row_type = row_type
        self._read = read
        self._key = key

    def rows(self) -> list[R]:
        """The rows of this moment."""
        return self._read()

    def __iter__(self) -> Iterator[R]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __getitem__(self, key: str) -> R:
        row = self.get(key)
        if row is None:
            raise KeyError(f"{key} is not among the {len(self)} {self.name} here")
        return row

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def get(self, key: str) -> R | None:
        """The row of that key, if it is here."""
        return next((row for row in self._read() if getattr(row, self._key) == key), None)

    def keys(self) -> list[str]:
        """The keys of the rows: their ids, where they have one."""
        return [getattr(row, self._key) for row in self._read()]

    def first(self) -> R | None:
        """The first row, if there is one."""
        return next(iter(self._read()), None)

    def filter(self, *tests: Test[R], **fields: object) -> Collection[R]:
        """Those rows alone that pass all tests and whose fields have these values.

        A value may be a set, list or tuple of those allowed: `sb.tasks.filter(status={"created", "assigned"})`.
        Raises TypeError for a field that there is not, ValueError for a value that the field never has.
        """
        types = {field.name: field.type for field in fields_of(self._row_type)}
        for name in fields:
            if name not in types:
                raise TypeError(f"{self.name} have no field {name!r}; they have {', '.join(types)}")
        wanted = {name: _allowed(name, value, types[name]) for name, value in fields.items()}

        def passes(row: R) -> bool:
            fits = all(getattr(row, name) in allowed for name, allowed in wanted.items())
            return fits and all(test(row) for test in tests)

        return Collection(self.name, self._row_type, lambda: [row for row in self._read() if passes(row)], self._key)

    def to_pandas(self) -> pandas.DataFrame:
        """A pandas frame, a row each: times as UTC timestamps, prices as exact decimals. Raises NotInstalled."""
        return frames.to_pandas(self._read(), self._row_type)

    def to_polars(self) -> polars.DataFrame:
        """A polars frame, a row each: times as UTC timestamps, prices as exact decimals. Raises NotInstalled."""
        return frames.to_polars(self._read(), self._row_type)

    def __repr__(self) -> str:
        return text.table(self.name, self._read(), self._row_type, SHOWN)

    def _repr_html_(self) -> str:
        return html.table(self.name, self._read(), self._row_type, SHOWN)


class Rows(Collection[W]):
    """A whole table: its rows are found by key without looking through it."""

    def __init__(self, table: Callable[[], Table[str, W]]) -> None:
        first = table()
        super().__init__(first.name, first.row_type, lambda: table().rows(), first.key_field)
        self._table = table

    def __len__(self) -> int:
        return len(self._table())

    def get(self, key: str) -> W | None:
        row: W | None = self._table().get(key)
        return row


def _allowed(name: str, value: object, column: Any) -> list[object]:
    """The values that a row may have there, each in the column's own type. Raises ValueError."""
    values = value if isinstance(value, set | frozenset | list | tuple) else (value,)
    return [_typed(name, one, column) for one in values]


def _typed(name: str, value: object, column: Any) -> object:
    try:
        return convert(value, column)
    except ValidationError as error:
        words = [str(word.value) for kind in (column, *get_args(column)) for word in _words(kind)]
        if not words:
            raise ValueError(f"{name}={value!r}: {error}") from None
        near = get_close_matches(str(value), words, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"{name} is never {value!r}, but one of {', '.join(words)}{meant}") from None


def _words(kind: Any) -> list[Enum]:
    return list(kind) if isinstance(kind, type) and issubclass(kind, Enum) else []
