"""What must hold for players and for Steam, by Steam's own record. Each rule looks at all the evidence of a history."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import inf
from typing import Final

from kernel.causality import is_person
from kernel.events import (
    BotAdded,
    ChatClosed,
    ChatMessageQueued,
    ChatStarted,
    FriendInviteFailed,
    FriendInviteQueued,
    TaskStatusChanged,
)
from kernel.rows import Delivery
from plugins.contact_policy.config import SHIPPED_NOTICES
from plugins.contact_policy.stop_words import says_stop
from plugins.steam_protocol.relationship import EFriendRelationship
from tests.whole.agent import DENIAL
from tests.whole.evidence import Evidence, Finding
from tests.whole.record import Entry, What
from tests.whole.steps import AllowContact, AllowInvite

MINUTE: Final = 60.0
HOUR: Final = 3_600.0
UNANSWERED: Final = 12
AN_HOUR: Final = 20
"""Lines of programs in one chat: without an answer, and within an hour."""
NOTICES: Final = tuple(SHIPPED_NOTICES.values())
LIST_S: Final = 1.0
"""Within it, the list of friends that follows a sign-in is with us."""
HAIR: Final = 0.002
"""Seconds by which two clocks of milliseconds may round differently."""

Rule = Callable[[Evidence], Iterator[Finding]]


class Rules(list[Rule]):
    """What is checked at the end of each history."""

    def rule(self, check: Rule) -> Rule:
        """Have it checked, too."""
        self.append(check)
        return check


RULES: Final = Rules()


def contacts(evidence: Evidence) -> list[Entry]:
    """What players got of ours."""
    return evidence.entries(What.GOT, What.INVITED)


def one_of_ours(entry: Entry) -> str:
    what = "an invite" if entry.what is What.INVITED else f'"{entry.text}"'
    return f"player {entry.player} got {what} of bot {entry.bot}, which left us at {entry.sent_at:.3f} s"


@RULES.rule
def one_invite_a_minute(evidence: Evidence) -> Iterator[Finding]:
    """Whatever Steam answers, and whatever happens to us in between."""
    by_bot = defaultdict(list)
    for entry in evidence.entries(What.ADD_FRIEND):
        by_bot[entry.bot].append(entry)
    for bot, entries in by_bot.items():
        for earlier, later in pairwise(entries):
            if later.at - earlier.at < MINUTE - HAIR:
                text = f"bot {bot} sent two within {later.at - earlier.at:.3f} s"
                yield Finding("one_invite_a_minute", later.at, text)


def the_hour_of(limit: int) -> Rule:
    """The fleet's limit."""

    def the_fleets_hour(evidence: Evidence) -> Iterator[Finding]:
        entries = evidence.entries(What.ADD_FRIEND)
        for first, last in zip(entries, entries[limit:], strict=False):
            if last.at - first.at < HOUR - HAIR:
                text = f"{limit + 1} invites of the fleet within {last.at - first.at:.0f} s, and {limit} are allowed"
                yield Finding("the_fleets_hour", last.at, text)

    return the_fleets_hour


@RULES.rule
def one_bot_per_person(evidence: Evidence) -> Iterator[Finding]:
    """Of those whose invite a player sees, or who talk with a player that accepted one: one at most.

    An invite that a person has looked at, and allowed another beside, counts no more.
    """
    holds: dict[int, dict[int, What]] = defaultdict(dict)
    for entry in evidence.record:
        if entry.what is What.INVITED:
            others = [bot for bot in holds[entry.player] if bot != entry.bot and _is_at_it(evidence, entry, bot, holds)]
            others = [bot for bot in others if not _was_allowed(evidence, bot, entry)]
            if others:
                how = "in a chat with" if holds[entry.player][others[0]] is What.ACCEPTED else "invited by"
                text = f"bot {entry.bot} invited player {entry.player}, who was {how} bot {others[0]}"
                yield Finding(f"one_bot_per_person ({how})", entry.at, text)
            holds[entry.player][entry.bot] = What.INVITED
        elif entry.what is What.ACCEPTED and entry.bot in holds[entry.player]:
            holds[entry.player][entry.bot] = What.ACCEPTED
        elif entry.what in {What.DECLINED, What.TAKEN_BACK, What.REMOVED, What.BLOCKED, What.WAS_REMOVED}:
            holds[entry.player].pop(entry.bot, None)


