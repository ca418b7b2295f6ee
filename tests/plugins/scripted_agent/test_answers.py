"""What the player's words mean, in both languages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.scripted_agent.answers import Ear, words_of
from plugins.scripted_agent.prices import named_price
from plugins.scripted_agent.script import Answer
from tests.plugins.scripted_agent.talk import SCRIPTS, a_task

TASK = a_task()
EARS = {language: Ear(script.words) for language, script in SCRIPTS.items()}
UNITS = frozenset({"minutes", "мин"})


@pytest.mark.parametrize(
    ("language", "answer", "texts"),
    [
        ("en", Answer.YES, "yes|Yes, sure|YESSS!!!|ok|yeah, deal|no problem|Why not?|I don't mind|sounds good|👍|+"),
        ("en", Answer.YES, "sure\nlet's do it|hi!\nyes|y|Great!"),
        ("en", Answer.NO, "no|No thanks.|nope|not interested|I don't want to sell|not for sale|too low|n|yeah no"),
        ("en", Answer.OTHER, "hello|not sure|maybe|yes and no|what?|good morning|k2|?|…|not yet|are you sure?"),
        ("en", Answer.ASKS_PRICE, "how much?|ok, how much?|what price?|how much do you give?|price?|your offer?"),
        ("en", Answer.ASKS_PROGRAM, "are you a bot?|is this a bot?|am I talking to a bot?|r u real|AI?|bot, yes?"),
        ("en", Answer.ASKS_PROGRAM, "yes but are you human|11 if you are no bot|who are you|is anyone there?"),
        ("en", Answer.PRICE_WITHIN, "11|11.00|$11|11$|11 usd|11,50|let's say 12.50|10.00 is fine|no, 12|yes, for 11"),
        ("en", Answer.PRICE_WITHIN, "11.|(11)|for 11!|not 15, but 12|~11|from 11 to 20|11 of course"),
        ("en", Answer.PRICE_ABOVE, "12.51|20|I want 16.25|not less than 16|1,200|1 200.50|$99|15 for the AK-47"),
        ("en", Answer.PRICE_BELOW, "9.99|5|3 dollars|0|just 5 bucks"),
        ("en", Answer.OTHER, "give me 5 minutes|the AK-47?|at 18:30|25%|on 12/05|2nd one|v1.5.2"),
        ("ru", Answer.YES, "да|Да, давай|ок|ага, согласен|хорошо|ДАААА|не против|нет проблем|по рукам|Идёт!|+|го"),
        ("ru", Answer.NO, "нет|нет, спасибо|не интересно|не хочу|не продаю|мало|да нет|не|неа"),
        ("ru", Answer.OTHER, "привет|не знаю|может быть|о, здарова|я как раз играл|давай завтра|не понял"),
        ("ru", Answer.ASKS_PRICE, "сколько?|какая цена?|сколько дашь?|почём|ок, а цена?|За сколько?"),
        ("ru", Answer.ASKS_PROGRAM, "ты бот?|это бот?|я с ботом говорю?|вы живой человек?|кто ты|да, но ты робот?"),
        ("ru", Answer.PRICE_WITHIN, "11|давай за 11,50|12.50 пойдёт|11р|11 руб|нет, 12|за 11 баксов"),
        ("ru", Answer.PRICE_ABOVE, "хочу 16.25|не меньше 16|1 200 руб|20$"),
        ("ru", Answer.PRICE_BELOW, "9,99|за 5 отдам|5 долларов"),
        ("ru", Answer.OTHER, "5 минут|через 2 часа|5шт"),
    ],
)
def test_what_people_write_is_understood(language: str, answer: Answer, texts: str) -> None:
    heard = {text: EARS[language].understand(text, TASK).answer for text in texts.split("|")}
    assert heard == dict.fromkeys(texts.split("|"), answer)


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("11", "11.00"),
        ("11,5", "11.50"),
        ("10.999", "11.00"),
        ("11.555", "11.56"),
        ("12.504", "12.50"),
        ("11 or 12", "12.00"),
        ("11, not 20", "11.00"),
        ("20, no, 11", "11.00"),
        ("15 or 16", "16.00"),
        ("1.200", "1200.00"),
        ("1.200,50", "1200.50"),
        ("1,200.50", "1200.50"),
        ("1.200.000", "1200000.00"),
        ("1 200", "1200.00"),
        ("0.500", "0.50"),
        ("11.000", "11.00"),
        ("5 minutes, 11", "11.00"),
        ("", None),
        ("AK-47", None),
        ("47", None),
        ("47$", "47.00"),
        ("-5", None),
        ("11k", None),
    ],
)
def test_prices_are_read_as_they_are_written(text: str, price: str | None) -> None:
    named = named_price(text, TASK, UNITS)
    assert named == (None if price is None else Decimal(price))


def test_a_thousand_is_a_thousand_where_the_task_speaks_of_thousands() -> None:
    rich = a_task(price_min=Decimal(1_000), price_max=Decimal(2_000))
    assert named_price("1.500", rich, UNITS) == Decimal("1500.00")
    assert named_price("1,500", rich, UNITS) == Decimal("1500.00")


def test_the_number_in_an_items_name_is_its_price_only_where_it_could_be() -> None:
    assert named_price("47", a_task(price_max=Decimal(50)), UNITS) == Decimal("47.00")


def test_prices_are_as_fine_as_the_tasks_own() -> None:
    fine = a_task(price_min=Decimal("0.001"), price_max=Decimal("0.0025"))
    assert named_price("0.0015", fine, UNITS) == Decimal("0.0015")


@given(st.text(), st.sampled_from(["en", "ru"]))
def test_any_text_has_a_meaning(text: str, language: str) -> None:
    understood = EARS[language].understand(text, TASK)
    assert understood.answer in Answer
    if understood.answer is Answer.PRICE_WITHIN:
        assert understood.price is not None
        assert TASK.price_min <= understood.price <= TASK.price_max


@given(st.decimals(min_value=0, max_value=999_999, places=2), st.sampled_from([".", ","]))
def test_every_price_that_can_be_written_can_be_read(price: Decimal, mark: str) -> None:
    written = f"ok, {price:f}".replace(".", mark)
    assert named_price(written, TASK, UNITS) == price


@given(st.text())
def test_folding_words_twice_changes_nothing(text: str) -> None:
    once = words_of(text)
    assert words_of(" ".join(once)) == once
