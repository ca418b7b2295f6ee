"""The readings of a line: what it says where letters are another alphabet's, typed in another layout or torn apart.

Each is folded text to look for phrases in, beside the text as it stands. Look-alikes are Unicode's own (UTS 39, by
`lookalikes.toml`), and the few digits and signs that people write for letters.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final

from plugins.contact_policy.folding import DRAWN_OUT, Letters, fold

SHORT: Final = 12
"""Words of a line that may be meant in another layout, or torn apart: more of it and somebody would have noticed."""
_TABLES: Final[dict[str, Any]] = tomllib.loads(files(__package__).joinpath("lookalikes.toml").read_text("utf-8"))


def _table(name: str) -> dict[int, str]:
    return {ord(seen): letter for letter, line in _TABLES[name].items() for seen in line}


_SIGNS: Final = {ord(sign): letter for sign, letter in zip("$@|€£¢", "salelc", strict=True)}
_DIGITS: Final = {ord(digit): letter for digit, letter in zip("0134578", "oieastb", strict=True)}
_RU_DIGITS: Final = {ord(digit): letter for digit, letter in zip("0346", "озчб", strict=True)}
_DRAWN: Final = {ord(latin): letter for latin, letter in zip("ungmkbt", "ипдмквт", strict=True)}
_TO_LATIN: Final = {**_table("latin"), **_DIGITS}
_TO_CYRILLIC: Final = {**_DRAWN, **_table("cyrillic"), **_RU_DIGITS}
_TO_CYRILLIC_CAPITAL: Final = {**_TO_CYRILLIC, **_table("cyrillic_capital")}
_PURE: Final = re.compile("[a-z]+|[а-яіїєґў]+|[0-9]+")

_LATIN: Final = re.compile("[a-z]")
_CYRILLIC: Final = re.compile("[а-яёіїєґ]")
_QWERTY: Final = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_JCUKEN: Final = "йцукенгшщзхъфывапролджэячсмитьбюе"
_TO_JCUKEN: Final = str.maketrans(_QWERTY, _JCUKEN)
_TO_JCUKEN_WORDS: Final = {key: letter for key, letter in _TO_JCUKEN.items() if chr(key) not in ",."}
_TO_QWERTY: Final = str.maketrans(_JCUKEN[:-1] + "ёіїєґ", _QWERTY[:-1] + "`s]'u")
_PLAIN: Final = str.maketrans("ıłøđðħŧ", "iloddht")


def readings(text: str) -> Iterator[str]:
    """The text folded, and folded again with its foreign letters read as those that they look like."""
    folded = fold(text)
    yield folded
    spelled = text.translate(_SIGNS)
    signs = folded if spelled == text else fold(spelled)
    for line in dict.fromkeys((folded, signs)):
        mixed = list(_mixed(line))
        if line is not folded and not mixed:
            yield line
        yield from mixed
    bare = plain(folded)
    if bare != folded:
        yield bare


def short_readings(line: str) -> Iterator[str]:
    """What a short line says where it was typed in the other keyboard layout; nothing for a longer one."""
    if len(line) > 20 * SHORT or len(line.split()) > SHORT:
        return
    words = unicodedata.normalize("NFKC", line).casefold().split()
    for alphabet, table in ((_LATIN, _TO_JCUKEN), (_LATIN, _TO_JCUKEN_WORDS), (_CYRILLIC, _TO_QWERTY)):
        if any(map(alphabet.search, words)):
            yield fold(" ".join(word.translate(table) if alphabet.search(word) else "," for word in words))


def plain(folded: str) -> str:
    """Without the accents of Latin letters: `hör` as `hor`."""
    if folded.isascii():
        return folded
    return folded.translate(_BARE).translate(_PLAIN)


def _bare(letter: str) -> str:
    first = unicodedata.normalize("NFD", letter)[0]
    return first if first.isascii() else letter


_BARE: Final = Letters(_bare)


def _mixed(folded: str) -> Iterator[str]:
    """Every word of more than one alphabet in one: all Latin, all Cyrillic. Words of one are left as they are."""
    words = folded.split(" ")
    foreign = [not _PURE.fullmatch(word) for word in words]
    if not any(mixed and word != "," for mixed, word in zip(foreign, words, strict=True)):
        return
    together = " ".join(word for mixed, word in zip(foreign, words, strict=True) if mixed)
    for table in (_TO_LATIN, _TO_CYRILLIC, _TO_CYRILLIC_CAPITAL):
        read_as = iter(together.translate(table).split(" "))
        read = (next(read_as) if mixed else word for mixed, word in zip(foreign, words, strict=True))
        yield DRAWN_OUT.sub(r"\1", " ".join(read))
