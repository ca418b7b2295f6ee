"""One maFile: what a mobile authenticator knows of its account, as SDA, Nebula, steamguard-cli and their like write it.

Keys are matched without regard to case and underscores: `shared_secret` and Nebula's `SharedSecret` are one.
Those not named here are kept in `document` and otherwise passed over.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

import msgspec

from plugins.steam import authenticator_keys, documents, owners
from plugins.steam.codes import SteamRefusal
from plugins.steam.documents import folded
from plugins.steam.errors import MaFileInvalid
from plugins.steam.owners import Claim, Contradiction, Owner, Rank
from plugins.steam.tokens import FoundToken, best, in_session
from plugins.steam_protocol.errors import NotAnIndividual

MAX_SIZE = 64 * 1024  # bytes; a whole maFile has about 2,000
SECRET_SIZE = authenticator_keys.SIZE

_UNSIGNED = 1 << 64
_SESSIONS: Final = ("session", "sessiondata", "tokens")
"""Where SDA, Nebula and steamguard-cli keep the tokens."""
_URI_SECRET: Final = re.compile(r"[?&](?:amp;)?secret=([^&\s]+)", re.IGNORECASE)


class RemarkCode(StrEnum):
    """What was read in another way than it stands, and is told beside the bot."""

    STEAM_ID_ROUNDED = "steamIdRounded"
    STEAM_ID_FROM_NAME = "steamIdFromName"
    LOGIN_FROM_NAME = "loginFromName"
    LOGIN_DIFFERS = "loginDiffers"
    SECRET_FROM_URI = "secretFromUri"  # noqa: S105 - a code, not a secret
    KEPT_DIFFERS = "keptDiffers"


class Remark(NamedTuple):
    """A code and a sentence without secrets."""

    code: RemarkCode
    text: str


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
    notes: tuple[Remark, ...] = ()

    def __repr__(self) -> str:
        return f"MaFile(account_name={self.account_name!r}, steam_id64={self.steam_id64}, …)"


def parse(source: str | bytes | Mapping[str, object]) -> MaFile:
    """Read a maFile from its bytes, its text or its JSON object; `MaFileInvalid` says what to correct."""
    text = as_text(source)
    accounts = documents.read(text)
    if len(accounts) > 1:
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_SEVERAL,
            f"the file holds {len(accounts)} accounts; import it with `switchboard bots import`, or in the window for "
            "adding bots, which takes them apart",
        )
    return of(accounts[0], text=text if documents.plain(text) else None)


def of(account: dict[str, Any], *, text: str | None = None, claims: Sequence[Claim] = ()) -> MaFile:
    """Read one account's object; `claims` are what stands outside it of whose it is, `text` is its JSON as given."""
    fields = folded(account)
    tokens = list(in_session(account))
    owner = _owner([*_claims(account, tokens), *claims])
    secret, notes = _shared_secret(fields)
    rounded = [claim for claim in owner.rounded if claim.path]
    if rounded and any(claim.steam_id64 == owner.steam_id64 for claim in claims) and not tokens:
        account, text = _corrected(account, rounded, owner), None
    return MaFile(
        account_name=_account_name(fields),
        shared_secret=secret,
        steam_id64=owner.steam_id64,
        identity_secret=authenticator_keys.read(fields.get("identitysecret")),
        device_id=_word(fields.get("deviceid")),
        serial_number=_serial_number(fields.get("serialnumber")),
        refresh_token=best(tokens),
        document=documents.encode(account) if text is None else text,
        notes=(*notes, *_owner_notes(owner)),
    )


def name_of(account: Mapping[str, object]) -> str | None:
    """The login that it says, which a whole maFile must."""
    fields = folded(account)
    return _word(fields.get("accountname")) or _name_in_uri(_word(fields.get("uri")))


def names_owner(account: dict[str, Any]) -> bool:
    """Whether anything in it says whose it is."""
    return bool(_claims(account, list(in_session(account))))


def as_text(source: str | bytes | Mapping[str, object]) -> str:
    """Its text without the padding around it. Raises `MaFileInvalid`."""
    try:
        if isinstance(source, Mapping):
            source = msgspec.json.encode(source)
        raw = source if isinstance(source, bytes) else source.encode()
    except UnicodeError:
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_NOT_TEXT, "the maFile is not UTF-8 text; export it again and give the file as it is"
        ) from None
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_NOT_JSON, "the maFile is not JSON; give the file as it was exported"
        ) from None
    if len(raw) > MAX_SIZE:
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_TOO_LARGE,
            f"this is over {MAX_SIZE // 1024} KiB and so no maFile; give the .maFile of one account",
        )
    return documents.text_of(raw)


