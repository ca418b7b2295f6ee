"""What every row of the state is; part of `kernel.rows`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from msgspec import Struct


class Row(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """What the state holds: replaced by reducers, changed by nobody. Made whole, it can hold no cycle.

    `viewer_sees` says what stands in the place of a field for whoever is only a viewer; nothing stays nothing.
    """

    viewer_sees: ClassVar[Mapping[str, object]] = {}
