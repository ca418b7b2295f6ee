"""The transport's own store of secrets: one encrypted file for each bot, and a key beside them or elsewhere.

A file is `SBS1`, a nonce of 12 bytes, and ChaCha20-Poly1305 of the msgpack record with the bot's id as
associated data: a file that was changed, cut or copied to another bot does not open. Files are replaced whole
(temporary file, fsync, rename, fsync of the folder), so a crash leaves the old record or the new one.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from plugins.steam.errors import SecretsUnreadable

_MAGIC = b"SBS1"
_NONCE_SIZE = 12
_KEY_SIZE = 32
_SUFFIX = ".secret"
_BOT_ID = re.compile(r"[A-Za-z0-9_-]{1,90}")


class BotSecrets(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that one bot needs to sign in and nobody else may see."""

    account_name: str
    shared_secret: bytes
    proxy_url: str  # with its credentials
    mafile: str  # the whole maFile as it was given, JSON text
    password: str | None = None
    identity_secret: bytes | None = None
    steam_id64: int | None = None
    refresh_token: str | None = None  # ours, good for ClientLogon; not the maFile's
    guard_data: str | None = None

    def __repr__(self) -> str:
        return f"BotSecrets(account_name={self.account_name!r}, steam_id64={self.steam_id64}, …)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("account_name", self.account_name), ("steam_id64", self.steam_id64)]


class SecretStore:
    """Loads, saves and deletes the secrets of bots.

    Its methods touch the disk, `save` and `delete` with an fsync: call them from a thread where that matters.
    The folder is made with mode 0700, the key with 0600 at the first save. Losing the key means losing the
    secrets: back both up, apart from each other.
    """

    def __init__(self, folder: Path, key_file: Path | None = None) -> None:
        self._folder = folder
        self._key_file = key_file or folder / "key"
        self._cipher: ChaCha20Poly1305 | None = None
        self._records = msgspec.msgpack.Decoder(BotSecrets)

    def bot_ids(self) -> list[str]:
        """The bots that have secrets here."""
        return sorted(path.stem for path in self._folder.glob(f"*{_SUFFIX}"))

    def load(self, bot_id: str) -> BotSecrets | None:
        """The bot's secrets, None where there are none; `SecretsUnreadable` where they do not open."""
        path = self._path(bot_id)
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            return None
        if not sealed.startswith(_MAGIC):
            raise SecretsUnreadable(
                "secrets.foreign", f"{path} is not a file of this store; put back the one that was there"
            )
        nonce, data = sealed[len(_MAGIC) :][:_NONCE_SIZE], sealed[len(_MAGIC) + _NONCE_SIZE :]
        try:
            opened = self._open_cipher().decrypt(nonce, data, bot_id.encode())
        except (InvalidTag, ValueError):
            raise SecretsUnreadable(
                "secrets.tampered",
                f"{path} does not open: it was changed, or sealed with another key than {self._key_file}; "
                "restore both from one backup, or remove the bot and add it again",
            ) from None
        try:
            return self._records.decode(opened)
        except msgspec.MsgspecError:
            raise SecretsUnreadable(
                "secrets.foreign", f"{path} was written by another version; start the version that wrote it"
            ) from None

    def save(self, bot_id: str, secrets: BotSecrets) -> None:
        """Put the bot's secrets on disk; when it returns they are there for good."""
        path = self._path(bot_id)
        cipher = self._open_cipher()
        nonce = os.urandom(_NONCE_SIZE)
        sealed = _MAGIC + nonce + cipher.encrypt(nonce, msgspec.msgpack.encode(secrets), bot_id.encode())
        temporary = _write_temporary(self._folder, sealed)
        temporary.replace(path)
        _sync_folder(self._folder)

    def delete(self, bot_id: str) -> None:
        """Forget the bot's secrets; nothing happens where there are none."""
        self._path(bot_id).unlink(missing_ok=True)
        if self._folder.exists():
            _sync_folder(self._folder)

    def _path(self, bot_id: str) -> Path:
        if not _BOT_ID.fullmatch(bot_id):
            raise ValueError(f"{bot_id!r} is not a bot id")
        return self._folder / f"{bot_id}{_SUFFIX}"

    def _open_cipher(self) -> ChaCha20Poly1305:
        if self._cipher is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            self._cipher = ChaCha20Poly1305(self._key())
        return self._cipher

    def _key(self) -> bytes:
        """The key, made at first use; never made anew beside secrets, which it would not open."""
        try:
            key = self._key_file.read_bytes()
        except FileNotFoundError:
            if self.bot_ids():
                raise SecretsUnreadable(
                    "secrets.keyMissing",
                    f"the key {self._key_file} is gone, and {self._folder} holds secrets sealed with it; put "
                    "the key back from its backup, or move the folder away and add the bots again",
                ) from None
            return self._make_key()
        if len(key) != _KEY_SIZE:
            raise SecretsUnreadable(
                "secrets.keyDamaged",
                f"the key {self._key_file} has {len(key)} bytes, not {_KEY_SIZE}; restore it from its backup",
            )
        mode = stat.S_IMODE(self._key_file.stat().st_mode)
        if mode & 0o077:
            raise SecretsUnreadable(
                "secrets.keyExposed",
                f"others may read the key {self._key_file} (mode {mode:04o}); run chmod 600 on it",
            )
        return key

    def _make_key(self) -> bytes:
        """Write a new key, unless another process was quicker: then take its."""
        self._key_file.parent.mkdir(parents=True, exist_ok=True)
        key = os.urandom(_KEY_SIZE)
        temporary = _write_temporary(self._key_file.parent, key)
        try:
            os.link(temporary, self._key_file)
        except FileExistsError:
            key = self._key_file.read_bytes()
        finally:
            temporary.unlink()
        _sync_folder(self._key_file.parent)
        return key


def _write_temporary(folder: Path, content: bytes) -> Path:
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


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
