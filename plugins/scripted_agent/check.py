"""Whether a script can be played: every way through it leads to an end, in few words, and none of them is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from string import Formatter
from typing import Final

from plugins.scripted_agent.answers import phrases_of, words_of
from plugins.scripted_agent.script import Answer, Branch, Script, ScriptStep

FEWEST_MESSAGES: Final = 3
MOST_MESSAGES: Final = 5
"""What the bot says on the way to a resolved task, remarks aside."""
LONGEST_TEXT: Final = 1_000
"""Characters of a text; the values that are filled in come on top."""
LONGEST_NAME: Final = 64
"""Characters of a step's name, and of a reason."""
MOST_STEPS: Final = 50
MOST_PHRASES: Final = 1_000
"""Of all meanings together; each is sought in every message."""
LONGEST_PHRASE: Final = 100
MOST_PATIENCE: Final = 20
MOST_WAIT_MINUTES: Final = 7 * 24 * 60
"""A week: a player who is silent for longer will not come back."""
_VALUES: Final = frozenset({"item", "price_min", "price_max", "currency"})
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


def problems_of(script: Script) -> list[str]:
    """One sentence for each thing that is wrong, naming the place."""
    too_much = list(_amounts(script))
    if too_much:  # and so is the time to look at it
        return too_much
    problems = [*_head(script), *_words(script), *_steps(script)]
    if not problems:  # ways can only be walked where every step of them is there
        problems += _ways(script)
    return problems


def _amounts(script: Script) -> Iterator[str]:
    if len(script.steps) > MOST_STEPS:
        yield f"[steps]: there are {len(script.steps)}; {MOST_STEPS} is the most, so take some away"
    phrases = sum(len(getattr(script.words, meaning)) for meaning in script.words.__struct_fields__)
    if phrases > MOST_PHRASES:
        yield f"[words]: there are {phrases} phrases; {MOST_PHRASES} is the most, so take some away"


def _head(script: Script) -> Iterator[str]:
    head = script.head
    if not re.fullmatch("[a-z]{2}", head.language):
        yield f"language: {head.language!r} is not the two small letters of ISO 639-1, such as en"
    for key, step in (("first", head.first), ("give_up", head.give_up)):
        if step not in script.steps:
            yield f"{key}: there is no step {step!r}"
    if head.give_up in script.steps and script.steps[head.give_up].outcome != "failed":
        yield f"give_up: the step {head.give_up!r} does not end the dialogue as failed"
    yield from _number("patience", head.patience, MOST_PATIENCE)
    yield from _number("wait_minutes", head.wait_minutes, MOST_WAIT_MINUTES)


def _number(where: str, number: int, most: int) -> Iterator[str]:
    """The number itself is not told: it may have thousands of digits."""
    if not 1 <= number <= most:
        yield f"{where}: must be at least 1 and at most {most}"


def _words(script: Script) -> Iterator[str]:
    for key in script.words.__struct_fields__:
        for phrase in getattr(script.words, key):
            if len(phrase) > LONGEST_PHRASE:
                yield f"[words]: {key}: {phrase[:20]!r}… has {len(phrase)} characters; {LONGEST_PHRASE} is the most"
    meanings: dict[tuple[str, ...], str] = {}
    for meaning, phrases in phrases_of(script.words).items():
        if not phrases:
            yield f"[words]: {meaning}: there are none"
        for phrase in phrases:
            words = tuple(words_of(phrase))
            if not words:
                yield f"[words]: {meaning}: {phrase!r} has no word in it"
            elif meanings.setdefault(words, meaning) != meaning:
                yield f"[words]: {phrase!r} means both {meanings[words]} and {meaning}"


