"""One maFile: what a mobile authenticator knows of its account, as SDA, Nebula and their like write it.

Keys are matched without regard to case and underscores: `shared_secret` and Nebula's `SharedSecret` are one.
Those not named here are kept in `document` and otherwise passed over.
"""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import MaFileInvalid
from plugins.steam_protocol import jwt, steam_id
from plugins.steam_protocol.errors import NotAnIndividual, TokenMalformed

MAX_SIZE = 64 * 1024  # bytes; a whole maFile has about 2,000
SECRET_SIZE = 20  # bytes; the key of an HMAC-SHA1

_ENCRYPTED = re.compile(r"[A-Za-z0-9+/\r\n]{64,}={0,2}\s*")
_UNSIGNED = 1 << 64


@dataclass(frozen=True, slots=True, repr=False)
class MaFile:
    """The parts of a maFile that a sign-in needs; the secrets stay out of its repr."""

    account_name: str
    shared_secret: bytes
    steam_id64: int | None  # learnt at the first sign-in where the file does not tell
    identity_secret: bytes | None
    device_id: str | None
    serial_number: int | None
    refresh_token: str | None  # Session.RefreshToken; a mobile one is of no use to a CM
    document: str  # the whole file as JSON text, with the keys that nobody here knows

    def __repr__(self) -> str:
        return f"MaFile(account_name={self.account_name!r}, steam_id64={self.steam_id64}, …)"


class Identity(NamedTuple):
    """Whose maFile it says it is."""

    account_name: str | None
    steam_id64: int | None


def parse(source: str | bytes | Mapping[str, object]) -> MaFile:
    """Read a maFile from its bytes, its text or its JSON object; `MaFileInvalid` says what to correct."""
    document = as_text(source)
    fields = _fields(document)
    session = _session(fields)
    return MaFile(
        account_name=_account_name(fields),
        shared_secret=_shared_secret(fields),
        steam_id64=_steam_id64(fields, session),
        identity_secret=_secret(fields.get("identitysecret")),
        device_id=_word(fields.get("deviceid")),
        serial_number=_serial_number(fields.get("serialnumber")),
        refresh_token=_word(session.get("refreshtoken")),
        document=document,
    )


def identity(document: str) -> Identity:
    """Whose a maFile is, where a file without a name is no error yet; `MaFileInvalid` where it is no maFile at all."""
    fields = _fields(document)
    return Identity(_name(fields), _steam_id64(fields, _session(fields)))


def as_text(source: str | bytes | Mapping[str, object]) -> str:
    try:
        if isinstance(source, Mapping):
            source = msgspec.json.encode(source)
        raw = source if isinstance(source, bytes) else source.encode()
        if len(raw) > MAX_SIZE:
            raise MaFileInvalid(
                SteamRefusal.MA_FILE_TOO_LARGE,
                f"this is over {MAX_SIZE // 1024} KiB and so no maFile; give the .maFile of one account",
            )
        utf_16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
        return raw.decode("utf-16" if utf_16 else "utf-8-sig").removeprefix("\ufeff").strip()
    except UnicodeError:
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_NOT_TEXT, "the maFile is not UTF-8 text; export it again and give the file as it is"
        ) from None
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        raise _not_json() from None


def _fields(document: str) -> dict[str, object]:
    """The file's keys, folded; of two that fold to the same the last with a value counts."""
    try:
        decoded: object = msgspec.json.decode(document)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        if _ENCRYPTED.fullmatch(document):
            raise MaFileInvalid(
                SteamRefusal.MA_FILE_ENCRYPTED,
                "the maFile is encrypted, and what opens it is in the manifest.json beside it; import the whole folder "
                "with `switchboard bots import`, or take the encryption off in the program that made it",
            ) from None
        raise _not_json() from None
    if not isinstance(decoded, dict):
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_NOT_OBJECT, "the maFile is not a JSON object; give the .maFile of one account"
        )
    return _object(decoded)


