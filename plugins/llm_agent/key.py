"""The API key: read from where the config says, and shown nowhere."""

from __future__ import annotations

from typing import Final

from kernel.kept_secrets import SecretUnreadable, read_place
from plugins.llm_agent.errors import KeyUnreadable

HIDDEN: Final = "[key]"


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
    try:
        return Key(read_place(setting, "key"))
    except SecretUnreadable as error:
        raise KeyUnreadable(f"llm_agent: api_key: {error}") from error
