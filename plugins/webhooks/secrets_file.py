"""The endpoints' signing secrets: `secrets.json` in the plugin's folder, mode 0600, and nowhere else."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from kernel.kept_secrets import SecretUnreadable
from kernel.private_files import put
from kernel.regular_files import open_regular
from plugins.webhooks import signing

FILE: Final = "secrets.json"
MOST_BYTES: Final = 1024 * 1024


class KeptSecret(Struct, frozen=True):
    """The secret of one endpoint, and for a while the one before it: messages bear a signature of each."""

    current: str
    previous: str | None = None
    previous_until: int = 0
    """UTC milliseconds."""

    def in_use(self, now: int) -> tuple[str, ...]:
        return (self.current, self.previous) if self.previous and now < self.previous_until else (self.current,)

    def __repr__(self) -> str:
        return "KeptSecret(…)"


class SecretsFile:
    """Read at each use, since it is written by the command line while the system runs."""

    def __init__(self, folder: Path) -> None:
        self.path: Final = folder / FILE

    def read(self) -> dict[str, KeptSecret]:
        """By endpoint. Raises SecretUnreadable."""
        try:
            with open_regular(self.path) as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                if mode & 0o077:
                    raise SecretUnreadable(f"others may read {self.path} (mode {mode:04o}); run chmod 600 on it")
                content = file.read(MOST_BYTES)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise SecretUnreadable(f"{self.path} cannot be read: {error.strerror}") from error
        try:
            found = msgspec.json.decode(content, type=dict[str, KeptSecret])
            for kept in found.values():
                for secret in (kept.current, *((kept.previous,) if kept.previous else ())):
                    signing.key_of(secret)
        except (msgspec.MsgspecError, ValueError):
            raise SecretUnreadable(f"{self.path}: is damaged; make the secrets anew") from None
        return found

    def renew(self, endpoint: str, now: int, kept_ms: int) -> str:
        """A new secret; the one before holds for `kept_ms` longer. Raises SecretUnreadable, OSError."""
        known = self.read()
        before = known.get(endpoint)
        made = signing.new_secret()
        previous = before.current if before is not None and kept_ms > 0 else None
        known[endpoint] = KeptSecret(made, previous, now + kept_ms if previous else 0)
        put(self.path, msgspec.json.encode(known))
        return made
