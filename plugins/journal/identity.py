"""The identity of a data folder: 128 random bits, made once, by which files of another folder are told from its own.

`journal/identity` is one line, 32 hexadecimal digits and their CRC-32, so that one that is damaged is not taken for
one of another folder. It is also in the header of `events.sum` and of each snapshot, and in no event.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Final, NewType
from zlib import crc32

from kernel.regular_files import read_regular
from plugins.journal.errors import IdentityDamaged
from plugins.journal.folder import put

FILE: Final = "identity"
Identity = NewType("Identity", str)
"""32 hexadecimal digits."""

FORM: Final = re.compile(r"[0-9a-f]{32}")
_LINE: Final = re.compile(rb"([0-9a-f]{32}) ([0-9a-f]{8})\n?")


def new() -> Identity:
    """One that no other folder has."""
    return Identity(secrets.token_hex(16))


def read(folder: Path) -> Identity | None:
    """That of the folder; None when it has none. Raises IdentityDamaged, and OSError when the file cannot be read."""
    path = folder / FILE
    try:
        content = read_regular(path, 64)
    except FileNotFoundError:
        return None
    match = _LINE.fullmatch(content)
    if match is None or int(match[2], 16) != crc32(match[1]):
        raise IdentityDamaged(f"{path}: is damaged")
    return Identity(match[1].decode())


def write(folder: Path, identity: Identity) -> None:
    """Keep it, on disk. Raises OSError."""
    put(folder / FILE, b"%s %08x\n" % (identity.encode(), crc32(identity.encode())))