def _was_allowed(evidence: Evidence, bot: int, entry: Entry) -> bool:
    """Has a person said AllowInvite between the other bot's invite, which the player has not answered, and this?"""
    seen = [e for e in evidence.record if (e.bot, e.player) == (bot, entry.player) and e.at < entry.at]
    invited = max((e.at for e in seen if e.what is What.INVITED), default=inf)
    if any(e.what is What.ACCEPTED and e.at >= invited for e in seen):
        return False
    return any(a.player == entry.player and invited <= a.at <= entry.sent_at for a in evidence.commands(AllowInvite))


def _is_at_it(evidence: Evidence, entry: Entry, bot: int, holds: dict[int, dict[int, What]]) -> bool:
    """Does the player still see the other bot's invite, or have an open chat with it?"""
    if holds[entry.player][bot] is What.INVITED:
        return True
    chats = [chat_id for chat_id, pair in evidence.chats().items() if pair == (bot, entry.player)]
    closed = [e.chat_id for at, e in evidence.happened(ChatClosed) if at <= entry.sent_at]
    begun = [e.chat_id for at, e in evidence.happened(ChatStarted) if at <= entry.sent_at]
    return any(chat_id in begun and chat_id not in closed for chat_id in chats)


@RULES.rule
def no_second_invite_after_a_decline(evidence: Evidence) -> Iterator[Finding]:
    """By no bot, whether we heard of the decline or not; but where it crossed our own withdrawal, nobody can tell."""
    for declined in evidence.entries(What.DECLINED):
        if _crossed(evidence, declined):
            continue
        lifted = [
            *(e.at for e in evidence.entries(What.ASKED_US) if e.player == declined.player and e.at > declined.at),
            *(a.at for a in evidence.commands(AllowInvite) if a.player == declined.player and a.at > declined.at),
        ]
        until = min(lifted, default=inf)
        for entry in evidence.entries(What.ADD_FRIEND):
            if _was_allowed(evidence, declined.bot, entry):
                continue
            if entry.player == declined.player and declined.at < entry.at and entry.sent_at < until:
                text = f"player {entry.player} had declined at {declined.at:.3f} s, and bot {entry.bot} invites them"
                yield Finding("no_second_invite_after_a_decline", entry.at, text)


def _crossed(evidence: Evidence, declined: Entry) -> bool:
    """Had our request to take the invite back left before we could hear that the player had declined it?"""
    pair = declined.bot, declined.player
    told = (e.at for e in evidence.entries(What.HEARD_RELATION) if (e.bot, e.player) == pair and e.at >= declined.at)
    heard = min(told, default=inf)
    ours = [e for e in evidence.entries(What.REMOVE_FRIEND) if (e.bot, e.player) == pair and e.at >= declined.at]
    return any(e.sent_at < heard for e in ours)


@RULES.rule
def nothing_after_a_stop(evidence: Evidence) -> Iterator[Finding]:
    """From the moment that we have heard it; and a bot that comes back reads before it says anything."""
    for said in evidence.entries(What.SAID):
        if not says_stop(said.text):
            continue
        heard = [e for e in evidence.entries(What.HEARD_WORDS) if e.at >= said.at and _same_words(e, said)]
        yield from _after_a_wish(evidence, said, heard, "nothing_after_a_stop", f'said "{said.text}"')


@RULES.rule
def nothing_after_a_removal(evidence: Evidence) -> Iterator[Finding]:
    """Whoever removes or blocks a bot wants none of ours. Blocked in place of an answer, the bot is told no more than
    that its invite is gone: that is a decline. So is the end of a friendship of which we never heard, and a person who
    then says AllowInvite has taken that on.
    """
    for done in evidence.entries(What.REMOVED, What.BLOCKED):
        met = [
            e
            for e in evidence.entries(What.INVITED, What.ACCEPTED, What.WAS_ACCEPTED)
            if (e.bot, e.player) == (done.bot, done.player)
        ]
        before = [e for e in met if e.at <= done.at]
        if done.what is What.BLOCKED and before and before[-1].what is What.INVITED:
            continue
        heard = [
            e
            for e in evidence.entries(What.HEARD_RELATION, What.LOGGED_ON)
            if e.at >= done.at and e.bot == done.bot and e.player in (-1, done.player) and _lasted(evidence, e)
        ]
        lifts = (AllowContact,) if _was_a_friend(evidence, done) else (AllowContact, AllowInvite)
        told = f"{done.what} bot {done.bot}"
        yield from _after_a_wish(evidence, done, heard, "nothing_after_a_removal", told, lifts)


def _was_a_friend(evidence: Evidence, done: Entry) -> bool:
    """Was one of our runs told that the two were friends?"""
    pair = done.bot, done.player
    return any((at.bot, at.player) == pair for at in _heard_as_friends(evidence) if at.at <= done.at)


