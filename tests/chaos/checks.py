"""The promises, each as a function of the evidence, the ledger and the state in the end; all give findings in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kernel.ids import ChatId, SteamId64
from kernel.rows import MESSAGES_KEPT, Delivery, Message, TaskStatus
from kernel.state import State
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.record import Asked, ClientChannel, Request
from tests.chaos.evidence import AGENT_LINE, OPERATOR_LINE, Evidence, Span, heard_late, listed, paused, taken
from tests.chaos.ledger import Ledger

MINUTE = 60_000
ROUNDING = 1
"""Milliseconds: two processes round their times down."""
HEARING = 2_000
"""Milliseconds that it may take the system to hear what a player wrote or did: what it says meanwhile is no breach."""


@dataclass(slots=True)
class Case:
    """All that is judged by. `lies`: while Steam answered what was not true."""

    evidence: Evidence
    ledger: Ledger
    state: State
    lies: Sequence[Span] = ()
    late: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """When wishes were heard that nobody can have heard at once; see `evidence.heard_late`."""

    @property
    def stopped(self) -> dict[int, int]:
        """By player: since when anybody can know that they said stop, removed or blocked a bot."""
        return {
            player: min(self.late.get((player, at), at) for at, _ in wishes)
            for player, wishes in self.evidence.wishes.items()
        }


@dataclass(slots=True)
class Report:
    """Counts of what was seen, and everything that ought not to have been."""

    counts: dict[str, int] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def find(self, promise: str, finding: str) -> None:
        self.findings.append(f"{promise}: {finding}")

    def add(self, other: Report) -> None:
        """Take another's counts and findings in."""
        for name, count in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count
        self.findings += other.findings


def judge(
    lines: Sequence[ClientChannel], bots: frozenset[int], ledger: Ledger, state: State, lies: Sequence[Span] = ()
) -> Report:
    """Hold everything to every promise."""
    evidence = Evidence.of(lines, bots)
    case = Case(evidence, ledger, state, lies, heard_late(evidence, ledger))
    report = Report(_counts(case))
    for promise, check in PROMISES.items():
        for finding in check(case):
            report.find(promise, finding)
    return report


def _counts(case: Case) -> dict[str, int]:
    evidence, ledger = case.evidence, case.ledger
    return {
        "commands acknowledged": sum(1 for _ in ledger.acknowledged()),
        "commands refused": sum(given.refused for given in ledger.given),
        "attempts to invite": sum(map(len, evidence.attempts.values())),
        "invites that players got": sum(map(len, evidence.invited.values())),
        "messages that players got": len(evidence.messages),
        "take-overs acknowledged": sum(not given.payload["enabled"] for given, _ in ledger.acknowledged("ToggleAgent")),
        "players who declined": len(evidence.declined),
        "players who said stop, removed or blocked": len(evidence.wishes),
        "of their wishes told to a bot that was off, and removed before it was on": len(case.late),
        "players put on the list": len(listed(ledger)),
        "pauses": len(paused(ledger)),
        "bots removed": sum(1 for _ in ledger.acknowledged("RemoveBot")),
    }


def one_attempt_a_minute(case: Case) -> Iterator[str]:
    for bot, attempts in case.evidence.attempts.items():
        for before, after in pairwise(attempts):
            if after.at - before.at < MINUTE - ROUNDING:
                gap = (after.at - before.at) / 1_000
                answers = [case.evidence.answers.get(attempt.number) for attempt in (before, after)]
                yield f"{bot} invited {before.target} and after {gap:.3f} s {after.target}; answered {answers}"


def no_second_invite(case: Case) -> Iterator[str]:
    for player, invites in case.evidence.invited.items():
        if len(invites) > 1:
            yield f"{player} got {len(invites)} invites: {invites}"


def no_invite_after_a_refusal(case: Case) -> Iterator[str]:
    for wish, since in (("declined", case.evidence.declined), ("said stop", case.stopped)):
        for bot, attempts in case.evidence.attempts.items():
            for attempt in attempts:
                if attempt.at > since.get(attempt.target, 1 << 62):
                    late = attempt.at - since[attempt.target]
                    yield f"{attempt.target} {wish}, and {late} ms later {bot} invited them"


