"""A folder of maFiles, as SDA, Nebula and their like keep it: encrypted by its `manifest.json` or not.

SDA encrypts each file on its own: AES-256-CBC, the key by PBKDF2 from the passkey and the file's salt; salt and
IV stand in `manifest.json` only. Nebula leaves the files plain and encrypts the password that it put into them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from plugins.steam import mafile
from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import MaFileInvalid
from plugins.steam_protocol import steam_id
from plugins.steam_protocol.errors import NotAnIndividual

MANIFEST = "manifest.json"
MAX_MANIFEST = 16 * 1024 * 1024  # bytes; ten thousand accounts take two
ITERATIONS = 50_000
_KEY_SIZE = 32
_BLOCK = 16


class Found(NamedTuple):
    """One file of the folder: its maFile's JSON text and login, or why there is none. Its repr would tell secrets."""

    name: str
    document: str = ""
    account_name: str = ""
    password: str | None = None  # Nebula's, from inside the file
    problem: MaFileInvalid | None = None

    def __repr__(self) -> str:
        return f"Found(name={self.name!r}, account_name={self.account_name!r}, problem={self.problem!r})"


class _Entry(msgspec.Struct, rename={"iv": "encryption_iv", "salt": "encryption_salt"}):
    """What the manifest says of one file; other keys are of no use here."""

    filename: str
    iv: str | None = None
    salt: str | None = None
    steamid: int | str | None = None


class _Manifest(msgspec.Struct):
    encrypted: bool = False
    entries: list[_Entry] = []


def names(folder: Path) -> list[str]:
    """The maFiles of a folder, by name, in order."""
    return sorted(path.name for path in folder.iterdir() if path.suffix.casefold() == ".mafile" and path.is_file())


def read(folder: Path, passkey: str | None = None) -> Iterator[Found]:
    """Every maFile of a folder, one after another: reading an encrypted one takes some 40 ms of work.

    Raises `MaFileInvalid` where the manifest itself is damaged, and OSError where the folder cannot be read.
    """
    manifest = _manifest(folder)
    entries = {entry.filename.casefold(): entry for entry in manifest.entries}
    for name in names(folder):
        entry = entries.get(name.casefold())
        try:
            with (folder / name).open("rb") as file:
                raw = file.read(mafile.MAX_SIZE + 1)
            if manifest.encrypted and entry is not None and entry.iv and entry.salt and not _is_object(raw):
                raw = _decrypted(raw, entry, passkey)
            yield _found(name, raw, entry, passkey)
        except MaFileInvalid as problem:
            yield Found(name, problem=problem)
        except OSError as error:
            told = f"the file cannot be read: {error.strerror}; check its mode"
            yield Found(name, problem=MaFileInvalid(SteamRefusal.MA_FILE_UNREADABLE, told))


def _manifest(folder: Path) -> _Manifest:
    try:
        with (folder / MANIFEST).open("rb") as file:
            raw = file.read(MAX_MANIFEST + 1)
    except FileNotFoundError:
        return _Manifest()
    try:
        if len(raw) > MAX_MANIFEST:
            raise ValueError
        return msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"), type=_Manifest)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise MaFileInvalid(
            SteamRefusal.MANIFEST_DAMAGED,
            f"{MANIFEST} is not the one of an authenticator; put back the one that was there, for what it says of the "
            "encryption stands nowhere else",
        ) from None


def _found(name: str, raw: bytes, entry: _Entry | None, passkey: str | None) -> Found:
    """The file with what its name and the manifest know and it does not: whose it is."""
    document = mafile.as_text(raw)
    added = dict(_missing(name, document, entry))
    if added:
        known: dict[str, Any] = msgspec.json.decode(document)
        document = msgspec.json.encode(known | added).decode()
    read_file = mafile.parse(document)
    return Found(name, document, read_file.account_name, _nebulas_password(read_file, passkey))


def _missing(name: str, document: str, entry: _Entry | None) -> Iterator[tuple[str, str]]:
    known = mafile.identity(document)
    stem = Path(name).stem
    if known.steam_id64 is None:
        for told in (stem, entry.steamid if entry else None):
            try:
                yield "steamid", str(steam_id.parse(str(told)))
                break
            except NotAnIndividual:
                continue
    if known.account_name is None and not stem.isdigit():
        yield "account_name", stem


def _decrypted(raw: bytes, entry: _Entry, passkey: str | None) -> bytes:
    if passkey is None:
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_ENCRYPTED, "the maFile is encrypted; give the passkey that SDA asks for"
        )
    try:
        salt, iv, sealed = (base64.b64decode(text) for text in (entry.salt or "", entry.iv or "", raw))
        key = hashlib.pbkdf2_hmac("sha1", passkey.encode(), salt, ITERATIONS, _KEY_SIZE)
        opened = _opened(sealed, key, iv)
    except (binascii.Error, ValueError):
        raise _wrong_passkey() from None
    if not _is_object(opened):
        raise _wrong_passkey()
    return opened


def _opened(sealed: bytes, key: bytes, iv: bytes) -> bytes:
    """AES-CBC without its padding; ValueError where the key is wrong."""
    if not sealed or len(sealed) % _BLOCK:
        raise ValueError("no whole blocks")
    decryptor = Cipher(AES(key), CBC(iv)).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    unpadder = PKCS7(_BLOCK * 8).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def _wrong_passkey() -> MaFileInvalid:
    return MaFileInvalid(
        SteamRefusal.MA_FILE_WRONG_PASSKEY,
        "the maFile does not open with this passkey and manifest.json; give the passkey that SDA asks for, and the "
        "folder's own manifest.json",
    )


def _nebulas_password(read_file: mafile.MaFile, passkey: str | None) -> str | None:
    """Nebula's `Password`: AES-256-CBC with the SHA-256 of a PIN and no IV. None where there is none, or no PIN."""
    decoded: Mapping[str, object] = msgspec.json.decode(read_file.document)
    sealed = decoded.get("Password")
    if not isinstance(sealed, str) or not sealed or passkey is None:
        return None
    try:
        key = hashlib.sha256(passkey.encode()).digest()
        return _opened(base64.b64decode(sealed), key, bytes(_BLOCK)).decode() or None
    except (binascii.Error, ValueError):
        return None


def _is_object(raw: bytes) -> bool:
    return raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
