"""The JSON objects in a maFile's text, one for each account: out of lists, of answers of Steam, of otpauth lines.

Nothing that is raised here quotes the text: secrets stand in it.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import msgspec

from plugins.steam import texts
from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import MaFileInvalid

MAX_DEPTH: Final = 6
MAX_ACCOUNTS: Final = 10_000
MAX_AROUND: Final = 32
"""Keys that stand around an account's object and are taken into it."""
_PADDING: Final = " \t\r\n\0\x1a\ufeff\u200b"
_ENCRYPTED: Final = re.compile(r"[A-Za-z0-9+/\r\n]{64,}+={0,2}\s*")
_TRAILING_COMMA: Final = re.compile(r'("(?:[^"\\]|\\.)*+"?)|,(?=\s*[}\]])', re.DOTALL)
_BETWEEN: Final = re.compile(f"[{_PADDING},;]*")
_OTPAUTH: Final = "otpauth://"
_LOGIN: Final = re.compile(r"[A-Za-z0-9_]{2,64}")
_MARKS: Final = frozenset({"sharedsecret", "uri"})
"""An object with one of them is an account's."""
_CONTAINERS: Final = frozenset(
    {"response", "authenticator", "steamguard", "steamguardaccount", "guard", "twofactor", "secrets", "result", "value"}
    | {"data", "mafile", "mafiles", "account", "accounts", "entries", "items", "bots"}
)
"""Keys that say what is in them and not whose it is."""


def text_of(raw: bytes) -> str:
    """The text of a file without the padding at its ends. Raises `MaFileInvalid` where it is none."""
    text = texts.decode(raw).strip(_PADDING)
    if "\ufffd" in text or (text[:1] not in {"{", "[", '"'} and not text.isascii()):
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_NOT_TEXT, "the maFile is not UTF-8 text; export it again and give the file as it is"
        )
    return text


def folded(value: object) -> dict[str, object]:
    """An object's keys without case and underscores; of two that are one then, the last with a value counts."""
    if not isinstance(value, dict):
        return {}
    return {fold(str(key)): item for key, item in value.items() if item is not None}


def fold(key: str) -> str:
    """`shared_secret` and Nebula's `SharedSecret` are one key."""
    return re.sub(r"[_\-\s]", "", key).casefold()


def plain(text: str) -> bool:
    """Whether the text is one account's JSON object as it stands, and can be kept so."""
    try:
        decoded: object = msgspec.json.decode(text)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return False
    return isinstance(decoded, dict) and (is_account(decoded) or not any(_accounts(decoded, {}, 0)))


def read(text: str) -> list[dict[str, Any]]:
    """An object for each account in the text, at least one. Raises `MaFileInvalid`."""
    if not text:
        raise MaFileInvalid(SteamRefusal.MA_FILE_NOT_JSON, "the maFile is empty; give the file as it was exported")
    if text.startswith(_OTPAUTH):
        return [_of_uri(line.strip()) for line in text.splitlines()[:MAX_ACCOUNTS] if line.strip()]
    found = [account for value in _values(text) for account in _of(value)][: MAX_ACCOUNTS + 1]
    if not found:
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_NOT_OBJECT, "the maFile is not a JSON object; give the .maFile of one account"
        )
    if len(found) > MAX_ACCOUNTS:
        raise MaFileInvalid(SteamRefusal.MA_FILE_TOO_LARGE, f"the file holds over {MAX_ACCOUNTS} accounts; divide it")
    return found


def is_encrypted(text: str) -> bool:
    """Whether the text is one base64 text, as SDA and steamguard-cli leave a file that they have encrypted."""
    return _ENCRYPTED.fullmatch(text) is not None


def is_account(value: Mapping[str, object]) -> bool:
    """Whether an authenticator's key can be in this very object."""
    return any(fold(str(key)) in _MARKS for key in value)


def encode(account: Mapping[str, object]) -> str:
    """The object as JSON text. Raises `MaFileInvalid` where it holds what JSON cannot."""
    try:
        return msgspec.json.encode(account).decode()
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        raise _not_json(None) from None