def no_message_twice(case: Case) -> Iterator[str]:
    said = Counter(
        (reached.bot, reached.player, reached.text.rpartition("\n")[2])
        for reached in case.evidence.messages
        if AGENT_LINE.search(reached.text) or OPERATOR_LINE.search(reached.text)
    )
    for (bot, player, text), times in said.items():
        if times > 1:
            yield f"{player} got {text!r} {times} times from {bot}"


def no_contact_against_a_wish(case: Case) -> Iterator[str]:
    stopped = case.stopped
    for reached in case.evidence.messages:
        since = stopped.get(reached.player)
        if since is not None and reached.at > since + HEARING:
            yield f"{reached.player} wanted no more, and {reached.at - since} ms later got {reached.text!r}"
    on_list = listed(case.ledger)
    for asked in case.evidence.asked:
        if asked.target in on_list and asked.at > on_list[asked.target] + ROUNDING and _is_contact(asked.request):
            yield f"{asked.target} was put on the list, and {asked.at - on_list[asked.target]} ms later got {asked}"


def no_contact_while_paused(case: Case) -> Iterator[str]:
    spans = paused(case.ledger)
    for asked in case.evidence.asked:
        if _is_contact(asked.request):
            for span in spans:
                if span.holds(asked.at - ROUNDING):
                    yield f"contact was paused for {asked.at - span.begin} ms when this came: {asked}"


def nothing_of_the_agents_after_a_take_over(case: Case) -> Iterator[str]:
    spans = taken(case.ledger)
    for asked in case.evidence.asked:
        if (line := AGENT_LINE.search(asked.text)) is not None:
            for span in spans.get(line[1], ()):
                if span.holds(asked.at - ROUNDING):
                    yield f"{line[1]} was taken over for {asked.at - span.begin} ms when this came: {asked.text!r}"


def what_was_acknowledged_is_there(case: Case) -> Iterator[str]:
    state = case.state
    for given, answer in case.ledger.acknowledged():
        match given.kind:
            case "CreateTask" if answer.created not in state.tasks:
                yield f"a task of {given.about} was acknowledged ({given.id}) and is not there"
            case "DisposeTask" if state.tasks[given.about].is_open:
                yield f"{given.about} was disposed of ({given.id}) and is {state.tasks[given.about].status}"
            case "AddDoNotContact" if given.about not in state.index.do_not_contact:
                yield f"{given.about} was put on the list ({given.id}) and is not there"
            case "AddBotFromMaFile" if answer.created not in state.bots and not _removed(case, answer.created):
                yield f"bot {given.about} was acknowledged ({given.id}) and is not there"
            case _:
                pass
    for chat_id, spans in taken(case.ledger).items():
        chat = state.chats.get(chat_id)
        if spans[-1].end == 1 << 62 and (chat is None or chat.agent_enabled):
            yield f"{chat_id} was taken over, and its agent is on"


def what_was_acknowledged_was_said_or_says_why_not(case: Case) -> Iterator[str]:
    """A person's words: sent is with the player once, failed is not with them, and nothing else remains."""
    got = Counter(reached.text for reached in case.evidence.messages)
    rows: dict[str, Message] = {m.id: m for chat in case.state.chats.values() for m in chat.messages}
    for given, answer in case.ledger.acknowledged("SendMessage"):
        text = str(given.payload["text"])
        row, times = rows.get(answer.created or ""), got[text]
        lied = any(span.holds(given.sent) for span in case.lies)
        chat = case.state.chats.get(ChatId(given.about))
        if row is None and times == 1 and chat is not None and len(chat.messages) >= MESSAGES_KEPT:
            continue  # a chat that is full holds it no longer, and the player has it
        if row is None:
            yield f"{text!r} was acknowledged ({given.id}) and is in no chat; the player got it {times} times"
        elif row.delivery is Delivery.SENT and times != 1 and not lied:
            yield f"{text!r} is said to be sent, and the player got it {times} times"
        elif row.delivery is Delivery.FAILED and times and not row.may_be_there and not lied:
            yield f"{text!r} is said to have failed ({row.reason}), and the player got it"
        elif row.delivery in (Delivery.QUEUED, Delivery.SENDING):
            yield f"{text!r} ({row.id}) still waits, and nothing says for what"


