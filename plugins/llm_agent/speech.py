"""Text as words: the form in which a draft is searched for what it may not say."""

from __future__ import annotations

import re
from typing import Final

ALLOWED: Final = re.compile(r"[A-Za-zА-Яа-яЁё \n.,!?;:'’\"«»“”„()\-–—…🙂😊👍🙏👋🤝]*")
"""What a draft is written with. No digit, sign or letter of another script, nothing invisible, nothing that looks like
one thing and is another: a draft with anything else in it is not read any further."""
_APOSTROPHE: Final = re.compile("['’]")
_DRAWN_OUT: Final = re.compile(r"(\w)\1{2,}")
_SPELLED_OUT: Final = re.compile(r"(?<!\w)\w(?:[\W_]+\w(?!\w)){2,}")
_WORD: Final = re.compile(r"[^\W\d_]+")
_MIXED: Final = re.compile(r"[a-z][а-я]|[а-я][a-z]")


def words_of(text: str) -> list[str]:
    """The words in one spelling: small letters, е for ё, no apostrophes, `twoooo` as `two`, `t w o` as `two`."""
    folded = _DRAWN_OUT.sub(r"\1", _APOSTROPHE.sub("", text.casefold().replace("ё", "е")))
    spelled = [re.sub(r"[\W_]+", "", found) for found in _SPELLED_OUT.findall(folded)]
    return [*_WORD.findall(folded), *(_DRAWN_OUT.sub(r"\1", word) for word in spelled)]


def run_together(text: str) -> str:
    """All letters without what stands between them: `twen ty` as `twenty`."""
    return "".join(_WORD.findall(_APOSTROPHE.sub("", text.casefold().replace("ё", "е"))))


def mixes_alphabets(text: str) -> bool:
    """Is there a word of Latin and Cyrillic letters at once, which looks like another?"""
    return _MIXED.search(text.casefold().replace("ё", "е")) is not None