def _heard_as_friends(evidence: Evidence) -> Iterator[Entry]:
    for heard in evidence.entries(What.HEARD_RELATION):
        if heard.text == EFriendRelationship.FRIEND.name and evidence.was_kept(heard):
            yield heard


def _lasted(evidence: Evidence, heard: Entry) -> bool:
    """A session that ends as soon as it has begun need not have had the list of friends that follows a sign-in."""
    if heard.what is not What.LOGGED_ON:
        return True
    ends = (e.at for e in evidence.entries(What.LOGGED_OFF) if e.session == heard.session and e.at >= heard.at)
    return min(ends, default=inf) - heard.at >= LIST_S


def _said_by_hand(evidence: Evidence, words: tuple[str, ...], until: float) -> bool:
    """Has a person decided until then to say something that begins so?"""
    decided = ((at, e.message) for at, e in evidence.happened(ChatMessageQueued))
    return any(at <= until and is_person(m.author) and m.text.startswith(words) for at, m in decided)


def _after_a_wish(
    evidence: Evidence,
    wish: Entry,
    heard: list[Entry],
    name: str,
    told: str,
    lifts: tuple[type[AllowContact | AllowInvite], ...] = (AllowContact,),
) -> Iterator[Finding]:
    """`heard`: each time that one of our runs was told of it; `lifts`: by what a person takes it off them."""
    said = (a for kind in lifts for a in evidence.commands(kind))
    lifted = [a.at for a in said if a.player == wish.player and a.at > wish.at]
    until = min((at for at in lifted), default=inf)
    came_back = {e.session for e in evidence.entries(What.LOGGED_ON) if e.bot == wish.bot and e.at > wish.at}
    for entry in contacts(evidence):
        if entry.player != wish.player or entry.sent_at >= until:
            continue
        read = entry.session in came_back and not evidence.was_unreliable(wish.bot, wish.at, entry.sent_at)
        if read or any(_is_known(evidence, one, entry) for one in heard):
            text = f"player {wish.player} {told} at {wish.at:.3f} s; then {one_of_ours(entry)}"
            yield Finding(name, entry.at, text)


def _is_known(evidence: Evidence, heard: Entry, entry: Entry) -> bool:
    """Did the run that the entry left know what was heard?"""
    if entry.sent_at <= heard.at or (entry.run != heard.run and not evidence.was_kept(heard)):
        return False
    # a sign-in tells how all stand only if the list that follows it comes
    sure = entry.run == heard.run and heard.what is not What.LOGGED_ON
    return sure or not evidence.was_unreliable(heard.bot, heard.at, entry.sent_at)


def _same_words(one: Entry, other: Entry) -> bool:
    return (one.bot, one.player, one.text) == (other.bot, other.player, other.text)


@RULES.rule
def programs_do_not_write_on_and_on(evidence: Evidence) -> Iterator[Finding]:
    """Neither to a player who says nothing, nor to one who answers each time.

    What Steam delivered and denied is sent again, and is one line, where its history hides it too.
    """
    for pair, got in programs_lines(evidence):
        lied = evidence.had("chat_lies", pair[0])
        first_of = {entry.text: entry for entry in reversed(got)}
        lines = sorted(first_of.values(), key=lambda entry: entry.at) if lied else got
        said = [e.at for e in evidence.entries(What.SAID) if (e.bot, e.player) == pair]
        for first, last in zip(lines, lines[UNANSWERED:], strict=False):
            if not any(first.at <= at <= last.at for at in said):
                text = f"player {last.player} got {UNANSWERED + 1} lines of a program and said nothing"
                yield Finding("programs_do_not_write_on_and_on", last.at, text)
        for first, last in zip(lines, lines[AN_HOUR:], strict=False):
            if last.at - first.at < HOUR - MINUTE:
                text = f"player {last.player} got {AN_HOUR + 1} lines of a program within {last.at - first.at:.0f} s"
                yield Finding("programs_do_not_write_on_and_on (an hour)", last.at, text)


@RULES.rule
def programs_say_what_they_are(evidence: Evidence) -> Iterator[Finding]:
    """In their first words in each chat, and none denies it. A notice that a person said again is not told apart."""
    for (bot, player), lines in programs_lines(evidence):
        told = [
            e.at
            for e in evidence.entries(What.GOT)
            if e.text.startswith(NOTICES) and (e.bot, e.player) == (bot, player)
        ]
        for line in lines[:1]:
            again = any(at < line.at for at in told) and _said_by_hand(evidence, NOTICES, line.at)
            if not line.text.startswith(NOTICES) and not again and not evidence.had("chat_lost", bot):
                text = f'player {player} got "{line.text}" as the first words of a program'
                yield Finding("programs_say_what_they_are", line.at, text)
        for line in lines:
            if DENIAL in line.text:
                yield Finding("programs_say_what_they_are (denied)", line.at, f'player {player} got "{line.text}"')


