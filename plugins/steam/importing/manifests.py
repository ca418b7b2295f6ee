"""A `manifest.json` beside maFiles: whose each file is, and what opens it where it is encrypted.

SDA: `entries` of `filename`, `steamid`, `encryption_iv`, `encryption_salt`; a file is the base64 of AES-256-CBC, its
key by PBKDF2-HMAC-SHA1 from the passkey with 50,000 rounds (SDA's FileEncryptor). steamguard-cli, `version` 1:
`entries` of `filename`, `steam_id`, `account_name` and `encryption` with `scheme`, `iv`, `salt`; the scheme
`LegacySdaCompatible` is SDA's, `Argon2idAes256` has its key by argon2id of 12 MiB, 3 passes and 12 lanes
(dyc3/steamguard-cli, src/encryption). A manifest that is none leaves plain files as good as they are.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import posixpath
import re
from enum import StrEnum
from typing import Final, NamedTuple

import argon2.low_level
import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from plugins.steam import texts
from plugins.steam.codes import SteamRefusal
from plugins.steam.documents import folded
from plugins.steam.errors import MaFileInvalid

ITERATIONS: Final = 50_000
MAX_ENTRIES: Final = 20_000
_KEY_SIZE: Final = 32
_BLOCK: Final = 16
_COPY: Final = re.compile(r" ?\(\d+\)| - (?:copy|копия)(?: ?\(\d+\))?", re.IGNORECASE)


class Scheme(StrEnum):
    """How a file is encrypted, in steamguard-cli's words."""

    SDA = "LegacySdaCompatible"
    ARGON2 = "Argon2idAes256"


class Sealing(NamedTuple):
    """What opens a file beside the passkey; a scheme that is not known is kept as its name."""

    scheme: str
    salt: str
    iv: str


class Entry(NamedTuple):
    """What a manifest says of one file."""

    steam_id: object = None
    account_name: str | None = None
    sealing: Sealing | None = None


class Manifest:
    """The entries by their files' names. `readable` is False where the file is not the one of an authenticator."""

    def __init__(self, raw: bytes | None = None) -> None:
        self.present = raw is not None
        self.readable = False
        self._entries: dict[str, Entry] = {}
        if raw is not None:
            self._read(raw)

    def entry(self, name: str) -> Entry | None:
        """Of that file, or of the one that it is a copy of by its name."""
        base = posixpath.basename(name).casefold()
        return self._entries.get(base) or self._entries.get(_COPY.sub("", base))

    def _read(self, raw: bytes) -> None:
        try:
            decoded: object = msgspec.json.decode(texts.decode(raw).strip("\0 \r\n\t\ufeff"))
        except (ValueError, RecursionError, msgspec.MsgspecError):
            return
        entries = folded(decoded).get("entries")
        if not isinstance(entries, list):
            return
        self.readable = True
        for item in entries[:MAX_ENTRIES]:
            fields = folded(item)
            name = fields.get("filename")
            if isinstance(name, str) and name:
                self._entries[posixpath.basename(name.replace("\\", "/")).casefold()] = _entry(fields)


def _entry(fields: dict[str, object]) -> Entry:
    encryption = folded(fields.get("encryption"))
    salt, iv = fields.get("encryptionsalt"), fields.get("encryptioniv")
    scheme: object = Scheme.SDA
    if encryption:
        salt, iv, scheme = encryption.get("salt"), encryption.get("iv"), encryption.get("scheme", Scheme.SDA)
    sealed = isinstance(scheme, str) and isinstance(salt, str) and isinstance(iv, str) and salt and iv
    name = fields.get("accountname")
    return Entry(
        steam_id=fields.get("steamid"),
        account_name=name.strip() or None if isinstance(name, str) else None,
        sealing=Sealing(str(scheme), str(salt), str(iv)) if sealed else None,
    )


def opened(raw: bytes, entry: Entry | None, manifest: Manifest, passkey: str | None) -> bytes:
    """What stands in an encrypted file. It takes some 40 ms of work. Raises `MaFileInvalid`."""
    if entry is None or entry.sealing is None:
        raise MaFileInvalid(SteamRefusal.MA_FILE_ENCRYPTED, _without_entry(entry, manifest))
    sealing = entry.sealing
    if sealing.scheme not in tuple(Scheme):
        text = (
            "the maFile is encrypted in a way that is not read here; take the encryption off in the program that made "
            "it (`steamguard decrypt`)"
        )
        raise MaFileInvalid(SteamRefusal.MA_FILE_ENCRYPTED, text)
    if not passkey:
        text = (
            "the maFile is encrypted; give the passkey that the program which made it asks for (in the window, or in "
            "SWITCHBOARD_PASSKEY)"
        )
        raise MaFileInvalid(SteamRefusal.MA_FILE_ENCRYPTED, text)
    try:
        salt, iv, sealed = (base64.b64decode(text) for text in (sealing.salt, sealing.iv, b"".join(raw.split())))
        plain = decrypted(sealed, _key(sealing.scheme, passkey, salt), iv)
    except (binascii.Error, ValueError, argon2.exceptions.HashingError):
        raise _wrong_passkey() from None
    if texts.decode(plain[:64]).lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        raise _wrong_passkey()
    return plain


def decrypted(sealed: bytes, key: bytes, iv: bytes) -> bytes:
    """AES-CBC without its padding; ValueError where the key is wrong."""
    if not sealed or len(sealed) % _BLOCK:
        raise ValueError("no whole blocks")
    decryptor = Cipher(AES(key), CBC(iv)).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    unpadder = PKCS7(_BLOCK * 8).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def _key(scheme: str, passkey: str, salt: bytes) -> bytes:
    if scheme == Scheme.SDA:
        return hashlib.pbkdf2_hmac("sha1", passkey.encode(), salt, ITERATIONS, _KEY_SIZE)
    return argon2.low_level.hash_secret_raw(
        passkey.encode(),
        salt,
        time_cost=3,
        memory_cost=12 * 1024,
        parallelism=12,
        hash_len=_KEY_SIZE,
        type=argon2.low_level.Type.ID,
        version=0x13,
    )


def _without_entry(entry: Entry | None, manifest: Manifest) -> str:
    if not manifest.present:
        why = "there is no manifest.json beside it, and what opens it stands only there"
    elif not manifest.readable:
        why = "the manifest.json beside it is empty or not an authenticator's, and what opens it stands only there"
    elif entry is None:
        why = "the manifest.json beside it does not name it, and what opens it stands only there"
    else:
        why = "the manifest.json beside it names it as one that is not encrypted"
    return (
        f"the maFile is encrypted: {why}; give it with the manifest.json of its own folder, or take the encryption off "
        "in the program that made it"
    )


def _wrong_passkey() -> MaFileInvalid:
    return MaFileInvalid(
        SteamRefusal.MA_FILE_WRONG_PASSKEY,
        "the maFile does not open with this passkey and manifest.json; give the passkey that the program which made it "
        "asks for, and the folder's own manifest.json",
    )
