"""The shape of a report: `GET /api/history/report`. README.md says what each number is.

A `Count` is a number and the query of its rows. A share is left to whoever shows it. Of deals that were agreed,
`traded` are those whose trade was done: `settled` and `reversed` are parts of them, and the rest can still be reversed;
`fellThrough` never were, and what is left is still to be traded. What was taken back as a mistake is in none of them.
"""

from __future__ import annotations

from msgspec import Struct, field

from kernel.chat_rows import AgentOffReason
from kernel.deal_rows import DealStage
from plugins.history.answers import AsOf
from plugins.history.codes import CausedBy


class Count(Struct, frozen=True):
    """So many, and where their rows are: a path with its query, such as `/api/history/tasks?stage=talked&…`."""

    n: int
    rows: str


class Funnel(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The cohort of tasks that were created in the range, by how far each has got until now."""

    created: Count
    invited: Count
    accepted: Count
    already: Count
    """Of those accepted, who were friends before anyone asked: they were not invited."""
    talked: Count
    agreed: Count
    traded: Count
    settled: Count
    reversed: Count
    fell_through: Count
    open: Count
    """Not ended yet: the numbers above may still grow."""


class CurrencySum(Struct, frozen=True, kw_only=True, rename="camel"):
    """What was agreed in one currency, and what has become of it until now; currencies are never added up. Each `…Sum`
    is of the agreed prices."""

    currency: str
    agreed: Count
    sum: str
    traded: Count
    traded_sum: str
    settled: Count
    settled_sum: str
    reversed: Count
    reversed_sum: str
    fell_through: Count
    fell_through_sum: str


class MoneySum(Struct, frozen=True, kw_only=True):
    """The agreed prices of some deals in one currency."""

    currency: str
    tasks: Count
    sum: str


class OutcomeFigures(Struct, frozen=True, kw_only=True):
    """The deals that came to one stage within the range, whenever they were agreed."""

    kind: DealStage
    tasks: Count
    sums: list[MoneySum]


class ItemFigures(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The deals of one item in one currency. A place is where in its task's range a price is: 0 at `priceMin`, 1 at
    `priceMax`; a range of one price has none."""

    item: str
    currency: str
    agreed: Count
    sum: str
    lowest: str
    """The least `priceMin` of these tasks."""
    highest: str
    """The greatest `priceMax`."""
    median: str | None = None
    """Of the agreed prices; none where none was recorded."""
    place: float | None = None
    """The median of the places."""
    places: list[int]
    """Deals by place, in 20 steps of 5 %; one at the upper end is in the last."""
    below: int = 0
    above: int = 0
    """Deals outside their range."""
    traded: Count
    settled: Count
    reversed: Count
    fell_through: Count


class ReasonCount(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tasks that failed, or fell through, for one reason; none: no code was given."""

    reason: str | None = None
    tasks: Count


class CauseFigures(Struct, frozen=True, kw_only=True, rename="camel"):
    """Of the tasks that have ended, those whose outcome was caused in one way."""

    caused_by: CausedBy
    ended: Count
    resolved: Count
    failed: Count
    disposed: Count
    traded: Count
    settled: Count
    reversed: Count
    fell_through: Count


class HandoverCount(Struct, frozen=True, kw_only=True):
    """Of the tasks that have ended, those whose agent was first switched off for this; `other`: for what this version
    does not know."""

    why: AgentOffReason
    tasks: Count
    resolved: Count
    failed: Count
    disposed: Count
    traded: Count
    reversed: Count


class AnswerTimes(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """How long the other side waited for an answer. The count and the mean are exact; the percentiles are the upper
    ends of buckets, and at most 19 % too long."""

    who: str
    """`player` for all of them, else an actor: `agent:…`, `operator:…`, `notebook:…`."""
    answers: Count
    mean_ms: int
    p50_ms: int
    p90_ms: int
    p99_ms: int


class LeaderFigures(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The talks (tasks with a chat) that have ended under one agent or operator: each talk is one leader's, the agent's
    where it ended alone, else the person's who last had a hand in it."""

    who: str
    """An actor; empty for talks that nobody led."""
    talks: Count
    agreed: Count
    traded: Count
    settled: Count
    reversed: Count
    fell_through: Count
    place: float | None = None
    """The mean place of the agreed prices."""
    sums: list[CurrencySum]
    p50_ms: int | None = None
    p90_ms: int | None = None


class DayFigures(Struct, frozen=True, kw_only=True, rename="camel"):
    """What happened on one day of the range: a trade counts on the day on which it was done, whenever it was agreed."""

    day: str
    created: Count
    agreed: Count
    failed: Count
    traded: Count
    settled: Count
    reversed: Count
    fell_through: Count


class DealReport(AsOf, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """All figures of some days. `since` and `until` are the moments at which they begin and end, in the house's zone.

    `before` is the number of tasks that were created in as many days before.
    """

    first_day: str
    last_day: str
    zone: str
    since: int
    until: int
    funnel: Funnel
    before: int
    ended: Count
    """The one denominator of causes, reasons and handovers: all tasks that ended in the range."""
    sums: list[CurrencySum]
    items: list[ItemFigures]
    """By their number of deals, the most first; at most 500."""
    failures: list[ReasonCount]
    fallthroughs: list[ReasonCount]
    """Of the deals that were agreed in the range, why those that fell through did."""
    outcomes: list[OutcomeFigures]
    """What was recorded about deals in the range: each stage once, with those of none too."""
    causes: list[CauseFigures]
    handovers: list[HandoverCount]
    answers: list[AnswerTimes]
    unanswered: Count
    """Chats whose player has waited since then, and got no answer until now, or until the chat closed."""
    unheard: Count
    """Chats whose player has not answered since then."""
    leaders: list[LeaderFigures]
    days: list[DayFigures]
    """Each day of the range, up to 400 of them; none where there are more."""


class ReportQuery(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The query of a report: days as `2026-11-23`, both included, today where none is given; each other field narrows
    it to tasks of that item, agent and so on. Answer times and unanswered chats are narrowed by agent, operator and
    days alone."""

    first_day: str | None = None
    last_day: str | None = None
    item: str | None = None
    currency: str | None = None
    agent: str | None = None
    operator: str | None = None
    bot: str | None = field(name="botId", default=None)
    format: str = "json"
    table: str = "items"
    """Which table an export has: `items`, `sums`, `failures`, `causes`, `handovers`, `answers`, `leaders`, `days`,
    `fallthroughs`, `outcomes`."""
