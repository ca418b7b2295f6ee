"""Seals the secrets of second factors on disk, as the transport seals the bots': ChaCha20-Poly1305, with a key of 0600.

What is sealed is bound to whom it is about, so that one person's does not open as another's. The key is a file beside
`operators.json`; losing it means that codes by time have to be set up anew, by recovery codes or after a reset.
"""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from kernel.regular_files import read_regular
from plugins.api import disk

KEY: Final = "key"
SIZE: Final = 32
_NONCE: Final = 12
_LOSS: Final = "Codes of second factors cannot be checked; recovery codes can."
_CURE: Final = "Put it back from the backup, or set second factors up anew: switchboard operator reset-second-factor."


class FactorSealing:
    """Seals and opens with the key of the plugin's folder, which is made when the first secret is sealed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / KEY

    def seal(self, secret: bytes, about: str, *, first: bool) -> str:
        """The sealed secret as text. `first`: nothing else is sealed, so a key may be made. Raises FileUnreadable."""
        nonce = os.urandom(_NONCE)
        sealed = ChaCha20Poly1305(self._key(make=first)).encrypt(nonce, secret, about.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, about: str) -> bytes:
        """The secret. Raises FileUnreadable where it was sealed with another key, or for somebody else."""
        try:
            data = base64.b64decode(sealed, validate=True)
            return ChaCha20Poly1305(self._key(make=False)).decrypt(data[:_NONCE], data[_NONCE:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise disk.unusable(self._path, ValueError("a secret does not open with it"), _LOSS, _CURE) from error

    def _key(self, *, make: bool) -> bytes:
        try:
            key = read_regular(self._path, SIZE)
            mode = stat.S_IMODE(self._path.stat().st_mode)
        except FileNotFoundError as error:
            if make:
                return self._made()
            raise disk.unusable(self._path, error, _LOSS, _CURE) from error
        except OSError as error:
            raise disk.unusable(self._path, error, _LOSS, _CURE) from error
        if len(key) != SIZE:
            raise disk.unusable(self._path, ValueError(f"it has not {SIZE} bytes"), _LOSS, _CURE)
        if mode & 0o077:
            raise disk.unusable(self._path, ValueError(f"others may read it (mode {mode:04o})"), _LOSS, "chmod 600 it.")
        return key

    def _made(self) -> bytes:
        """A new key, or that of whoever was quicker."""
        with disk.locked(self._path.with_suffix(".lock")):
            if self._path.exists():
                return self._key(make=False)
            key = os.urandom(SIZE)
            disk.replace(self._path, key)
            return key
