"""The table [contact_policy]: what it must not say is refused before the system starts."""

from __future__ import annotations

import pytest

from kernel.config import check
from kernel.errors import ConfigInvalid
from plugins.contact_policy import ContactPolicy
from plugins.contact_policy.config import SHIPPED_NOTICES, ContactPolicyConfig
from plugins.contact_policy.stop_words import says_stop


def problem_of(**table: object) -> str:
    document = {"kernel": {"plugins": ["contact_policy"]}, "contact_policy": table}
    with pytest.raises(ConfigInvalid) as invalid:
        check(document, {"contact_policy": ContactPolicy})
    (problem,) = invalid.value.problems
    return problem


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"invites_per_hour": 0}, "invites_per_hour"),
        ({"settle_deadline_s": 0}, "settle_deadline_s"),
        ({"language": "de"}, "there is no notice in 'de'"),
        ({"notices": {"en": "  "}}, r"notices.en: give 1 to 500"),
        ({"notices": {"deutsch": "STOP"}}, "notices.deutsch: name the language"),
        ({"notices": {"en": "Hello, I am an automated assistant."}}, "must name a word that stops the messages"),
        ({"notices": {"en": "I am not a bot. Reply STOP to end this."}}, "must not deny"),
        ({"stop_words": {"deutsch": ["ruhe"]}}, "stop_words.deutsch: name the language"),
        ({"stop_words": {"de": ["!!"]}}, "stop_words.de: '!!' has no letter or digit"),
        ({"stop_words": {"de": ["ruhe " * 30]}}, "150 characters; 100 is the most"),
        ({"stop_words": {"de": ["ruhe"] * 1_001}}, "stop_words: there are more than 1000"),
        ({"invites_per_minute": 5}, "there is no such setting"),
    ],
)
def test_a_config_that_would_not_take_care_is_refused(table: dict[str, object], said: str) -> None:
    assert said in problem_of(**table)


def test_without_a_table_the_shipped_notices_and_a_limit_hold() -> None:
    config = ContactPolicyConfig()

    assert config.all_notices == SHIPPED_NOTICES
    assert set(SHIPPED_NOTICES) == {"en", "ru"}
    assert config.invites_per_hour >= 1


def test_a_notice_of_the_config_joins_or_replaces_the_shipped_ones() -> None:
    config = ContactPolicyConfig(language="pl", notices={"pl": "Pisze automat. Odpisz STOP, by przestał."})

    assert set(config.all_notices) == {"en", "ru", "pl"}
    assert config.all_notices["en"] == SHIPPED_NOTICES["en"]


@pytest.mark.parametrize(("language", "word"), [("en", "STOP"), ("ru", "СТОП")])
def test_whoever_does_what_the_notice_says_is_understood(language: str, word: str) -> None:
    assert word in SHIPPED_NOTICES[language]
    assert says_stop(word)


def test_a_notice_may_name_a_stop_word_of_the_config() -> None:
    notices = {"eo": "Skribas aŭtomato. Respondu RIPOZU, kaj ni ne plu skribos."}

    assert ContactPolicyConfig(notices=notices, stop_words={"eo": ("ripozu",)}).all_notices["eo"] == notices["eo"]
    with pytest.raises(ValueError, match="must name a word"):
        ContactPolicyConfig(notices=notices)
