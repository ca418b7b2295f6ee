"""A wish to be left alone is heard in all its forms, and ordinary talk is not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.contact_policy.config import ContactPolicyConfig
from plugins.contact_policy.readings import readings
from plugins.contact_policy.stop_words import says_stop, stop_word
from tests.plugins.contact_policy.stop_counts import HARMLESS, false_alarms, missed
from tests.plugins.contact_policy.stop_counts import WISHES as CORPUS_WISHES

WISHES = """
stop
Stop.
STOP!!!
stop please
s t o p
S.T.O.P
s-t-o-p!
stoooop
ｓｔｏｐ
*stop*
__STOP__
[b]stop[/b]
hey, stop it now
please stop writing to me
Don't! Stop!
no... don't... STOP
why you dont stop
if you don't stop i will report you
unsubscribe
opt out
leave me alone
Leave me ALONE, pls
please leave me... alone
don't write me
dont write
Do not write to me again
don't message me
do not contact me
never text me again
could you please not message me
don’t spam
stop spamming
no more messages please
go away
get lost
remove me
fuck off
do not disturb
i don't want to be contacted
enough
ok, enough please
cancel
quit
стоп
Стоп, пожалуйста
СТОП!
с т о п
стооооп
всё, стоп
хватит
Ну всё, хватит уже!
хватит мне писать
отстань
Отстаньте от меня
отвали
отвяжись
не пиши
не пиши мне
Не пишите мне больше
НЕ  ПИШИТЕ
непиши
просьба не писать
не надо мне больше писать
больше не надо
не беспокойте
не хочу с вами общаться
оставь меня в покое
оставьте меня
прекратите
перестань
прекращайте спамить
отпишись
удали меня
заткнись
иди на хуй
отстань, ёлки
hvatit
ne pishi mne
otstan
""".strip().splitlines()

TALK = """
don't stop
Please don't stop
do not stop now
non-stop
I play non stop
nonstop
unstoppable
stopwatch
bus stop
I can't stop laughing
i'll stop by later
stop-loss at 10
is 10 enough?
10 is enough for me
can i cancel the trade later?
i don't write reviews
I don't text while playing
why don't you write me?
why did you not write?
i go away tomorrow
shut up and take my money
no
no thanks
yes, deal
how much?
https://example.com/stop/writing-me
leave me a message
нет
нет, спасибо
престоп
стопка кейсов
нон-стоп
10 долларов хватит?
12.50 хватит
у меня денег хватит
хватит 10?
не хватит денег
денег не хватит
хватит ли 10?
почему не пишете?
почему вы не пишите?
пиши мне
да, давай
сколько?
""".strip().splitlines()


@pytest.mark.parametrize("text", WISHES)
def test_a_player_who_wants_to_be_left_alone_is_understood(text: str) -> None:
    assert says_stop(text)


@pytest.mark.parametrize("text", TALK)
def test_ordinary_talk_is_no_wish_to_be_left_alone(text: str) -> None:
    assert not says_stop(text)


@pytest.mark.parametrize(
    "text", ["не беспоко\u0438\u0306те", "о\u0301тстань", "s\u0336t\u0336o\u0336p\u0336", "сто\u00adп", "сто\u200bп"]
)
def test_marks_over_letters_and_invisible_characters_hide_nothing(text: str) -> None:
    assert says_stop(text)


LOUD = ("stop", "unsubscribe", "leave me alone", "don't write me", "стоп", "отстань", "не пиши", "хватит")
HARMLESS_WORDS = st.sampled_from(["hey", "bro", "ok", "AK-47", "deal", "привет", "ладно", "скин", "10.50", "😀", "¡ñ!"])
NOISE = st.text(st.sampled_from("!?.,;:()*_~-—… \n\t\u200b\u0336"), max_size=4)


@st.composite
def dressed_up(draw: st.DrawFn) -> str:
    """A wish as people type it: any case, any punctuation around it, more words before and after."""
    wish = draw(st.sampled_from(LOUD))
    wish = "".join(letter.upper() if draw(st.booleans()) else letter for letter in wish)
    wish = wish.replace(" ", draw(st.sampled_from([" ", "  ", "\n", "... "])))
    before = " ".join(draw(st.lists(HARMLESS_WORDS.filter(lambda word: word[0].isalpha()), max_size=3)))
    after = " ".join(draw(st.lists(HARMLESS_WORDS.filter(lambda word: word[0].isalpha()), max_size=3)))
    return f"{before}, {draw(NOISE)}{wish}{draw(NOISE)} {after}"


@given(dressed_up())
def test_case_punctuation_and_company_do_not_hide_a_wish(text: str) -> None:
    assert says_stop(text)


@given(st.lists(HARMLESS_WORDS, max_size=12).map(" ".join))
def test_words_that_hold_no_wish_never_make_one(text: str) -> None:
    assert not says_stop(text)


def test_a_long_text_made_to_be_hard_is_judged_at_once() -> None:
    hard = "не надо " * 5_000 + "i am i am " * 5_000 + "s t o " * 5_000

    assert not says_stop(hard)
    assert says_stop(hard + "п, с т о п")


@pytest.mark.parametrize("filler", ["сaлют пpивет ", "a1b ц2 ", "xу й1\n", "й$u |ю "])
def test_a_wish_is_heard_at_either_end_of_a_long_text_of_mixed_alphabets(filler: str) -> None:
    long = filler * (5_000 // len(filler))

    assert not says_stop(long)
    assert says_stop(f"cтоп\n{long}") and says_stop(f"{long}\ncтоп") and says_stop(f"{long}cтоп {long}")
    assert says_stop(f"{long}\nхватит\n{long[:900]}") and says_stop("отвaли " + long * 20)


OWN_WORDS = st.lists(st.text("bastaнетёЙüßжэXYZ12", min_size=2, max_size=9), min_size=1, max_size=4).map(" ".join)


@given(OWN_WORDS)
def test_a_word_that_operators_add_is_found_again_in_whatever_way_it_is_written(word: str) -> None:
    own = (stop_word(word),)

    for written in (word, word.upper(), f"well... {word}!", f"<<{own[0]}>>", word.replace(" ", "\n")):
        assert says_stop(written, own), written


@given(st.text(max_size=60))
def test_operators_may_add_any_word_at_all(word: str) -> None:
    own = stop_word(word)

    assert not own or says_stop(word, (own,))


def test_the_operators_words_are_whole_words_too() -> None:
    own = (stop_word("Ripozu Nun"), stop_word("basta"))

    assert says_stop("BASTA!", own) and says_stop("ripozu, nun", own) and says_stop("por favor, ripozu  nun.", own)
    assert not says_stop("bastante", own) and not says_stop("ripozu", own) and not says_stop("nun ripozu", own)


@pytest.mark.parametrize("nothing", ["!!", "🛑🛑", " . ", "\u200b\u200b"])
def test_what_has_no_letter_or_digit_is_no_stop_word(nothing: str) -> None:
    assert stop_word(nothing) == ""


def test_the_corpus_is_heard_and_harmless_lines_that_hold_such_words_are_hardly_ever_taken_for_it() -> None:
    assert len(CORPUS_WISHES) > 300 and len(HARMLESS) > 150
    assert missed() == []
    assert len(false_alarms()) * 100 < 5 * len(HARMLESS), false_alarms()


LATIN_TO_CYRILLIC = dict(zip("aeopcyxt", "аеорсухт", strict=True))


@given(st.sampled_from(["stop", "unsubscribe", "leave me alone", "not interested"]), st.data())
def test_letters_of_the_other_alphabet_hide_no_wish(wish: str, data: st.DataObject) -> None:
    written = "".join(
        LATIN_TO_CYRILLIC[letter] if letter in LATIN_TO_CYRILLIC and data.draw(st.booleans()) else letter
        for letter in wish
    )
    assert says_stop(written) or not any(
        letter.isascii() and letter.isalpha() for word in written.split() for letter in word
    )


def test_a_word_of_one_alphabet_is_not_read_in_another() -> None:
    assert list(readings("сор тор нот")) == ["сор тор нот"]


def test_a_language_of_the_config_is_heard_in_every_chat() -> None:
    team = ContactPolicyConfig(stop_words={"eo": ("ĉesu skribi", "=ripozu"), "th": ("หยุด",)}).team_words

    assert says_stop("Bonvolu ĈESU  skribi al mi", team=team) and says_stop("cesu skribi", team=team)
    assert says_stop("ripozu, please", team=team) and not says_stop("ripozu bone kaj vendu", team=team)
    assert says_stop("กรุณาหยุดส่ง", team=team)
    assert not says_stop("ĉesu skribi")
