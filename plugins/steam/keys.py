"""Where the key that seals the bots' secrets is kept: a file, an environment variable, or the OS keyring.

A setting names it: `file:/etc/switchboard/key`, `env:SWITCHBOARD_KEY`, `keyring:switchboard`. In a file the key is 32
bytes, elsewhere the same in base64.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
import tempfile
from pathlib import Path
from typing import Protocol

from kernel.disk import sync_folder
from kernel.regular_files import read_regular
from plugins.steam.codes import SteamReason
from plugins.steam.errors import SecretsUnreadable

SIZE = 32
MOST_BYTES = 64 * 1024
"""Read of a file that is named as the key's."""
_USER = "secrets"  # the name under which the keyring has it, of the service that the setting names


class KeySource(Protocol):
    """A place that has a key or has none; what stands there and is no key raises `SecretsUnreadable`."""

    makes: bool
    """Whether `make` can keep one there."""

    def read(self) -> bytes | None:
        """The key, None where there is none."""

    def make(self) -> bytes:
        """A new key, kept from now on; where another process was quicker, its key."""

    def __str__(self) -> str:
        """The place, in words for a person."""


def parse(setting: str) -> KeySource:
    """The place that a setting names; ValueError says how to write one."""
    kind, _, name = setting.partition(":")
    if kind == "file" and name:
        return KeyFile(Path(name))
    if kind == "env" and name.isidentifier():
        return KeyVariable(name)
    if kind == "keyring" and name:
        return KeyringKey(name)
    raise ValueError("write file:/path/to/the/key, env:NAME_OF_A_VARIABLE or keyring:NAME_OF_A_SERVICE")


class KeyFile:
    """A file of mode 0600 that holds the bytes of the key and nothing else."""

    makes = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return f"the file {self._path}"

    def read(self) -> bytes | None:
        try:
            key = read_regular(self._path, MOST_BYTES)
            mode = stat.S_IMODE(self._path.stat().st_mode)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SecretsUnreadable(
                SteamReason.SECRETS_KEY_UNREADABLE,
                f"the key {self._path} cannot be read: {error.strerror}; check its path and mode",
            ) from error
        if len(key) != SIZE:
            raise SecretsUnreadable(
                SteamReason.SECRETS_KEY_DAMAGED,
                f"the key {self._path} has {len(key)} bytes, not {SIZE}; restore it from its backup",
            )
        if mode & 0o077:
            raise SecretsUnreadable(
                SteamReason.SECRETS_KEY_EXPOSED,
                f"others may read the key {self._path} (mode {mode:04o}); run chmod 600 on it",
            )
        return key

    def make(self) -> bytes:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        key = os.urandom(SIZE)
        temporary = write_temporary(self._path.parent, key)
        try:
            os.link(temporary, self._path)
        except FileExistsError:
            return self.read() or self.make()
        finally:
            temporary.unlink()
        sync_folder(self._path.parent)
        return key


class KeyVariable:
    """An environment variable, which whoever starts the system fills: nothing can be kept in one from inside."""

    makes = False

    def __init__(self, name: str) -> None:
        self._name = name

    def __str__(self) -> str:
        return f"the environment variable {self._name}"

    def read(self) -> bytes | None:
        text = os.environ.get(self._name, "").strip()
        return _decoded(text, self) if text else None

    def make(self) -> bytes:
        raise SecretsUnreadable(
            SteamReason.SECRETS_KEY_MISSING,
            f"{self} holds no key; put one there that `switchboard secrets new-key` prints, and keep a copy elsewhere",
        )


class KeyringKey:
    """The keyring of the operating system's user, through the package `keyring`."""

    makes = True

    def __init__(self, service: str) -> None:
        self._service = service

    def __str__(self) -> str:
        return f"the OS keyring's entry {self._service!r}"

    def read(self) -> bytes | None:
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError:
            raise SecretsUnreadable(
                SteamReason.SECRETS_KEYRING_MISSING,
                f"{self} is asked for the key, but the package keyring is not installed; "
                "run `pip install '.[keyring]'` in Switchboard's own folder, or name a file or a variable",
            ) from None
        try:
            text = keyring.get_password(self._service, _USER)
        except KeyringError as error:
            raise self._closed(error) from error
        return _decoded(text, self) if text else None

    def make(self) -> bytes:
        import keyring
        from keyring.errors import KeyringError

        key = os.urandom(SIZE)
        try:
            keyring.set_password(self._service, _USER, text(key))
        except KeyringError as error:
            raise self._closed(error) from error
        return key

    def _closed(self, error: Exception) -> SecretsUnreadable:
        return SecretsUnreadable(
            SteamReason.SECRETS_KEYRING_CLOSED,
            f"{self} cannot be had: {error}; unlock the keyring of the user who runs Switchboard, or name a file",
        )


def text(key: bytes) -> str:
    """A key as it stands in a variable or a keyring."""
    return base64.b64encode(key).decode()


def _decoded(encoded: str, source: KeySource) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != SIZE:
        raise SecretsUnreadable(
            SteamReason.SECRETS_KEY_DAMAGED,
            f"{source} does not hold {SIZE} bytes in base64; put the key back from its backup",
        )
    return key


def write_temporary(folder: Path, content: bytes) -> Path:
    """A new file of mode 0600 in `folder`, its content on disk."""
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)
