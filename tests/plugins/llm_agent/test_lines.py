"""A corpus of lines: what is a plain yes to both agents, and which drafts of a model are refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

import pytest

from plugins.llm_agent.bounds import consents
from plugins.scripted_agent.answers import Ear
from plugins.scripted_agent.script import Answer
from tests.plugins.llm_agent.table import a_turn, judged, ours, theirs
from tests.plugins.scripted_agent.talk import SCRIPTS, a_task

LINES: Final[dict[str, list[str]]] = tomllib.loads(Path(__file__).with_name("lines.toml").read_text("utf-8"))
ASKED: Final = a_turn(ours("We can pay 10.00 USD for it.", "10.00"), theirs("hm, tell me more about it"))
TASK: Final = a_task()
EARS: Final = [Ear(script.words) for script in SCRIPTS.values()]


def scripts_hear_a_yes(line: str) -> bool:
    return any(ear.understand(line, TASK).answer is Answer.YES for ear in EARS)


def test_the_corpus_has_hundreds_of_lines() -> None:
    assert sum(map(len, LINES.values())) > 300


def test_a_plain_yes_is_consent_with_courtesy_beside_it() -> None:
    assert [line for line in LINES["consent"] if not consents(line)] == []
    named = [line for line in LINES["consent"] if any(map(str.isdigit, line))]  # a price is asked back by the scripts
    assert [line for line in LINES["consent"] if line not in named and not scripts_hear_a_yes(line)] == []


@pytest.mark.parametrize("line", LINES["no_consent"])
def test_a_word_of_consent_with_more_beside_it_is_none(line: str) -> None:
    assert not consents(line)
    assert not scripts_hear_a_yes(line)


def test_drafts_that_bind_or_claim_a_person_are_refused_and_plain_ones_are_not() -> None:
    assert [line for line in LINES["binding_drafts"] if not judged(ASKED, text=line)] == []
    assert [line for line in LINES["fair_drafts"] if judged(ASKED, text=line)] == []


@pytest.mark.parametrize("more", ["scammer", "мошенник", "when pigs fly", "if you say so", "но не тебе", "your mother"])
def test_whatever_stands_beside_a_yes_makes_it_none(more: str) -> None:
    for line in LINES["consent"]:
        assert not consents(f"{line} {more}") and not consents(f"{more}, {line}"), line
