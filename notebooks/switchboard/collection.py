"""Rows as something to look through: filtered, counted, turned into a data frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from msgspec import Struct

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
        """
        known = self._row_type.__struct_fields__
        for name in fields:
            if name not in known:
                raise TypeError(f"{self.name} have no field {name!r}; they have {', '.join(known)}")

        def passes(row: R) -> bool:
            fits = all(_is(getattr(row, name), wanted) for name, wanted in fields.items())
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


def _is(value: object, wanted: object) -> bool:
    return value in wanted if isinstance(wanted, set | frozenset | list | tuple) else value == wanted
