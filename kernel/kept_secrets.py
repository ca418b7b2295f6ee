"""Settings that name where a secret is, and never hold it: `env:NAME`, or `file:/path` with mode 0600."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from kernel.regular_files import open_regular

LONGEST: Final = 4_096
"""Characters of a secret."""


class SecretUnreadable(Exception):
    """There is no secret where the setting says; the message says what to do, and holds nothing of it."""


def is_place(setting: str) -> bool:
    """Whether that is how such a setting is written."""
    kind, _, place = setting.partition(":")
    return (kind == "env" and place.isidentifier()) or (kind == "file" and bool(place))


def read_place(setting: str, word: str = "secret") -> str:
    """What stands where the setting says: one line of plain characters, called `word` in the errors.

    Raises SecretUnreadable.
    """
    kind, _, place = setting.partition(":")
    secret = (_from_file(Path(place)) if kind == "file" else os.environ.get(place, "")).strip()
    if not secret:
        raise SecretUnreadable(f"there is no {word} in {setting}; put it there, then enable the plugin")
    if not (secret.isascii() and secret.isprintable()) or len(secret) > LONGEST:
        raise SecretUnreadable(f"what stands in {setting} is no {word}: one line of plain letters is")
    return secret


def _from_file(path: Path) -> str:
    try:
        with open_regular(path) as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise SecretUnreadable(f"others may read {path} (mode {mode:04o}); run chmod 600 on it")
            return file.read(LONGEST + 2).decode("ascii", "replace")
    except OSError as error:
        raise SecretUnreadable(f"{path} cannot be read: {error.strerror}") from error