def _account_name(fields: dict[str, object]) -> str:
    name = _word(fields.get("accountname")) or _name_in_uri(_word(fields.get("uri")))
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


def _shared_secret(fields: dict[str, object]) -> tuple[bytes, tuple[Remark, ...]]:
    """The key, which stands in base32 in the `uri` too, and alone there in what some programs export."""
    value, uri = fields.get("sharedsecret"), _word(fields.get("uri")) or ""
    written = _URI_SECRET.search(uri)
    in_uri = authenticator_keys.of_base32(urllib.parse.unquote(written[1])) if written else None
    secret = authenticator_keys.read(value)
    if secret is not None and in_uri is not None and secret != in_uri:
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_CONTRADICTORY,
            "shared_secret in the maFile and the secret in its uri are two different ones; export it again, or remove "
            "the one that is not this account's",
            "shared_secret",
        )
    if secret is not None:
        return secret, ()
    if in_uri is not None:
        how = "is missing" if value in (None, "") else "cannot be read"
        return in_uri, (Remark(RemarkCode.SECRET_FROM_URI, f"shared_secret {how}; it is taken from the uri"),)
    if value is None or value == "":
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_MISSING_FIELD,
            "the maFile has no shared_secret, so no code can be made; export the authenticator again",
            "shared_secret",
        )
    raise MaFileInvalid(
        SteamRefusal.MA_FILE_INVALID_FIELD,
        f"shared_secret in the maFile is not {SECRET_SIZE} bytes in base64, hex or base32; export it again",
        "shared_secret",
    )


def _claims(account: dict[str, Any], tokens: Sequence[FoundToken]) -> list[Claim]:
    return [
        *_fields_claims(account),
        *(Claim(f"the {one.source}'s sub", one.subject, Rank.TOKEN) for one in tokens if one.subject is not None),
    ]


def _fields_claims(account: dict[str, Any]) -> Iterator[Claim]:
    """`steamid`, a session's and a token's `SteamID`, and what stands before `||` in a cookie."""
    yield from _id_claim(account, ())
    for key, session in account.items():
        if documents.fold(key) not in _SESSIONS or not isinstance(session, dict):
            continue
        yield from _id_claim(session, (key,))
        for name, value in session.items():
            if isinstance(value, dict):
                yield from _id_claim(value, (key, name))
            elif isinstance(value, str) and documents.fold(name) in ("steamlogin", "steamloginsecure"):
                yield from _cookie_claim(f"{key}.{name}", value)


def _id_claim(fields: dict[str, Any], path: tuple[str, ...]) -> Iterator[Claim]:
    for key, value in fields.items():
        if documents.fold(key) not in ("steamid", "steamid64") or value in (None, "", 0, "0"):
            continue
        name = ".".join((*path, key))
        try:
            number = owners.individual(value)
        except NotAnIndividual:
            raise MaFileInvalid(
                SteamRefusal.MA_FILE_INVALID_FIELD,
                f"{name} in the maFile is not the SteamID64 of an account (7656119…); correct or remove it",
                name,
            ) from None
        yield Claim(name, number, _rank(value), (*path, key))


def _rank(value: object) -> Rank:
    if isinstance(value, float):
        return Rank.FLOAT
    return Rank.TEXT if isinstance(value, str) else Rank.NUMBER


def _cookie_claim(name: str, value: str) -> Iterator[Claim]:
    """A session's cookie is `steamid||token`, its bars mostly url-escaped."""
    try:
        yield Claim(name, owners.individual(urllib.parse.unquote(value).partition("||")[0]), Rank.TEXT)
    except NotAnIndividual:
        return


def _owner(claims: Sequence[Claim]) -> Owner:
    try:
        return owners.resolve(claims)
    except Contradiction as error:
        raise MaFileInvalid(SteamRefusal.MA_FILE_CONTRADICTORY, str(error), "steamid") from None


def _owner_notes(owner: Owner) -> Iterator[Remark]:
    for claim in owner.rounded:
        text = (
            f"{claim.source} says {claim.steam_id64}, which is {owner.steam_id64} as JavaScript rounds it; the exact "
            f"one is taken from {owner.by}"
        )
        yield Remark(RemarkCode.STEAM_ID_ROUNDED, text)


def _corrected(account: dict[str, Any], rounded: Sequence[Claim], owner: Owner) -> dict[str, Any]:
    """The object with the exact SteamID, which else stands outside of it alone."""
    for claim in rounded:
        account = _replaced(account, claim.path, str(owner.steam_id64))
    return account


def _replaced(fields: dict[str, Any], path: tuple[str, ...], value: str) -> dict[str, Any]:
    key, *rest = path
    return fields | {key: _replaced(fields[key], tuple(rest), value) if rest else value}


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