def _steps(script: Script) -> Iterator[str]:
    for answer in Answer:
        branch = script.always.branch(answer)
        if branch is not None:
            yield from _branch(script, f"[always]: {answer}", answer, branch)
    for name, step in script.steps.items():
        where = f"[steps.{name}]"
        if len(name) > LONGEST_NAME:
            yield f"{where}: the name has {len(name)} characters; {LONGEST_NAME} is the most"
        if not _NAME.fullmatch(name):
            yield f"{where}: a name has small letters, digits and underscores, and begins with a letter"
        yield from _end(where, step) if step.outcome is not None else _question(script, where, name, step)
        for key in ("say", "again", "remind", "detail"):
            also = {"price", "again"} if key == "remind" else {"price"}
            yield from _text(f"{where}: {key}", getattr(step, key), _VALUES | also)


def _end(where: str, step: ScriptStep) -> Iterator[str]:
    if not step.reason:
        yield f"{where}: reason: an end needs one"
    elif len(step.reason) > LONGEST_NAME:
        yield f"{where}: reason: has {len(step.reason)} characters; {LONGEST_NAME} is the most"
    if not step.detail:
        yield f"{where}: detail: an end needs one"
    for answer in Answer:
        if step.branch(answer) is not None:
            yield f"{where}: {answer}: nothing follows an end"
    for key in ("again", "remind", "wait_minutes"):
        if getattr(step, key) is not None:
            yield f"{where}: {key}: an end does not wait for an answer"


def _question(script: Script, where: str, name: str, step: ScriptStep) -> Iterator[str]:
    if not step.say:
        yield f"{where}: say: a step that is no end has to say something"
    if step.wait_minutes is not None:
        yield from _number(f"{where}: wait_minutes", step.wait_minutes, MOST_WAIT_MINUTES)
    for key in ("reason", "detail"):
        if getattr(step, key) is not None:
            yield f"{where}: {key}: belongs to an end, a step with an outcome"
    for answer in Answer:
        branch = script.branch(name, answer)
        if branch is None:
            yield f"{where}: {answer}: there is no branch, neither here nor in [always]"
            continue
        if step.branch(answer) is not None:
            yield from _branch(script, f"{where}: {answer}", answer, branch)
        if branch.say and "again" in _placeholders(branch.say) and not step.again:
            yield f"{where}: again: is missing, and the remark for {answer} needs it"
    if step.remind and "again" in _placeholders(step.remind) and not step.again:
        yield f"{where}: again: is missing, and remind needs it"


def _branch(script: Script, where: str, answer: Answer, branch: Branch) -> Iterator[str]:
    if (branch.to is None) == (branch.say is None):
        yield f"{where}: give either `to`, the next step, or `say`, a remark"
    if branch.to is not None and branch.to not in script.steps:
        yield f"{where}: there is no step {branch.to!r}"
    if answer is Answer.SILENCE and branch.to is None:
        yield f"{where}: leads to a step; what to say to a silent player is the step's `remind`"
    if branch.price == "named" and answer is not Answer.PRICE_WITHIN:
        yield f"{where}: price: only price_within can take the price that was named"
    yield from _text(f"{where}: say", branch.say, _VALUES | {"price", "again"})


def _text(where: str, text: str | None, known: frozenset[str]) -> Iterator[str]:
    if text is None:
        return
    if not text.strip():
        yield f"{where}: is blank; leave it out"
    if len(text) > LONGEST_TEXT:
        yield f"{where}: has {len(text)} characters; {LONGEST_TEXT} is the most"
    try:
        unknown = _placeholders(text) - known
    except ValueError as error:
        yield f"{where}: {error}; write {{{{ and }}}} for braces"
        return
    for name in sorted(unknown):
        there_are = ", ".join(sorted(f"{{{name}}}" for name in known))
        yield f"{where}: there is no placeholder {{{name}}} here; there are: {there_are}"


def _placeholders(text: str) -> frozenset[str]:
    """What stands in braces. Raises ValueError for braces that do not match."""
    names = set()
    for _, name, form, conversion in Formatter().parse(text):
        if name is not None:
            names.add(name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else ""))
    return frozenset(names)


# ── ways through the script


