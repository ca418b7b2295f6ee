"""What the plugin counts of its own work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import Struct, field

from kernel.measures import Distribution, Measure, MeasureKind

REASONS: Final = (
    "slow",
    "unreachable",
    "dropped",
    "busy",
    "failed",
    "resting",
    "refused",
    "nonsense",
    "tooLong",
    "outOfBounds",
    "budget",
    "handedOver",
)
"""Why a dialogue was given up, or a request failed."""
FAULTS: Final = (
    "price",
    "number",
    "money",
    "promise",
    "self",
    "assent",
    "consent",
    "unanswered",
    "characters",
    "length",
    "empty",
    "guard",
)
"""What was wrong with a draft that was not said."""
SECONDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 60.0)


class ModelStats(Struct, kw_only=True):
    """Since the start of this run."""

    replies: int = 0
    tokens: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    """By `ok`, `cut` (by a take-over, a new line of the player's, a deadline) or the reason of the failure."""
    faults: Counter[str] = field(default_factory=Counter)
    given_up: Counter[str] = field(default_factory=Counter)
    answer: Distribution = field(default_factory=lambda: Distribution(SECONDS))


def measures(stats: ModelStats, *, resting: bool, under_way: int) -> Sequence[Measure]:
    return (
        Measure.counter("llm_agent_replies", "Turns that the model answered within its bounds.", stats.replies),
        Measure.counter("llm_agent_tokens", "Tokens that were paid for, answers in vain included.", stats.tokens),
        _by(
            "llm_agent_requests",
            "Requests to the endpoint, by what came of them.",
            stats.requests,
            ("ok", "cut", *REASONS),
        ),
        _by("llm_agent_drafts_refused", "Faults in drafts that were not said.", stats.faults, FAULTS),
        _by("llm_agent_given_up", "Dialogues left to the next agent or a person.", stats.given_up, REASONS),
        Measure.histogram("llm_agent_answer_seconds", "How long the endpoint takes for an answer.", stats.answer),
        Measure.gauge("llm_agent_resting", "1 while an endpoint that failed is left alone.", float(resting)),
        Measure.gauge("llm_agent_requests_under_way", "Requests that the endpoint is working on.", under_way),
    )


def _by(name: str, text: str, counts: Counter[str], known: tuple[str, ...]) -> Measure:
    samples: dict[tuple[str, ...], float | Distribution] = {(word,): counts[word] for word in known}
    return Measure(name=name, help=text, kind=MeasureKind.COUNTER, labels=("reason",), samples=samples)
