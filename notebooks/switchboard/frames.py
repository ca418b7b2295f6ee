"""Rows as data frames: one column a field, with the types that a frame has for times and exact prices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from kernel.clock import Millis
from switchboard.errors import need

if TYPE_CHECKING:
    import pandas
    import polars

R = TypeVar("R", bound=Struct)
_PANDAS: Final = {
    "time": "datetime64[ms, UTC]",
    "price": "object",
    "number": "Int64",
    "real": "Float64",
    "flag": "boolean",
    "text": "string",
}
PRICE_DIGITS: Final = 8
"""Places behind the point that a price may have."""


class Column(NamedTuple):
    """One field of a row, and how its values go into a frame. `kind`: time, price, text, flag, number or real."""

    name: str
    kind: str
    value: Callable[[Any], object]


def to_pandas(rows: Sequence[R], row_type: type[R]) -> pandas.DataFrame:
    """Raises NotInstalled."""
    return pandas_frame(_values(rows, row_type))


def to_polars(rows: Sequence[R], row_type: type[R]) -> polars.DataFrame:
    """Raises NotInstalled."""
    return polars_frame(_values(rows, row_type))


def _values(rows: Sequence[R], row_type: type[R]) -> list[tuple[str, str, list[object]]]:
    return [(c.name, c.kind, [c.value(getattr(row, c.name)) for row in rows]) for c in columns(row_type)]


def pandas_frame(values: Sequence[tuple[str, str, list[object]]]) -> pandas.DataFrame:
    """A frame of columns, each with its name and kind. Raises NotInstalled."""
    pd: Any = need("pandas", "to_pandas()", "pandas")
    made: pandas.DataFrame = pd.DataFrame({name: pd.Series(of, dtype=_PANDAS[kind]) for name, kind, of in values})
    return made


def polars_frame(values: Sequence[tuple[str, str, list[object]]]) -> polars.DataFrame:
    """A frame of columns, each with its name and kind. Raises NotInstalled."""
    pl: Any = need("polars", "to_polars()", "polars")
    types = {
        "time": pl.Datetime("ms", "UTC"),
        "price": pl.Decimal(38, PRICE_DIGITS),
        "number": pl.Int64,
        "real": pl.Float64,
        "flag": pl.Boolean,
        "text": pl.String,
    }
    made: polars.DataFrame = pl.DataFrame([pl.Series(name, of, dtype=types[kind]) for name, kind, of in values])
    return made


@lru_cache
def columns(row_type: type[Struct]) -> tuple[Column, ...]:
    """What a frame of these rows has. Of nested things it holds how many there are, or their JSON."""
    return tuple(_column(name, hint) for name, hint in get_type_hints(row_type).items() if name in _fields(row_type))


def _fields(row_type: type[Struct]) -> frozenset[str]:
    return frozenset(row_type.__struct_fields__)


def _column(name: str, hint: Any) -> Column:
    inner = next(part for part in get_args(hint) if part is not type(None)) if _is_union(hint) else hint
    if inner is Millis:
        return Column(name, "time", moment)
    if inner is Decimal:
        return Column(name, "price", lambda value: value)
    if inner is bool:
        return Column(name, "flag", lambda value: value)
    if inner is int:
        return Column(name, "number", lambda value: value)
    if getattr(hint, "__origin__", None) is tuple:
        return Column(name, "number", len)
    if get_args(inner) or (isinstance(inner, type) and issubclass(inner, Struct)):
        return Column(name, "text", lambda value: None if value is None else msgspec.json.encode(value).decode())
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return Column(name, "text", lambda value: None if value is None else str(value))
    return Column(name, "text", lambda value: value)


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in {Union, UnionType}


def moment(ms: int | None) -> datetime | None:
    """A time of the state as Python has it."""
    return None if ms is None else datetime.fromtimestamp(ms / 1_000, UTC)
