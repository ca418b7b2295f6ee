"""The table `[contact_policy]`, and the notices that are shipped."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec import field

from kernel.plugin import PluginConfig
from plugins.contact_policy.denials import denies_being_a_program
from plugins.contact_policy.stop_words import says_stop
from plugins.contact_policy.word_lists import WordList, kept, word_list

SHIPPED_NOTICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "en": "Hi! This is an automated assistant writing for a trader. Reply STOP and I will not write to you again.",
        "ru": "Привет! Это автоматический помощник торговца. Ответьте СТОП, и сообщений от нас больше не будет.",
    }
)
NOTICE_LENGTH: Final = 500
TEAM_WORDS: Final = 1_000
"""Stop words of the config, of all languages: every line of every player is searched for each."""
WORD_LENGTH: Final = 100


class ContactPolicyConfig(PluginConfig, frozen=True, kw_only=True):
    """Limits and notices. The do-not-contact list, the pause and the operator's stop words are in the state."""

    invites_per_hour: int = 60
    """Friend invites of the whole fleet within any hour, beside the one a minute of each bot."""
    lines_unanswered: int = 12
    """Messages that programs may send to a player in one chat before the player says something."""
    lines_per_hour: int = 100
    """Messages of programs in one chat within any hour, whatever the player says."""
    language: str = "en"
    """Of the notice, where the task names no language or one without a notice."""
    notices: dict[str, str] = field(default_factory=dict)
    """By language (ISO 639-1), what stands before an agent's first words; replaces or joins the shipped ones."""
    stop_words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By language (ISO 639-1), words and phrases that stop the messages, beside the shipped ones; heard in every chat.
    One that begins with `=` is heard only where nothing else is said in its line."""
    forget_after_days: int = 0
    """Who was not met for so many days is forgotten, once nothing of theirs is in the live state; 0: nobody is. Unlike
    one who has asked for it, they may be contacted again, unless they refused."""
    settle_deadline_s: float = 10.0
    """How long a pause, or a player's listing, waits for invites and messages that are on their way to Steam."""

    def __post_init__(self) -> None:
        if self.invites_per_hour < 1:
            raise ValueError("invites_per_hour: must be at least 1; to send none, pause contact")
        for name in ("lines_unanswered", "lines_per_hour"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: must be at least 1")
        if self.forget_after_days < 0:
            raise ValueError("forget_after_days: must be at least 1, or 0 for never")
        if self.settle_deadline_s <= 0:
            raise ValueError("settle_deadline_s: must be above 0")
        for language, words in self.stop_words.items():
            _check_stop_words(language, words)
        team = self.team_words
        if sum(map(len, self.stop_words.values())) > TEAM_WORDS:
            raise ValueError(f"stop_words: there are more than {TEAM_WORDS}; keep those that players write")
        for language, notice in self.notices.items():
            _check_notice(language, notice, team)
        if self.language not in self.all_notices:
            known = ", ".join(sorted(self.all_notices))
            raise ValueError(f"language: there is no notice in {self.language!r}; there are: {known}")

    @property
    def all_notices(self) -> dict[str, str]:
        """The notice of each language: the shipped ones, and those of the config over them."""
        return {**SHIPPED_NOTICES, **self.notices}

    @property
    def team_words(self) -> WordList | None:
        """The stop words of the config, of all languages; None where there are none."""
        words = tuple(kept(word) for words in self.stop_words.values() for word in words)
        return word_list(words) if words else None


def _check_language(where: str, language: str) -> None:
    if not (len(language) == 2 and language.isascii() and language.islower()):
        raise ValueError(f"{where}: name the language by the two small letters of ISO 639-1")


def _check_stop_words(language: str, words: tuple[str, ...]) -> None:
    where = f"stop_words.{language}"
    _check_language(where, language)
    for word in words:
        if len(word) > WORD_LENGTH:
            raise ValueError(f"{where}: {word[:20]!r}… has {len(word)} characters; {WORD_LENGTH} is the most")
        if not kept(word):
            raise ValueError(f"{where}: {word!r} has no letter or digit by which it could be recognised")


def _check_notice(language: str, notice: str, team: WordList | None) -> None:
    where = f"notices.{language}"
    _check_language(where, language)
    if not 0 < len(notice.strip()) <= NOTICE_LENGTH:
        raise ValueError(f"{where}: give 1 to {NOTICE_LENGTH} characters")
    if not says_stop(notice, team=team):
        raise ValueError(f"{where}: must name a word that stops the messages and that is understood, such as STOP")
    if denies_being_a_program(notice):
        raise ValueError(f"{where}: must not deny that a program writes")
