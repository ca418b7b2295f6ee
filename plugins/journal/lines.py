"""Whole lines out of pieces of bytes, wherever the pieces were cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, regrouped so that each item ends with a newline; a last one without comes as it is."""
    rest = b""
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if not end:
            rest += piece
            continue
        yield rest + piece[:end] if rest else piece[:end]
        rest = piece[end:]
    if rest:
        yield rest