def nothing_refused_has_happened(case: Case) -> Iterator[str]:
    got = {reached.text for reached in case.evidence.messages}
    tasks = Counter(task.player for task in case.state.tasks.values())
    created = Counter(given.about for given, _ in case.ledger.acknowledged("CreateTask"))
    for given in case.ledger.given:
        if not given.refused:
            continue
        code = given.answers[-1].code
        if given.kind == "SendMessage" and given.payload["text"] in got:
            yield f"{given.payload['text']!r} was refused ({code}), and the player got it"
        elif given.kind == "CreateTask" and tasks[SteamId64(given.about)] > created[given.about]:
            yield f"a task of {given.about} was refused ({code}), and there is one"
        elif given.kind == "DisposeTask" and given.about in case.state.tasks:
            task = case.state.tasks[given.about]
            if _done(case.ledger, "DisposeTask", given.about):
                continue
            if task.status is TaskStatus.DISPOSED:
                yield f"to dispose of {given.about} was refused ({code}), and it is disposed of"
            elif task.is_open and any(removed.at > given.sent for removed in _removals(case, int(task.player))):
                yield f"to dispose of {given.about} was refused ({code}), and the invite is taken back at Steam"


def one_bot_for_one_person(case: Case) -> Iterator[str]:
    """Where another bot goes on with a person, a new task for them has been taken in between."""
    contacts: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for player, invites in case.evidence.invited.items():
        contacts[player] += invites
    for reached in case.evidence.messages:
        contacts[reached.player].append((reached.at, reached.bot))
    created: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for given, answer in case.ledger.acknowledged("CreateTask"):
        created[given.about].append((given.sent, answer.at))
    for player, heard in contacts.items():
        for (before, one), (after, other) in pairwise(sorted(heard)):
            between = any(sent <= after and before <= at for sent, at in created[str(player)])
            if one != other and not between:
                yield f"{player} heard from {one}, and {after - before} ms later from {other}, by no new task"


def nothing_hangs_at_steam(case: Case) -> Iterator[str]:
    """Where a task has ended, no invite is left with its player."""
    accounts = {int(bot.steam_id64) for bot in case.state.bots.values()}
    open_for = {int(task.player) for task in case.state.tasks.values() if task.is_open}
    for (bot, player), sees in case.evidence.relationships.items():
        if sees is EFriendRelationship.REQUEST_INITIATOR and bot in accounts and player not in open_for:
            yield f"{player} has an invite of {bot} still, and no task is open"


def _removals(case: Case, player: int) -> Iterator[Asked]:
    return (a for a in case.evidence.asked if a.request is Request.REMOVE_FRIEND and a.target == player)


def _is_contact(request: str) -> bool:
    return request in ("addFriend", "sendMessage")


def _removed(case: Case, bot_id: str | None) -> bool:
    return _done(case.ledger, "RemoveBot", bot_id or "")


def _done(ledger: Ledger, kind: str, about: str) -> bool:
    return any(given.about == about for given, _ in ledger.acknowledged(kind))


PROMISES: dict[str, Callable[[Case], Iterator[str]]] = {
    "one attempt a minute a bot": one_attempt_a_minute,
    "no second invite": no_second_invite,
    "no invite after a decline or a stop": no_invite_after_a_refusal,
    "no message twice": no_message_twice,
    "no contact against a wish": no_contact_against_a_wish,
    "no contact while paused": no_contact_while_paused,
    "no line of the agent's after a take-over": nothing_of_the_agents_after_a_take_over,
    "nothing acknowledged is lost": what_was_acknowledged_is_there,
    "what was acknowledged is said, or says why not": what_was_acknowledged_was_said_or_says_why_not,
    "nothing refused has happened": nothing_refused_has_happened,
    "one bot for one person": one_bot_for_one_person,
    "nothing hangs at Steam": nothing_hangs_at_steam,
}