def _not_json() -> MaFileInvalid:
    return MaFileInvalid(SteamRefusal.MA_FILE_NOT_JSON, "the maFile is not JSON; give the file as it was exported")


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        return {}
    present = ((str(key), item) for key, item in value.items() if item is not None)
    return {key.replace("_", "").casefold(): item for key, item in present}


def _session(fields: dict[str, object]) -> dict[str, object]:
    return _object(fields.get("session")) or _object(fields.get("sessiondata"))


def _name(fields: dict[str, object]) -> str | None:
    return _word(fields.get("accountname")) or _name_in_uri(_word(fields.get("uri")))


def _account_name(fields: dict[str, object]) -> str:
    name = _name(fields)
    if name is None:
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_MISSING_FIELD,
            "the maFile has no account_name; add the account's login name under that key",
            "account_name",
        )
    if len(name) > 128 or not name.isprintable():
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_INVALID_FIELD,
            "account_name in the maFile is not a Steam login name; put the account's login name there",
            "account_name",
        )
    return name


def _name_in_uri(uri: str | None) -> str | None:
    """LOGIN out of `otpauth://totp/Steam:LOGIN?secret=…`."""
    if uri is None:
        return None
    try:
        parts = urllib.parse.urlsplit(uri)
    except ValueError:
        return None
    label = urllib.parse.unquote(parts.path).lstrip("/")
    return _word(label.partition(":")[2]) if parts.scheme == "otpauth" else None


def _shared_secret(fields: dict[str, object]) -> bytes:
    value = fields.get("sharedsecret")
    if value is None or value == "":
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_MISSING_FIELD,
            "the maFile has no shared_secret, so no code can be made; export the authenticator again",
            "shared_secret",
        )
    secret = _secret(value)
    if secret is None:
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_INVALID_FIELD,
            f"shared_secret in the maFile is not {SECRET_SIZE} bytes in base64; export it again",
            "shared_secret",
        )
    return secret


def _secret(value: object) -> bytes | None:
    """A key of the authenticator; some tools leave the slashes of its base64 escaped."""
    text = _word(value)
    if text is None:
        return None
    text = text.replace("\\/", "/").rstrip("=")
    try:
        secret = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return secret if len(secret) == SECRET_SIZE else None


def _steam_id64(fields: dict[str, object], session: dict[str, object]) -> int | None:
    """Whose file it is: Session.SteamID, the file's own steamid, or the owner of one of its tokens."""
    for name, value in (("Session.SteamID", session.get("steamid")), ("steamid", fields.get("steamid"))):
        if value in (None, "", 0, "0"):
            continue
        digits = str(value) if isinstance(value, int) else (_word(value) or "")
        try:
            return steam_id.parse(digits)
        except NotAnIndividual:
            raise MaFileInvalid(
                SteamRefusal.MA_FILE_INVALID_FIELD,
                f"{name} in the maFile is not the SteamID64 of an account (7656119…); correct or remove it",
                name,
            ) from None
    for key in ("refreshtoken", "accesstoken"):
        token = _word(session.get(key))
        try:
            if token is not None:
                return jwt.claims(token).steam_id64
        except TokenMalformed:
            continue
    for key in ("steamloginsecure", "steamlogin"):  # of a session before 2023: steamid||token, in a cookie's writing
        owner = urllib.parse.unquote(_word(session.get(key)) or "").partition("||")[0]
        try:
            return steam_id.parse(owner)
        except NotAnIndividual:
            continue
    return None


def _serial_number(value: object) -> int | None:
    """An unsigned 64-bit number; some tools wrote it as a signed one, some as text."""
    try:
        number = int(value) if isinstance(value, (int, str)) else None
    except ValueError:
        return None
    if number is not None and -(_UNSIGNED // 2) <= number < 0:
        number += _UNSIGNED
    return number if number is not None and 0 <= number < _UNSIGNED else None


def _word(value: object) -> str | None:
    """A text with something in it."""
    return (value.strip() or None) if isinstance(value, str) else None
