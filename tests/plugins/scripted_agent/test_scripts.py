"""Script files: those that are shipped are good, and of others every mistake is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kernel.events import ErrorLogged, PluginQuarantined
from kernel.testing import World
from plugins.scripted_agent import ScriptedAgent
from plugins.scripted_agent.errors import ScriptsInvalid
from plugins.scripted_agent.reading import SHIPPED, load
from plugins.scripted_agent.script import Answer
from tests.plugins.scripted_agent.talk import SCRIPTS

GOOD = (SHIPPED / "trade.en.toml").read_text("utf-8")


def problems(tmp_path: Path, *texts: str, default: str = "en") -> list[str]:
    """What is said about scripts of these texts."""
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.toml").write_text(text, "utf-8")
    with pytest.raises(ScriptsInvalid) as invalid:
        load((tmp_path,), default)
    return list(invalid.value.problems)


def test_the_shipped_scripts_are_english_and_russian_and_say_the_same_things() -> None:
    assert set(SCRIPTS) == {"en", "ru"}
    english, russian = SCRIPTS["en"], SCRIPTS["ru"]
    assert english.steps.keys() == russian.steps.keys()
    for name in english.steps:
        assert english.steps[name].reason == russian.steps[name].reason
        for answer in Answer:
            one, other = english.branch(name, answer), russian.branch(name, answer)
            assert (one and one.to, one and one.price) == (other and other.to, other and other.price), (name, answer)


def _replace(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def _add(step: str) -> Callable[[str], str]:
    return lambda text: text + "\n" + step


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_replace('language = "en"', 'language = "english"'), "language: 'english' is not the two small letters"),
        (_replace('first = "offer"', 'first = "begin"'), "first: there is no step 'begin'"),
        (_replace('first = "offer"\n', ""), "0.toml: first: is missing"),
        (_replace('give_up = "not_understood"', 'give_up = "agreed"'), "give_up: the step 'agreed' does not end"),
        (_replace("patience = 3", "patience = 0"), "patience: must be at least 1"),
        (_replace("patience = 3", 'patience = "3"'), "0.toml: patience: Expected `int`, got `str`"),
        (_replace("wait_minutes = 60", "wait_minutes = 0"), "wait_minutes: must be at least 1"),
        (_replace("patience = 3", "patiense = 3"), "0.toml: patiense: there is no such key"),
        (_replace("Would you sell it?", "Would you, {name}?"), "[steps.offer]: say: there is no placeholder {name}"),
        (_replace("Would you sell it?", "{item.__class__}"), "there is no placeholder {item.__class__} here"),
        (_replace("Would you sell it?", "{item!r}"), "there is no placeholder {item!r} here"),
        (_replace("Would you sell it?", "{price_max:>9}"), "there is no placeholder {price_max:>9} here"),
        (_replace("Would you sell it?", "{}"), "there is no placeholder {} here"),
        (_replace("Would you sell it?", "{again}"), "[steps.offer]: say: there is no placeholder {again} here"),
        (_replace("Would you sell it?", "{item"), "[steps.offer]: say: expected '}' before end of string; write {{"),
        (_replace("Would you sell it?", "Buy! " * 201), "[steps.offer]: say: has"),
        (_replace("Would you sell it?", "{price}?"), "[steps.offer]: say: a way leads here with no price on the table"),
        (_replace('yes = { to = "price" }', 'yes = { to = "prise" }'), "[steps.offer]: yes: there is no step 'prise'"),
        (_replace('yes = { to = "price" }', "yes = {}"), "[steps.offer]: yes: give either `to`"),
        (
            _replace('yes = { to = "price" }', 'yes = { to = "price", say = "Good." }'),
            "[steps.offer]: yes: give either `to`",
        ),
        (
            _replace('yes = { to = "price" }', 'yes = { to = "price", price = "named" }'),
            "[steps.offer]: yes: price: only price_within can take",
        ),
        (
            _replace('yes = { to = "price" }', 'yes = { to = "price", price = "mine" }'),
            "0.toml: [steps.offer]: yes: Invalid enum value 'mine' - at `$.price`",
        ),
        (_replace('no = { to = "declined" }\n', ""), "[steps.offer]: no: there is no branch"),
        (_replace('silence = { to = "no_answer" }\n', ""), "[steps.price]: silence: there is no branch"),
        (
            _replace('silence = { to = "no_answer" }', 'silence = { say = "Hello?" }'),
            "[always]: silence: leads to a step",
        ),
        (_replace('again = "Would you sell your {item}?"\n', ""), "[steps.offer]: again: is missing, and the remark"),
        (_replace('yes = { to = "price" }', 'yes = { to = "offer" }'), "goes in a circle: offer → offer"),
        (
            _replace("[steps.price]\n", '[steps.price]\nno = { to = "offer" }\n'),
            "goes in a circle: offer → price → offer",
        ),
        (_add('[steps.lonely]\nsay = "Hm."\noutcome = "failed"\nreason = "x"\ndetail = "x"'), "[steps.lonely]: no way"),
        (_replace('outcome = "resolved"\n', ""), "[steps.agreed]: reason: belongs to an end"),
        (_replace('reason = "agreed"\n', ""), "[steps.agreed]: reason: an end needs one"),
        (_replace('outcome = "resolved"', 'outcome = "failed"'), "no way leads to a step whose outcome is resolved"),
        (
            _replace('asks_price = { to = "price" }', 'asks_price = { to = "agreed" }'),
            "[steps.agreed]: a way leads here with no price on the table, so there is none to agree on",
        ),
        (_replace('outcome = "resolved"', 'outcome = "resolved"\nagain = "?"'), "[steps.agreed]: again: an end does"),
        (
            _replace('outcome = "resolved"', 'outcome = "resolved"\nyes = { to = "price" }'),
            "[steps.agreed]: yes: nothing follows an end",
        ),
        (_replace('say = "Which price', 'sai = "Which price'), "0.toml: [steps.price]: sai: there is no such key"),
        (_replace("[steps.price]", "[steps.Price]"), "[steps.Price]: a name has small letters"),
        (_replace('yes = [\n  "yes",', 'yes = [\n  "yes", "nope",'), "[words]: 'nope' means both yes and no"),
        (_replace('yes = [\n  "yes",', 'yes = [\n  "yes", "!!",'), "[words]: yes: '!!' has no word in it"),
        (lambda text: text[: text.index("[words]")] + text[text.index("[always]") :], "[words]: yes: there are none"),
        (lambda text: text.replace("= {", "= {{", 1), "0.toml: is not TOML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, change: Callable[[str], str], problem: str) -> None:
    found = problems(tmp_path, change(GOOD))
    assert any(problem in text for text in found), found


def test_a_dialogue_that_is_too_short_or_too_long_is_named(tmp_path: Path) -> None:
    short = _replace(
        'price_within = { to = "confirm", price = "named" }', 'price_within = { to = "agreed", price = "named" }'
    )
    assert problems(tmp_path, short(GOOD)) == [
        "0.toml: [steps.confirm]: no way leads here",
        "0.toml: the shortest way to a resolved task has 2 messages; 3 is the fewest",
    ]
    long = _replace('price_above = { say = "{price_max}', 'price_above = { to = "top", price = "highest" }\n#')
    assert problems(tmp_path, long(GOOD)) == [
        "0.toml: the longest way to a resolved task has 6 messages; 5 is the most",
    ]


def test_all_mistakes_of_all_scripts_are_named_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace("{item}", "{thing}", 1).replace('no = { to = "declined" }', 'no = { to = "nowhere" }')
    bad = bad.replace("patience = 3", "patience = -1").replace('reason = "agreed"\n', "")
    found = problems(tmp_path, bad, 'language = "de"\n[steps]\nhallo = 1\n[words]\nyes = "ja"', default="en")
    for place in (
        "0.toml: patience",
        "0.toml: [always]: no",
        "0.toml: [steps.offer]: say",
        "0.toml: [steps.agreed]: reason",
        "1.toml: first: is missing",
        "1.toml: give_up: is missing",
        "1.toml: [words]: yes",
        "1.toml: [steps.hallo]: must be a table",
    ):
        assert any(text.startswith(place) for text in found), (place, found)


def test_two_scripts_in_one_language_and_none_in_the_default_one_are_named(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD, GOOD) == ["1.toml: there is a script in 'en' already; give one a language"]
    (tmp_path / "1.toml").unlink()
    with pytest.raises(ScriptsInvalid, match="there is no script in 'ru'; there are: en"):
        load((tmp_path,), "ru")


def test_a_folder_without_scripts_and_a_file_that_is_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ScriptsInvalid) as invalid:
        load((tmp_path, tmp_path / "gone.toml"), "en")
    assert [problem.rpartition(": ")[2] for problem in invalid.value.problems] == [
        "there is no script (*.toml) in this folder",
        "No such file or directory",
    ]


async def test_an_agent_with_broken_scripts_does_not_start_and_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(GOOD.replace("{item}", "{thing}", 1), "utf-8")
    async with World(ScriptedAgent, config={"scripted_agent": {"scripts": str(tmp_path)}}) as world:
        [quarantined] = world.happened(PluginQuarantined)
        assert "[steps.offer]: say: there is no placeholder {thing} here" in quarantined.detail
        assert world.happened(ErrorLogged)
