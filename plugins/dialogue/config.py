"""The pace of a conversation, and how long it is tried to get a message through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kernel.clock import DAY, HOUR
from kernel.findings import Deployment
from kernel.plugin import PluginConfig
from kernel.rows import MESSAGES_KEPT

QUEUE_LIMIT: Final = MESSAGES_KEPT // 2
"""More that is owed in one chat would leave too little of what was said in memory."""


class DialogueConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[dialogue]`. All spans but `take_over_deadline_s` run by the system's clock."""

    reading_ms: int = 2_500
    """How long the player must be silent before the agent is asked: people write one thought in several lines."""
    reading_most_ms: int = 12_000
    """How long after the player's first unanswered line the agent is asked even if the player writes on."""
    typing_ms_per_character: int = 40
    """A person's pause before each of the agent's messages, for each character of it."""
    typing_least_ms: int = 1_000
    """The shortest of these pauses."""
    typing_most_ms: int = 8_000
    """The longest of them."""
    delivery_tries: int = 6
    """How often a message that surely was not sent, or that Steam refused, is tried before it is given up."""
    retry_first_ms: int = 2_000
    """The pause after a try that did not leave; it doubles with each further one."""
    retry_most_ms: int = 60_000
    """The longest pause between two such tries."""
    refused_first_ms: int = 30_000
    """The pause after a refusal of Steam's that may end; it doubles with each further one."""
    refused_most_ms: int = 1_800_000
    """The longest pause between two tries that Steam refused."""
    probe_ms: int = 30_000
    """The pause between probes: while Steam refuses a bot's messages for now, one of them is tried so often."""
    doubt_ms: int = 5_000
    """How long Steam has to put a message whose answer was lost into its history, before we look there; the pause
    doubles until the next look."""
    doubt_window_ms: int = 120_000
    """How long we go on looking before a person has to decide."""
    queue_most: int = 50
    """Messages of one chat that wait to be sent, are being sent or wait for a decision: then no more are taken."""
    history_tries: int = 5
    """How often Steam is asked for a history before we go on without it."""
    answer_tries: int = 3
    """How often the agents are asked about a turn that none of them takes, before a person is called."""
    answer_again_ms: int = 5_000
    """The pause between two times that they are asked."""
    longest_wait_days: int = 7
    """When an agent is asked again about a silent player if it did not say when."""
    unasked_idle_hours: int = 48
    """When a chat that a friend began, with no task, is closed for want of words."""
    take_over_deadline_s: float = 30.0
    """How long a take-over waits for a message that is with Steam at that moment. Seconds of the wall's clock."""

    def __post_init__(self) -> None:
        for name in (
            "typing_ms_per_character",
            "typing_least_ms",
            "reading_ms",
        ):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: must be 0 or more")
        for name in (
            "delivery_tries",
            "retry_first_ms",
            "refused_first_ms",
            "probe_ms",
            "doubt_ms",
            "queue_most",
            "history_tries",
            "answer_tries",
            "answer_again_ms",
            "longest_wait_days",
            "unasked_idle_hours",
        ):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: must be at least 1")
        for least, most in (
            ("reading_ms", "reading_most_ms"),
            ("typing_least_ms", "typing_most_ms"),
            ("retry_first_ms", "retry_most_ms"),
            ("refused_first_ms", "refused_most_ms"),
            ("doubt_ms", "doubt_window_ms"),
        ):
            if getattr(self, least) > getattr(self, most):
                raise ValueError(f"{most}: is below {least}")
        if self.queue_most > QUEUE_LIMIT:
            raise ValueError(f"queue_most: at most {QUEUE_LIMIT}, since a chat holds {MESSAGES_KEPT} messages in all")
        if self.take_over_deadline_s <= 0:
            raise ValueError("take_over_deadline_s: must be above 0")

    def findings(self, deployment: Deployment) -> Iterator[str]:
        """See `kernel.findings.Examined`."""
        limit = deployment.kernel.command_deadline_s
        if self.take_over_deadline_s >= limit:
            yield f"take_over_deadline_s: must be below [kernel] command_deadline_s, {limit:g}, which ends the command"

    @property
    def longest_wait_ms(self) -> int:
        return self.longest_wait_days * DAY

    @property
    def unasked_idle_ms(self) -> int:
        return self.unasked_idle_hours * HOUR

    def typing_ms(self, text: str) -> int:
        """The pause that a person would need to write `text`."""
        return min(max(len(text) * self.typing_ms_per_character, self.typing_least_ms), self.typing_most_ms)

    def back_off_ms(self, failures: int) -> int:
        """The pause after that many failures in a row."""
        return min(self.retry_first_ms << min(failures - 1, 20), self.retry_most_ms)

    def refused_ms(self, refusals: int) -> int:
        """The pause after that many refusals of Steam's in a row."""
        return min(self.refused_first_ms << min(refusals - 1, 20), self.refused_most_ms)

    @property
    def lookup_pauses_ms(self) -> tuple[int, ...]:
        """The pauses between the looks for a message in doubt: each twice the one before, together the window."""
        pauses: list[int] = []
        left = self.doubt_window_ms
        while left > 0:
            pauses.append(min(self.doubt_ms << len(pauses), left))
            left -= pauses[-1]
        return tuple(pauses)
