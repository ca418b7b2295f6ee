"""Generates `lookalikes.toml`: `python -m plugins.contact_policy.lookalike_table`, on a machine that has ICU.

The letters that Unicode's table of confusables (UTS 39, confusables.txt) takes for one of the Latin or Cyrillic
alphabet. ICU carries that table compiled; it is asked for the skeleton of every letter. Debian's libicu72 has that of
Unicode 15.0. Nothing of a running system imports this.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

TARGET: Final = Path(__file__).with_name("lookalikes.toml")
LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
CYRILLIC: Final = "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ"
SEARCHED: Final = {"Ll", "Lo", "Lm", "Nd", "No", "Nl", "Sm", "So", "Po", "Sc"}
SMALL_CAPITAL: Final = re.compile("LATIN LETTER SMALL CAPITAL ([A-Z])")
"""By their names: UTS 39 has some of them beside Cyrillic letters alone."""
SKELETON_BYTES: Final = 256


def main() -> None:
    version, skeleton = _icu()
    latin_own, latin_capital = _alphabet(LATIN, skeleton)
    cyrillic_own, cyrillic_capital = _alphabet(CYRILLIC, skeleton)
    small = dict(_lookalikes(skeleton, CYRILLIC, (cyrillic_own, cyrillic_capital)))
    capital = dict(_lookalikes(skeleton, CYRILLIC, (cyrillic_capital, cyrillic_own), capital_first=True))
    tables = {
        "latin": dict(_lookalikes(skeleton, LATIN, (latin_own, latin_capital))),
        "cyrillic": small,
        "cyrillic_capital": dict(capital.items() - small.items()),
    }
    lines = [
        "# Characters that look like a Latin or Cyrillic letter, by UTS 39: made by lookalike_table.py.",
        "# cyrillic_capital: where small and capital resemble different letters (b: ь, В), that of the capital.",
        f'unicode = "{version}"',
    ]
    for name, table in tables.items():
        lines += ["", f"[{name}]"]
        for letter in sorted(set(table.values())):
            seen = "".join(f"\\U{ord(each):08X}" for each in sorted(table) if table[each] == letter)
            lines.append(f'"{letter}" = "{seen}"')
    TARGET.write_text("\n".join(lines) + "\n", "utf-8")


def _alphabet(letters: str, skeleton: Callable[[str], str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The letters by the skeleton of the small form, and of the capital."""
    own: dict[str, str] = {}
    capital: dict[str, str] = {}
    for letter in letters:
        own.setdefault(skeleton(letter), letter)
        capital.setdefault(skeleton(letter.upper()), letter)
    return own, capital


def _lookalikes(
    skeleton: Callable[[str], str],
    letters: str,
    order: tuple[Mapping[str, str], Mapping[str, str]],
    *,
    capital_first: bool = False,
) -> Iterator[tuple[str, str]]:
    """Characters that are left by NFKC and casefold, none of the alphabet itself, each with the letter it passes for.

    Of the alphabet's small and capital forms those that are first in `order` count first.
    """
    for point in range(0x21, 0x20000):
        seen = chr(point)
        if unicodedata.category(seen) not in SEARCHED or seen in letters or _folded(seen) != seen:
            continue
        forms = [skeleton(form) for form in (seen, seen.upper()) if len(form) == 1]
        if capital_first:
            forms.reverse()
        bare = ["".join(part for part in form if unicodedata.category(part) != "Mn") for form in forms]
        meant = next((table[form] for table in order for form in (*forms, *bare) if form in table), None)
        named = SMALL_CAPITAL.fullmatch(unicodedata.name(seen, ""))
        if meant is None and named is not None and named[1].lower() in letters:
            meant = named[1].lower()
        if meant is not None:
            yield seen, meant


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _icu() -> tuple[str, Callable[[str], str]]:
    """ICU's Unicode version, and its `uspoof_getSkeletonUTF8`."""
    path = ctypes.util.find_library("icui18n")
    if path is None:
        sys.exit("ICU is not installed: on Debian, apt-get install libicu72")
    number = path.rsplit(".", 1)[-1]
    i18n, common = ctypes.CDLL(path), ctypes.CDLL(path.replace("i18n", "uc"))
    parts = (ctypes.c_uint8 * 4)()
    getattr(common, f"u_getUnicodeVersion_{number}")(parts)
    error = ctypes.c_int(0)
    open_checker = getattr(i18n, f"uspoof_open_{number}")
    open_checker.restype = ctypes.c_void_p
    checker = ctypes.c_void_p(open_checker(ctypes.byref(error)))
    ask = getattr(i18n, f"uspoof_getSkeletonUTF8_{number}")

    def skeleton(text: str) -> str:
        given, out, failed = text.encode(), ctypes.create_string_buffer(SKELETON_BYTES), ctypes.c_int(0)
        length = ask(checker, 0, given, len(given), out, SKELETON_BYTES, ctypes.byref(failed))
        return out.raw[:length].decode()

    return f"{parts[0]}.{parts[1]}", skeleton


if __name__ == "__main__":
    main()
