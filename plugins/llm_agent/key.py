"""The API key: read from where the config says, and shown nowhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from kernel.regular_files import open_regular
from plugins.llm_agent.errors import KeyUnreadable

HIDDEN: Final = "[key]"
LONGEST: Final = 4_096


class Key:
    """A secret that prints as `[key]`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return HIDDEN

    @property
    def header(self) -> str:
        return f"Bearer {self._secret}"

    def hidden_in(self, text: str) -> str:
        """The text with every occurrence of the key covered."""
        return text.replace(self._secret, HIDDEN)


def read(setting: str | None) -> Key | None:
    """The key that the setting names; None where it names none. Raises KeyUnreadable."""
    if setting is None:
        return None
    kind, _, place = setting.partition(":")
    secret = (_from_file(Path(place)) if kind == "file" else os.environ.get(place, "")).strip()
    if not secret:
        raise KeyUnreadable(f"llm_agent: api_key: there is no key in {setting}; put it there, then enable the plugin")
    if not (secret.isascii() and secret.isprintable()) or len(secret) > LONGEST:
        raise KeyUnreadable(f"llm_agent: api_key: what stands in {setting} is no key: one line of plain letters is")
    return Key(secret)


def _from_file(path: Path) -> str:
    try:
        with open_regular(path) as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                text = f"llm_agent: api_key: others may read {path} (mode {mode:04o}); run chmod 600 on it"
                raise KeyUnreadable(text)
            return file.read(LONGEST + 2).decode("ascii", "replace")
    except OSError as error:
        raise KeyUnreadable(f"llm_agent: api_key: {path} cannot be read: {error.strerror}") from error
