"""The shipped scripts, branch by branch, in both languages, and whatever else a player may think of."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kernel.hookspecs import Trigger
from kernel.rows import TaskStatus
from tests.plugins.scripted_agent.talk import SCRIPTS, Talk, a_task

EN: Final = {
    "yes": "yes",
    "no": "no",
    "11": "11.00",
    "20": "20",
    "5": "5",
    "price?": "how much?",
    "bot?": "are you a bot?",
    "huh": "it rains today",
}
RU: Final = {
    "yes": "да",
    "no": "нет",
    "11": "11,00",
    "20": "20",
    "5": "5",
    "price?": "сколько?",
    "bot?": "ты бот?",
    "huh": "а погода-то какая",
}
BOTH: Final = pytest.mark.parametrize(("language", "words"), [("en", EN), ("ru", RU)])


@BOTH
@pytest.mark.parametrize(
    ("answers", "price", "messages"),
    [
        ("yes 11 yes", "11.00", 4),
        ("11 yes", "11.00", 3),
        ("price? 11 yes", "11.00", 4),
        ("20 yes", "12.50", 3),
        ("20 11 yes", "11.00", 4),
        ("yes 20 yes", "12.50", 4),
        ("5 yes", "10.00", 3),
        ("yes 5 11 yes", "11.00", 5),
        ("yes 20 11 yes", "11.00", 5),
        ("bot? yes 11 yes", "11.00", 5),
        ("huh yes 11 yes", "11.00", 5),
        ("yes price? 11 yes", "11.00", 5),
        ("yes yes 11 yes", "11.00", 5),
        ("11 20 yes", "11.00", 4),
        ("11 5 yes", "11.00", 4),
        ("5 20 yes", "10.00", 4),
        ("5 5 yes", "10.00", 4),
        ("20 5 yes", "12.50", 4),
    ],
)
def test_ways_to_a_deal(language: str, words: dict[str, str], answers: str, price: str, messages: int) -> None:
    talk = Talk(language)
    reply = talk.say(*(words[answer] for answer in answers.split()))
    assert (reply.outcome, reply.reason) == (TaskStatus.RESOLVED, "agreed")
    assert reply.agreed_price == Decimal(price)
    assert price in talk.last and "AK-47 | Redline" in talk.last
    assert len(talk.bots_messages()) == messages


@BOTH
@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ("no", "declined"),
        ("yes no", "declined"),
        ("11 no", "declined"),
        ("5 no", "declined"),
        ("20 no", "priceOutOfRange"),
        ("20 20", "priceOutOfRange"),
        ("huh huh huh huh", "notUnderstood"),
        ("bot? huh price? huh 20", None),
        ("bot? yes huh 11 huh price?", "notUnderstood"),
    ],
)
def test_ways_to_no_deal(language: str, words: dict[str, str], answers: str, reason: str | None) -> None:
    talk = Talk(language)
    reply = talk.say(*(words[answer] for answer in answers.split()))
    assert reply.reason == reason
    assert reply.outcome == (TaskStatus.FAILED if reason else None)
    assert reply.agreed_price is None
    assert bool(reply.detail) == bool(reason)


@BOTH
def test_the_texts_have_the_tasks_values(language: str, words: dict[str, str]) -> None:
    talk = Talk(language, task=a_task(price_min=Decimal(900), price_max=Decimal("1200.5"), currency="RUB"))
    for value in ("AK-47 | Redline", "900.00", "1200.50", "RUB"):
        assert value in talk.last
    talk.say("1000")
    assert "1000.00 RUB" in talk.last


@BOTH
def test_asked_whether_it_is_a_program_it_says_so_and_goes_on(language: str, words: dict[str, str]) -> None:
    for answers in ("bot?", "yes bot?", "11 bot?", "20 bot?", "5 bot?"):
        talk = Talk(language)
        before = talk.say(*(words[a] for a in answers.split()[:-1])) if " " in answers else talk.reply
        reply = talk.say(words["bot?"])
        assert {"en": "automated assistant, a program", "ru": "автоматический помощник, программа"}[
            language
        ] in talk.last
        assert talk.last.endswith("?"), "the question is put again"
        assert reply.step == f"{before.step}:asks_program"


@BOTH
def test_a_player_who_asks_for_ever_what_it_is_is_told_to_the_end(language: str, words: dict[str, str]) -> None:
    talk = Talk(language)
    while talk.reply.outcome is None:
        talk.say(words["bot?"])
        assert {"en": "program", "ru": "программа"}[language] in talk.last
    assert talk.reply.reason == "notUnderstood"


@BOTH
@pytest.mark.parametrize("way", ["", "yes", "11", "20", "5"])
def test_a_silent_player_is_reminded_once_in_each_step_and_then_left_in_peace(
    language: str, words: dict[str, str], way: str
) -> None:
    talk = Talk(language)
    if way:
        talk.say(words[way])
    asked = talk.last
    reminder = talk.wait()
    assert reminder.outcome is None
    assert talk.last.endswith("?") and talk.last != asked
    assert reminder.wait == 60 * 60_000
    end = talk.wait()
    assert (end.outcome, end.reason, end.texts) == (TaskStatus.FAILED, "noAnswer", ())


def test_a_reminder_that_was_answered_is_not_repeated_in_the_same_step() -> None:
    talk = Talk()
    talk.wait()
    talk.say("it rains today")
    assert talk.wait().reason == "noAnswer"


def test_a_new_step_has_a_reminder_of_its_own() -> None:
    talk = Talk()
    talk.wait()
    talk.say("yes")
    assert talk.wait().outcome is None


def test_a_price_named_at_the_last_question_takes_the_place_of_the_one_before() -> None:
    talk = Talk()
    talk.say("11")
    talk.say("no, 12")
    assert talk.reply.outcome is None
    assert "12.00 USD" in talk.last
    assert talk.say("ok").agreed_price == Decimal("12.00")


def test_a_price_never_becomes_a_deal_without_a_yes() -> None:
    for way in (("11",), ("20", "11"), ("5", "11"), ("yes", "11"), ("11", "12", "11.50")):
        talk = Talk()
        talk.say(*way)
        assert talk.step == "confirm"
        assert talk.reply.outcome is None


# ── given back, and after a crash


def test_given_back_it_waits_on_when_its_question_is_the_last_thing_that_was_said() -> None:
    talk = Talk()
    talk.say("yes")
    reply = talk.turn(Trigger.RESUMED)
    assert (reply.texts, reply.step, reply.wait) == ((), "price", 60 * 60_000)


def test_given_back_it_answers_what_the_player_has_said_meanwhile() -> None:
    talk = Talk()
    talk.say("yes")
    talk.turn(Trigger.RESUMED, "11")
    assert talk.step == "confirm"


@pytest.mark.parametrize("way", [(), ("yes",), ("20",), ("bot?",), ("11", "it rains today")])
def test_given_back_it_says_again_what_a_take_over_kept_from_the_player(way: tuple[str, ...]) -> None:
    heard, unheard = Talk(), Talk()
    heard.say(*way)
    if way:
        unheard.say(*way[:-1])
        unheard.turn(Trigger.MESSAGE, way[-1], arrives=False)
    else:
        unheard.chat = replace(unheard.chat, messages=())
    again = unheard.turn(Trigger.RESUMED, "yes")
    assert again.texts == heard.reply.texts
    assert again.step == heard.reply.step


@pytest.mark.parametrize("trigger", list(Trigger))
@pytest.mark.parametrize("text", ["", "no, wait!"])
def test_at_its_end_it_gives_the_outcome_again_and_no_words(trigger: Trigger, text: str) -> None:
    talk = Talk()
    first = talk.say("11", "yes")
    again = talk.turn(trigger, text)
    assert again.texts == ()
    assert (again.outcome, again.reason, again.agreed_price, again.detail, again.step) == (
        first.outcome,
        first.reason,
        first.agreed_price,
        first.detail,
        first.step,
    )


@pytest.mark.parametrize(
    "step", ["talk", "agreed", "agreed@99.00", "confirm@9.99", "price:nonsense", "", "Ä", "offer@"]
)
def test_where_it_cannot_go_on_from_it_begins_anew(step: str) -> None:
    talk = Talk()
    talk.chat = replace(talk.chat, script_step=step)
    talk.turn(Trigger.RESUMED, "yes")
    assert talk.step == "offer"


# ── anything goes

_anything = st.one_of(
    st.text(max_size=60),
    st.sampled_from([*EN.values(), *RU.values(), "👍", "yes no", "11 12 13", "{item}", "{price}", "%s", "\x00"]),
    st.decimals(min_value=0, max_value=10_000, places=2).map(str),
    st.none(),
)


@settings(max_examples=300)
@given(
    language=st.sampled_from(["en", "ru"]), answers=st.lists(_anything, min_size=25, max_size=25), item=st.text("a{}%")
)
def test_whatever_the_player_does_the_dialogue_comes_to_an_end(
    language: str, answers: list[str | None], item: str
) -> None:
    """Silence is None. Five questions, three remarks and a reminder for each question are the most there can be."""
    talk = Talk(language, task=a_task(item=item or "x"))
    for answer in answers:
        if talk.reply.outcome is not None:
            break
        if answer is None:
            talk.wait()
        else:
            talk.say(answer)
        assert talk.reply.texts or talk.reply.outcome is not None, "a question of the player's is left open"
    reply = talk.reply
    assert reply.outcome in {TaskStatus.RESOLVED, TaskStatus.FAILED}
    assert reply.reason and reply.detail
    assert len(talk.bots_messages()) <= 5 + SCRIPTS[language].head.patience + 4 + 1
    if reply.outcome is TaskStatus.RESOLVED:
        assert reply.agreed_price is not None
        assert talk.task.price_min <= reply.agreed_price <= talk.task.price_max
    else:
        assert reply.agreed_price is None


@BOTH
@pytest.mark.parametrize("step", ["offer", "price", "top@12.50", "floor@10.00", "confirm@11.00", "confirm@11.00:other"])
def test_every_answer_at_every_step_is_met_with_words(language: str, words: dict[str, str], step: str) -> None:
    for answer in words.values():
        talk = Talk(language)
        talk.chat = replace(talk.chat, script_step=step)
        talk.say(answer)
        assert talk.last.strip()
        assert "{" not in talk.last