def _values(text: str) -> list[object]:
    """The JSON values that follow each other in the text: more than one in a file with a line for each account."""
    try:
        return [msgspec.json.decode(text)]
    except (ValueError, RecursionError, msgspec.MsgspecError):
        pass
    if is_encrypted(text):
        raise MaFileInvalid(
            SteamRefusal.MA_FILE_ENCRYPTED,
            "the maFile is encrypted, and what opens it stands in the manifest.json of its folder, which does not name "
            "it; import the whole folder with its own manifest.json, or take the encryption off in the program that "
            "made it",
        )
    try:
        return _lenient(text)
    except json.JSONDecodeError as error:
        first = error
    except (ValueError, RecursionError):
        raise _not_json(None) from None
    try:
        return _lenient(_TRAILING_COMMA.sub(lambda found: found[1] or "", text))
    except (ValueError, RecursionError):
        raise _not_json(first) from None


def _lenient(text: str) -> list[object]:
    """With line breaks in strings, which mail programs put there. Raises ValueError, RecursionError."""
    found: list[object] = []
    decoder, at = json.JSONDecoder(strict=False, parse_constant=_no_constant), 0
    while at < len(text) and len(found) <= MAX_ACCOUNTS:
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        gap = _BETWEEN.match(text, at)
        at = gap.end() if gap is not None else at
    if not found or not all(isinstance(value, (dict, list)) for value in found):
        raise json.JSONDecodeError("no object", text, 0)
    return found


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _not_json(error: json.JSONDecodeError | None) -> MaFileInvalid:
    where = f" (line {error.lineno}, column {error.colno})" if error is not None and error.doc else ""
    return MaFileInvalid(
        SteamRefusal.MA_FILE_NOT_JSON, f"the maFile is not JSON{where}; give the file as it was exported"
    )


def _of(value: object) -> Iterator[dict[str, Any]]:
    """The accounts in a value; an object in which there is none is given as it is, to be told what it lacks."""
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        for inner in _values(value.strip(_PADDING)):
            if not isinstance(inner, str):
                yield from _of(inner)
        return
    found = list(_accounts(value, {}, 0))
    if found:
        yield from found
    elif isinstance(value, dict):
        yield value


def _accounts(value: object, outer: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    """Every object with a key of an authenticator, and what stands around it where it says nothing of that itself."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value[: MAX_ACCOUNTS + 1]:
            if isinstance(item, dict) and depth == 0 and not any(_accounts(item, {}, 1)):
                yield outer | item
            else:
                yield from _accounts(item, outer, depth + 1)
    elif isinstance(value, dict):
        if is_account(value):
            yield outer | {key: item for key, item in value.items() if item is not None or key not in outer}
            return
        inside = {key: item for key, item in value.items() if any(_accounts(item, {}, depth + 1))}
        others = ((key, item) for key, item in value.items() if key not in inside)
        around = outer | dict(islice(others, MAX_AROUND))
        for key, item in inside.items():
            yield from _accounts(item, around | _named_by(str(key)), depth + 1)


def _named_by(key: str) -> dict[str, Any]:
    """`{"76561…": {…}}` and `{"alice": {…}}` say by the key whose each is."""
    if key.isascii() and key.isdigit() and len(key) == 17:
        return {"steamid": key}
    if fold(key) in _CONTAINERS or key.isdigit() or not _LOGIN.fullmatch(key):
        return {}
    return {"account_name": key}


def _of_uri(uri: str) -> dict[str, Any]:
    """`otpauth://totp/Steam:LOGIN?secret=…`, to which WinAuth adds the maFile as `data`."""
    try:
        data = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(uri).query)).get("data", "")
        inner: object = msgspec.json.decode(data) if data else {}
    except (ValueError, RecursionError, msgspec.MsgspecError):
        inner = {}
    return {"uri": uri} | (inner if isinstance(inner, dict) else {})
