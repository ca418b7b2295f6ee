"""Script files as they lie on the disk: which there are, and their text, whatever somebody has put there."""

from __future__ import annotations

import os
import stat
from itertools import islice
from pathlib import Path
from typing import Final

MOST_FILES: Final = 50
"""Scripts, one for each language."""
MOST_BYTES: Final = 64 * 1024
"""Of one file; those that are shipped have less than 10 KiB."""
LONGEST_LINE: Final = 2_000
"""Characters. The time that TOML takes for a line of dotted keys grows with the square of its length."""


class Unreadable(Exception):
    """There is no text to be had from this file; the text of the error says why and what to do."""


def files_of(places: tuple[Path, ...], problems: list[str]) -> list[Path]:
    """The files that are named, and those of the folders that are; none at all when there are too many."""
    files: list[Path] = []
    for place in places:
        found = sorted(islice(place.glob("*.toml"), MOST_FILES + 1)) if place.is_dir() else [place]
        if not found:
            problems.append(f"{place}: there is no script (*.toml) in this folder")
        files += found
        if len(files) > MOST_FILES:
            problems.append(f"{place}: there are more than {MOST_FILES} script files; keep one for each language")
            return []
    return files


def text_of(path: Path) -> str:
    """What a regular file of bearable size holds. Raises Unreadable."""
    try:
        text = _bytes_of(path).decode("utf-8-sig")  # some editors begin a file with that mark
    except UnicodeDecodeError as error:
        raise Unreadable("is not UTF-8; save it in that encoding") from error
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise Unreadable(f"line {number} has more than {LONGEST_LINE} characters; break it into several")
    return text


def _bytes_of(path: Path) -> bytes:
    """It is looked at before it is opened, as opening is enough to disturb a device, and again once it is open."""
    try:
        _must_be_regular(path.stat().st_mode)
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO must not make us wait
        with os.fdopen(descriptor, "rb") as file:
            _must_be_regular(os.fstat(descriptor).st_mode)
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from error
    except ValueError as error:  # a path with a NUL in it
        raise Unreadable(f"cannot be read: {error}") from error
    if len(content) > MOST_BYTES:
        raise Unreadable(f"is larger than {MOST_BYTES // 1024} KiB, the most a script may have; shorten it")
    return content


def _must_be_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe, socket or device"
        raise Unreadable(f"is {kind}, not a file; put a script file in its place or take it away")
