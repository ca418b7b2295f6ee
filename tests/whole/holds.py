"""What a command holds back from when it is answered on, until another command may have ended that."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Final

from kernel.events import ChatStarted
from tests.whole.evidence import Asked, Evidence, Finding, Outcome
from tests.whole.record import Entry, What
from tests.whole.rules import Rules, agents_lines, contacts, one_of_ours
from tests.whole.steps import AllowContact, Create, Dispose, LeaveAlone, Pause, Resume, Toggle, Write

RULES: Final = Rules()


@RULES.rule
def nothing_while_paused(evidence: Evidence) -> Iterator[Finding]:
    """From PauseContact's answer on, until somebody asks to resume."""
    for paused in evidence.commands(Pause):
        resumed = [evidence.may_end(paused, resume) for resume in evidence.commands(Resume)]
        yield from _held(evidence, paused, resumed, contacts(evidence), "nothing_while_paused")


@RULES.rule
def nothing_to_those_on_the_list(evidence: Evidence) -> Iterator[Finding]:
    """From AddDoNotContact's answer on, until somebody asks to take the player off."""
    for listed in evidence.commands(LeaveAlone):
        asked = [a for a in evidence.commands(AllowContact) if a.player == listed.player]
        allowed = [evidence.may_end(listed, allow) for allow in asked]
        theirs = [entry for entry in contacts(evidence) if entry.player == listed.player]
        yield from _held(evidence, listed, allowed, theirs, "nothing_to_those_on_the_list")


def _held(evidence: Evidence, asked: Asked, ends: list[float], entries: list[Entry], name: str) -> Iterator[Finding]:
    """What came out after the answer to a command that ought to have kept it in, until the first of `ends`."""
    until = min(ends, default=inf)
    if asked.code == "notOnDiskYet" or asked.outcome is Outcome.UNDER_WAY:
        until = min(until, evidence.deaths.get(asked.run, inf))
    elif asked.outcome is not Outcome.OK:
        return
    slack = 30.0 if asked.outcome is Outcome.UNDER_WAY else 0.0
    for entry in entries:
        if asked.answered_at + slack < entry.sent_at < until:
            text = f"{asked.command.kind} was answered {asked.outcome} at {asked.answered_at:.3f} s; then "
            yield Finding(name, entry.at, text + one_of_ours(entry))


@RULES.rule
def no_agents_line_after_a_take_over(evidence: Evidence) -> Iterator[Finding]:
    """From the answer on, until the chat is given back or another one begins about another task."""
    chats = evidence.chats()
    begun = [(at, chats[event.chat_id][1]) for at, event in evidence.happened(ChatStarted) if event.task_id is not None]
    for taken in evidence.commands(Toggle, Write):
        if isinstance(taken.step, Toggle) and taken.step.on:
            continue
        asked = [a for a in evidence.commands(Toggle) if a.player == taken.player and _gives_back(a)]
        ends = [at for at, player in begun if player == taken.player and at > evidence.asking(taken)[0].at]
        ends += [evidence.may_end(taken, given_back) for given_back in asked]
        words = [entry for entry in agents_lines(evidence) if entry.player == taken.player]
        yield from _held(evidence, taken, ends, words, "no_agents_line_after_a_take_over")


def _gives_back(asked: Asked) -> bool:
    return isinstance(asked.step, Toggle) and asked.step.on


@RULES.rule
def nothing_after_a_disposal(evidence: Evidence) -> Iterator[Finding]:
    """No invite and no line of an agent's, until there is another task."""
    for disposed in evidence.commands(Dispose):
        asked = [a for a in evidence.commands(Create) if a.player == disposed.player]
        created = [evidence.may_end(disposed, create) for create in asked]
        ours = [*evidence.entries(What.INVITED), *agents_lines(evidence)]
        theirs = [entry for entry in ours if entry.player == disposed.player]
        yield from _held(evidence, disposed, created, theirs, "nothing_after_a_disposal")
