"""Rules that the product does not keep yet: each by its name, with what it waits for. Empty is what it is to be."""

from __future__ import annotations

from typing import Final

SWITCHED_OFF: Final[dict[str, str]] = {}
