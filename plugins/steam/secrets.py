"""The transport's own store of secrets: one encrypted file for each bot, and a key beside them or elsewhere.

A file is `SBS1`, a nonce of 12 bytes, and ChaCha20-Poly1305 of the msgpack record with the bot's id as
associated data: a file that was changed, cut or copied to another bot does not open. Files are replaced whole
(temporary file, fsync, rename, fsync of the folder), so a crash leaves the old record or the new one.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from kernel.disk import sync_folder
from plugins.steam.codes import SteamReason
from plugins.steam.errors import SecretsOutOfReach, SecretsUnreadable
from plugins.steam.keys import KeyFile, KeySource, write_temporary

_MAGIC = b"SBS1"
_NONCE_SIZE = 12
_SUFFIX = ".secret"
SAMPLE = 10  # secrets that are tried before a key is called the wrong one
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

    def __init__(
        self, folder: Path, key: KeySource | None = None, gone: Callable[[], str | None] = lambda: None
    ) -> None:
        """`gone` says that the data folder was taken away, if it was."""
        self._folder = folder
        self._gone = gone
        self._made = False
        self._source = key or KeyFile(folder / "key")
        self._cipher: ChaCha20Poly1305 | None = None
        self._records = msgspec.msgpack.Decoder(BotSecrets)

    def bot_ids(self) -> list[str]:
        """The bots that have secrets here. Raises `SecretsOutOfReach`."""
        ids = [path.stem for path in self.files()]
        if not ids:
            self._expect_folder()
        return ids

    def files(self) -> list[Path]:
        """Their files."""
        return sorted(self._folder.glob(f"*{_SUFFIX}"))

    def check(self) -> None:
        """Raises `SecretsUnreadable` where the key is lost or another one: where not one of some secrets opens."""
        refused: SecretsUnreadable | None = None
        for bot_id in self.bot_ids()[:SAMPLE]:
            try:
                self.load(bot_id)
            except SecretsUnreadable as error:
                refused = error
            else:
                return
        if refused is not None:
            raise refused

    @contextmanager
    def held(self, *, alone: bool = False) -> Iterator[None]:
        """Keep out who would have the folder alone, or everybody; `SecretsUnreadable` where somebody is there."""
        self._make_folder()
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as lock:
            try:
                fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SecretsUnreadable(
                    SteamReason.SECRETS_IN_USE,
                    f"{self._folder} is in use; stop the system, or wait until the change of the key is through",
                ) from None
            yield

    def load(self, bot_id: str) -> BotSecrets | None:
        """The bot's secrets, None where there are none; `SecretsUnreadable` where they do not open.

        Raises `SecretsOutOfReach`.
        """
        path = self._path(bot_id)
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            self._expect_folder()
            return None
        if not sealed.startswith(_MAGIC):
            raise SecretsUnreadable(
                SteamReason.SECRETS_FOREIGN, f"{path} is not a file of this store; put back the one that was there"
            )
        nonce, data = sealed[len(_MAGIC) :][:_NONCE_SIZE], sealed[len(_MAGIC) + _NONCE_SIZE :]
        try:
            opened = self._open_cipher().decrypt(nonce, data, bot_id.encode())
        except (InvalidTag, ValueError):
            raise SecretsUnreadable(
                SteamReason.SECRETS_TAMPERED,
                f"{path} does not open: it was changed, or sealed with another key than that of {self._source}; "
                "restore both from one backup, or remove the bot and add it again",
            ) from None
        try:
            return self._records.decode(opened)
        except msgspec.MsgspecError:
            raise SecretsUnreadable(
                SteamReason.SECRETS_FOREIGN, f"{path} was written by another version; start the version that wrote it"
            ) from None

    def save(self, bot_id: str, secrets: BotSecrets) -> None:
        """Put the bot's secrets on disk; when it returns they are there for good. Raises `SecretsOutOfReach`."""
        path = self._path(bot_id)
        cipher = self._open_cipher()
        nonce = os.urandom(_NONCE_SIZE)
        sealed = _MAGIC + nonce + cipher.encrypt(nonce, msgspec.msgpack.encode(secrets), bot_id.encode())
        try:
            temporary = write_temporary(self._folder, sealed)
        except FileNotFoundError:
            self._expect_folder()
            raise
        temporary.replace(path)
        sync_folder(self._folder)

    def delete(self, bot_id: str) -> None:
        """Forget the bot's secrets; nothing happens where there are none. Raises `SecretsOutOfReach`."""
        try:
            self._path(bot_id).unlink()
        except FileNotFoundError:
            self._expect_folder()
        else:
            sync_folder(self._folder)

    def _path(self, bot_id: str) -> Path:
        if not _BOT_ID.fullmatch(bot_id):
            raise ValueError(f"{bot_id!r} is not a bot id")
        return self._folder / f"{bot_id}{_SUFFIX}"

    def _open_cipher(self) -> ChaCha20Poly1305:
        if self._cipher is None:
            self._make_folder()
            self._cipher = ChaCha20Poly1305(self._key())
        return self._cipher

    def _make_folder(self) -> None:
        """Once: in the place of a folder that was moved away, another would take new secrets, sealed with a new key."""
        if not self._made:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            self._made = True

    def _expect_folder(self) -> None:
        if (why := self._gone()) is not None:
            raise SecretsOutOfReach(f"the bots' secrets are out of reach: {why}")

    def _key(self) -> bytes:
        """The key, made at first use; never made anew beside secrets, which it would not open."""
        key = self._source.read()
        if key is None:
            self._expect_folder()
        if key is None and self.bot_ids():
            raise SecretsUnreadable(
                SteamReason.SECRETS_KEY_MISSING,
                f"the key is gone from {self._source}, and {self._folder} holds secrets sealed with it; put "
                "the key back from its backup, or move the folder away and add the bots again",
            )
        return self._source.make() if key is None else key


def change_key(folder: Path, old: KeySource, new: KeySource, done: Callable[[int], None] = lambda count: None) -> int:
    """Seal every secret with the key of `new`, which is made where there is none; gives how many there are.

    Nothing may use the folder meanwhile. An interrupted change is finished by the same call: what is sealed with the
    new key already stays, and the old key is not touched.
    """
    before, after = SecretStore(folder, old), SecretStore(folder, new)
    with after.held(alone=True):
        ids = before.bot_ids()
        if old.read() is None:
            raise SecretsUnreadable(
                SteamReason.SECRETS_KEY_MISSING, f"there is no key in {old}, so nothing can be opened with it"
            )
        if new.read() is None:
            new.make()
        for count, bot_id in enumerate(ids, 1):
            try:
                after.load(bot_id)
            except SecretsUnreadable:
                secrets = before.load(bot_id)
                if secrets is not None:
                    after.save(bot_id, secrets)
            done(count)
    return len(ids)