def _ways(script: Script) -> Iterator[str]:
    onward = {name: _next(script, name) for name in script.steps}
    reached = _reach({script.head.first, script.head.give_up}, onward)
    for name in script.steps:
        if name not in reached:
            yield f"[steps.{name}]: no way leads here"
    circle = _circle(onward)
    if circle:
        yield f"[steps.{circle[0]}]: goes in a circle: {' → '.join(circle)}"
        return
    for name in script.steps:
        if not any(script.steps[end].outcome for end in _reach({name}, onward)):
            yield f"[steps.{name}]: is a dead end: no way leads from here to an end"
    yield from _prices(script)
    yield from _lengths(script, onward)


def _next(script: Script, name: str) -> dict[str, list[Branch]]:
    """The steps that can follow, each with the branches that lead there."""
    steps: dict[str, list[Branch]] = {}
    if script.steps[name].outcome is None:
        for answer in Answer:
            branch = script.branch(name, answer)
            if branch is not None and branch.to is not None:
                steps.setdefault(branch.to, []).append(branch)
    return steps


def _reach(start: set[str], onward: dict[str, dict[str, list[Branch]]]) -> set[str]:
    reached: set[str] = set()
    ahead = list(start)
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += onward[name]
    return reached


def _circle(onward: dict[str, dict[str, list[Branch]]]) -> list[str]:
    """A way that comes back to where it began, if there is one."""
    done: set[str] = set()

    def walk(way: list[str]) -> list[str]:
        for name in onward[way[-1]]:
            if name in way:
                return [*way[way.index(name) :], name]
            if name not in done and (circle := walk([*way, name])):
                return circle
        done.add(way[-1])
        return []

    return next((circle for name in onward if name not in done and (circle := walk([name]))), [])


def _prices(script: Script) -> Iterator[str]:
    """Does every way to a step that speaks of {price} put one on the table before?"""
    without: set[str] = set()
    ahead = [script.head.first, script.head.give_up]
    while ahead:
        name = ahead.pop()
        if name in without:
            continue
        without.add(name)
        for to, branches in _next(script, name).items():
            if any(branch.price is None for branch in branches):
                ahead.append(to)
    for name in script.steps:
        if name not in without:
            continue
        bare = "a way leads here with no price on the table"
        if script.steps[name].outcome == "resolved":
            yield f"[steps.{name}]: {bare}, so there is none to agree on"
        for key, text in _said_at(script, name):
            if "price" in _placeholders(text):
                yield f"[steps.{name}]: {key}: {bare}, so {{price}} stands for none"


def _said_at(script: Script, name: str) -> Iterator[tuple[str, str]]:
    """The texts of a step and of its remarks. A remark that puts a price on the table may speak of it."""
    step = script.steps[name]
    for key in ("say", "again", "remind", "detail"):
        text = getattr(step, key)
        if text is not None:
            yield key, text
    if step.outcome is None:
        for answer in Answer:
            branch = script.branch(name, answer)
            if branch is not None and branch.say is not None and branch.price is None:
                yield answer, branch.say


def _lengths(script: Script, onward: dict[str, dict[str, list[Branch]]]) -> Iterator[str]:
    """How many messages lead to a resolved task, on the shortest and on the longest way."""

    @cache  # the ways may be millions, the lengths are few
    def lengths(name: str) -> frozenset[int]:
        said = 1 if script.steps[name].say else 0
        if script.steps[name].outcome is not None:
            return frozenset({said} if script.steps[name].outcome == "resolved" else ())
        return frozenset(said + rest for to in onward[name] for rest in lengths(to))

    found = lengths(script.head.first)
    if not found:
        yield "no way leads to a step whose outcome is resolved"
    elif min(found) < FEWEST_MESSAGES:
        yield f"the shortest way to a resolved task has {min(found)} messages; {FEWEST_MESSAGES} is the fewest"
    if found and max(found) > MOST_MESSAGES:
        yield f"the longest way to a resolved task has {max(found)} messages; {MOST_MESSAGES} is the most"
