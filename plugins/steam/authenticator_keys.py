"""The keys of an authenticator (`shared_secret`, `identity_secret`): 20 bytes, in every spelling that programs write.

Base64 is the usual one (STEAM_PROTOCOL: 20 bytes of HMAC-SHA1). The spellings are told apart by their length, so none
is taken for another: 27 characters of base64, 32 of base32, 40 of hex.
"""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from collections.abc import Iterator
from typing import Final

SIZE: Final = 20
"""Bytes of a key of HMAC-SHA1."""
_MAX_TEXT: Final = 1_024
_BLANKS: Final = re.compile(r"[\s\x00\u200b\u2060\ufeff\"'`]+")
_HEX: Final = re.compile(r"(?:0x)?((?:[0-9A-Fa-f]{2}[:-]?){20})")
_BASE32: Final = re.compile(r"(?:[A-Za-z2-7]{4}-?){8}=*")
_URL_SAFE: Final = str.maketrans("-_", "+/")


def read(value: object) -> bytes | None:
    """The key, None where it is none or more than one reading fits."""
    if isinstance(value, dict):
        value = value.get("data")  # a Buffer of Node.js
    if isinstance(value, list):
        return _of_numbers(value)
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        return None
    found = {key for text in _unescaped(value) if (key := _of_text(text)) is not None}
    return found.pop() if len(found) == 1 else None


def of_base32(text: str) -> bytes | None:
    """The key in an otpauth URI."""
    bare = _BLANKS.sub("", text).replace("-", "")
    return _base32(bare) if _BASE32.fullmatch(bare) else None


def _of_numbers(values: list[object]) -> bytes | None:
    numbers = [one for one in values if isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= 255]
    return bytes(numbers) if len(numbers) == len(values) == SIZE else None


def _unescaped(text: str) -> Iterator[str]:
    """With and without the blanks in it: they wrap a line, or each stands for a plus that a form has decoded."""
    text = text.replace("\\/", "/").replace("\\n", "").replace("\\r", "")
    for _ in range(2):
        if re.search(r"%[0-9A-Fa-f]{2}", text):
            text = urllib.parse.unquote(text)
    yield _BLANKS.sub("", text)
    if " " in text:
        yield _BLANKS.sub("", text.replace(" ", "+"))


def _of_text(text: str) -> bytes | None:
    if hexadecimal := _HEX.fullmatch(text):
        return bytes.fromhex(re.sub("[:-]", "", hexadecimal[1]))
    if len(text.replace("-", "").rstrip("=")) == 32 and _BASE32.fullmatch(text):
        return _base32(text.replace("-", ""))
    bare = text.rstrip("=").translate(_URL_SAFE)
    try:
        key = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == SIZE else None


def _base32(text: str) -> bytes | None:
    try:
        key = base64.b32decode(text.rstrip("=").upper())
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == SIZE else None
