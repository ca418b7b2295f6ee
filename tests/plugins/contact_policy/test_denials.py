"""An agent never denies being a program, neither outright nor by a bare answer to the question."""

from __future__ import annotations

import pytest

from plugins.contact_policy.config import SHIPPED_NOTICES
from plugins.contact_policy.denials import denies_being_a_program

DENIALS = """
I am not a bot
I'm not a bot!
im not a robot lol
I am definitely not an automated system.
This isn't a bot
this is not an automated message
I'm not one of those stupid bots
No bots here
not using a script, promise
I'm human
I am a real person
I'm just a guy who trades
i am 100% human
I'm a real trader, don't worry
You are talking to a real human
it's a real person
Nope, human here :)
Human.
Я не бот
Я не алгоритм и не компьютер
я не языковая модель
я не чат гпт
вы не с виртуальным ассистентом общаетесь
я не робот
Это не программа
я не какой-то бот
Я вовсе не являюсь ботом
вы не с ботом общаетесь
Я человек
я живой
Я реальный человек
Вам пишет живой человек
с вами общается человек
это живой человек
вы говорите с человеком
Человек.
""".strip().splitlines()

HONEST = """
Yes, I am an automated assistant. A person can take over if you like.
I'm a bot, yes
I am a program that writes for a trader
I am not a person but a program
No, I'm not human
You are not talking to a human
A real person can join this chat at any time
I am a human-supervised bot
Tell me you are not a bot ;)
This is a real offer: 10.00 to 12.50 USD
It's real
You could sell it to a person you know
No problem, take your time
Hi! I'd like to buy your AK-47 | Redline for 10.00 to 12.50 USD. Interested?
Да, я бот
Я языковая модель, программа
Мой помощник напишет вам завтра
Я автоматический помощник, человек может подключиться
я не человек
Вам пишет не человек, а программа
Вы не говорите с человеком
Если хотите, подключится живой человек
Я не могу открыть обмен сегодня
Это реальная цена: 10.00
""".strip().splitlines()

ANSWERS = [
    ("No.", "are you a bot?", True),
    ("Nope, so how about 10 USD?", "is this a bot?", True),
    ("no", "am I talking to a bot?", True),
    ("No, of course not", "bot?", True),
    ("Нет", "ты бот?", True),
    ("нет", "это нейронка пишет?", True),
    ("неа", "ты чатгпт что ли", True),
    ("нет, конечно", "это бот?", True),
    ("Конечно нет!", "я с ботом говорю?", True),
    ("Yes.", "are you human?", True),
    ("Sure, why?", "are you real?", True),
    ("Да", "ты человек?", True),
    ("Yes", "are you a bot?", False),
    ("No, I'm an automated assistant.", "are you human?", False),
    ("Yes, a bot", "are you a bot or a human?", False),
    ("Нет, я программа.", "это человек?", False),
    ("No problem, let us go on", "are you a bot?", False),
    ("No, the price is fixed", "can you do 10?", False),
    ("Yes, 10 USD", "give me a real price", False),
    ("Да, 10 USD", "это реальная цена?", False),
    ("No.", "", False),
]


@pytest.mark.parametrize("text", DENIALS)
def test_an_outright_denial_is_recognised(text: str) -> None:
    assert denies_being_a_program(text)


@pytest.mark.parametrize("text", [*HONEST, *SHIPPED_NOTICES.values()])
def test_honest_words_pass(text: str) -> None:
    assert not denies_being_a_program(text)


@pytest.mark.parametrize(("answer", "question", "denies"), ANSWERS)
def test_a_bare_answer_means_what_was_asked(answer: str, question: str, denies: bool) -> None:
    assert denies_being_a_program(answer, question) is denies


def test_a_long_text_made_to_be_hard_is_judged_at_once() -> None:
    hard = (
        "i am really really just " * 3_000 + "not a a a an the some " * 3_000 + "я просто реально не какой то " * 3_000
    )

    assert not denies_being_a_program(hard, hard)
