"""What the player's words mean, in both languages."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

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

NO_PRICES: Final = [
    '[sticker type="x" limit="0"][/sticker]',
    "[tradeoffer sender=46143802 id=1234567890][/tradeoffer]",
    "[emoticon]steamhappy[/emoticon]",
    ":steamhappy:",
    "[img]http://x.com/15.png[/img]",
    "[url=https://x.com/15]15[/url] hi",
    '[og url="https://x" img="15"]15[/og]',
    "[random result=12 min=1 max=100]12[/random]",
    "[flip result=heads]",
    "[flip]15[/flip]",
    "(sticker)",
    "float 1.5",
    "my level is 1",
    "I have 2 of them",
    "0.07 fn",
    "1 min",
    "2 days",
    "at 5pm",
    "x2",
    "2024",
    "in 2024",
    "76561198000000001",
    "+79161234567",
    "8 916 123 45 67",
    "89161234567",
    "call 555-1234",
    "https://steamcommunity.com/id/15",
    "15k",
    "10-12",
    "10 - 12",
    "from 10 to 12",
    "10 or 12",
    "11, 12",
    "12 and 3 stickers",
    "от 10 до 12",
    "11 или 12",
    "I paid 12$ for it",
    "it is 12 usd on the market",
    "maybe 12?",
    "может 12",
    "+1",
    "level 12",
    "12 hours",
    "12th",
    "12 keys",
    "pattern 12",
    "12 stickers",
    "I am 12",
    "мне 12 лет",
    "12 лет",
    "уровень 12",
    "у меня 12 скинов",
    "ранг 12",
    "в 12 часов",
    "12:30",
    "page 12",
    "#12",
    "12%",
    "12 fps",
    "ping 12",
    "around 12",
    "wear 0.12",
    "round 12",
    "12 wins",
    "i won 12 games",
    "you are number 12",
    "12x",
    "12 of them",
    "about 11 keys",
    "11/12",
    "top 11",
    "11 km",
]
PRICES: Final = [
    "12",
    "12$",
    "$12",
    "12 usd",
    "12,50",
    "12 руб",
    "for 12",
    "за 12",
    "12?",
    "ok 12",
    "12 bucks",
    "I want 12",
    "12 for the AK-47",
    "давай 12",
    "12р",
    "usd 12",
    "12.00 usd",
    "my price is 12",
    "не меньше 12",
    "12 долларов за него",
    "how about 12?",
    "can you do 12?",
    "12 please",
    "make it 12",
    "sell for 12",
    "продам за 12",
    "ну 12",
    "12, ok?",
    "just 12",
]


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
        ("en", Answer.PRICE_WITHIN, "11.|(11)|for 11!|~11|11 of course|5 minutes, 11|11, ok?"),
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
        ("11 or 12", None),
        ("11, not 20", None),
        ("20, no, 11", None),
        ("15 or 16", None),
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


@pytest.mark.parametrize("text", NO_PRICES)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_markup_and_numbers_that_are_not_said_as_a_price_are_none(language: str, text: str) -> None:
    assert EARS[language].understand(text, TASK).price is None


@pytest.mark.parametrize("text", PRICES)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_number_that_is_said_as_a_price_is_one(language: str, text: str) -> None:
    assert EARS[language].understand(text, TASK).answer in {Answer.PRICE_WITHIN, Answer.ASKS_PROGRAM}


@pytest.mark.parametrize("markup", ["(sticker)", ":steamhappy:", '[sticker type="x" limit="0"][/sticker]'])
def test_a_yes_with_a_sticker_beside_it_is_a_yes_and_a_sticker_alone_is_no_answer(markup: str) -> None:
    assert EARS["en"].understand(f"yes {markup}", TASK).answer is Answer.YES
    assert EARS["en"].understand(markup, TASK).answer is Answer.OTHER