def programs_lines(evidence: Evidence) -> Iterator[tuple[tuple[int, int], list[Entry]]]:
    """Bot and player of each chat, and what the player got of programs in it."""
    chats, lines = evidence.chats(), agents_lines(evidence)
    begun = [(at, event.chat_id) for at, event in evidence.happened(ChatStarted) if event.chat_id in chats]
    for at, chat_id in begun:
        pair = chats[chat_id]
        until = min((other for other, its_id in begun if chats[its_id] == pair and other > at), default=inf)
        yield pair, [entry for entry in lines if (entry.bot, entry.player) == pair and at <= entry.at < until]


def agents_lines(evidence: Evidence) -> list[Entry]:
    """What players got that no person had decided to say, in these words, until then."""
    by_hand: dict[str, float] = {}
    for at, event in evidence.happened(ChatMessageQueued):
        if is_person(event.message.author):
            by_hand.setdefault(" ".join(event.message.text.split()), at)
    return [entry for entry in evidence.entries(What.GOT) if by_hand.get(" ".join(entry.text.split()), inf) > entry.at]


@RULES.rule
def no_player_starves_another(evidence: Evidence) -> Iterator[Finding]:
    """A bot tries one player at most twice while another, whose invite waits in its queue, has not had a first try."""
    bots = {event.bot_id: evidence.bots[event.steam_id64] for _, event in evidence.happened(BotAdded)}
    ended = {event.task_id: at for at, event in evidence.happened(FriendInviteFailed)}
    ended |= {event.task_id: at for at, event in evidence.happened(TaskStatusChanged)}
    for at, event in evidence.happened(FriendInviteQueued):
        bot, player, tries = bots[event.bot_id], evidence.players[event.player], Counter[int]()
        for entry in evidence.entries(What.ADD_FRIEND):
            if entry.bot != bot or entry.sent_at <= at:
                continue
            if entry.player == player or entry.sent_at > ended.get(event.task_id, HOUR * HOUR):
                break
            tries[entry.player] += 1
            if tries[entry.player] > 2:
                text = (
                    f"bot {bot} has tried player {entry.player} {tries[entry.player]} times, and player {player} waits"
                )
                yield Finding("no_player_starves_another", entry.at, text)
                break


@RULES.rule
def each_line_once(evidence: Evidence) -> Iterator[Finding]:
    """A player gets a line as often as somebody decided to say it, and not when we say that it surely failed."""
    chats, decided, failed, sent = evidence.chats(), Counter[_Key](), Counter[_Key](), Counter[_Key]()
    for _, event in evidence.happened(ChatMessageQueued):
        if event.chat_id not in chats:
            continue
        key = (*chats[event.chat_id], " ".join(event.message.text.split()))
        decided[key] += 1
        chat = evidence.state.chats.get(event.chat_id)
        message = chat.message(event.message.id) if chat is not None else None
        if message is not None and message.delivery is Delivery.FAILED and not message.may_be_there:
            failed[key] += 1
        if message is not None and message.delivery is Delivery.SENT:
            sent[key] += 1
    got: Counter[_Key] = Counter()
    for entry in evidence.entries(What.GOT):
        key = (entry.bot, entry.player, " ".join(entry.text.split()))
        got[key] += 1
        if got[key] > decided[key]:
            # what Steam says that it did not take, and does not show, nobody can know
            if not (evidence.had("chat_lies", entry.bot) and evidence.had("history_lags", entry.bot)):
                text = f'player {entry.player} got {got[key]} × "{entry.text}", which was to be said {decided[key]} ×'
                yield Finding("each_line_once", entry.at, text)
        elif got[key] > decided[key] - failed[key] and not evidence.had("chat_lies", entry.bot):
            text = f'player {entry.player} got "{entry.text}", which is said to have failed'
            yield Finding("each_line_once (failed)", entry.at, text)
    for key, number in sent.items():
        if got[key] < number and not evidence.had("chat_lost", key[0]):
            text = f'player {key[1]} got {got[key]} × "{key[2]}", which is said to have been sent {number} ×'
            yield Finding("each_line_once (sent)", 0.0, text)


_Key = tuple[int, int, str]
