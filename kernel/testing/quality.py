"""A scale of quality for plugins: rules in three tiers, each passed, failed, or of no concern to that plugin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct


class Tier(StrEnum):
    """A plugin reaches one when no rule of it, nor of those before it, fails."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


class Rule(StrEnum):
    """What is measured."""

    STARTS = "starts and stops"
    DESCRIBED = "config is described"
    CONTRACT = "tested by the contract"
    RELOADS = "reload is clean"
    NO_BLOCKING = "no blocking"
    ANNOTATED = "annotated"
    TYPED = "mypy --strict"
    MARKER = "py.typed"
    LANGUAGES = "both languages"
    README = "README"
    VERSION = "version"


class RuleOutcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "does not apply"


TIERS: Final[Mapping[Rule, Tier]] = {
    Rule.STARTS: Tier.BRONZE,
    Rule.DESCRIBED: Tier.BRONZE,
    Rule.CONTRACT: Tier.BRONZE,
    Rule.RELOADS: Tier.SILVER,
    Rule.NO_BLOCKING: Tier.SILVER,
    Rule.ANNOTATED: Tier.SILVER,
    Rule.TYPED: Tier.SILVER,
    Rule.MARKER: Tier.GOLD,
    Rule.LANGUAGES: Tier.GOLD,
    Rule.README: Tier.GOLD,
    Rule.VERSION: Tier.GOLD,
}
"""Every rule, in the order in which it is shown."""
REMEDIES: Final[Mapping[Rule, str]] = {
    Rule.STARTS: "let it be imported, built, started and stopped with the defaults of its config, within the time",
    Rule.DESCRIBED: "write a docstring below each field of the config",
    Rule.CONTRACT: "subclass AgentContract or TransportContract in its tests",
    Rule.RELOADS: "take tasks and subscriptions through self.ctx, and keep no reference to itself outside",
    Rule.NO_BLOCKING: "await what takes time, give it to asyncio.to_thread, or import it where it is used",
    Rule.ANNOTATED: "annotate every argument and result of what is public",
    Rule.TYPED: "mend what mypy --strict names",
    Rule.MARKER: "put an empty file py.typed into the package",
    Rule.LANGUAGES: "answer `panel` with a kernel.panels.Panel, each Text of it in `en` and `ru`",
    Rule.README: "write a README.md beside the plugin, or name one in pyproject.toml",
    Rule.VERSION: 'give its distribution a version, or write `version = "1.0"` in the class',
}
"""What to do where a rule fails."""
NOT_MEASURED: Final = "not measured, since it does not start or does not come back"


class RuleResult(Struct, frozen=True):
    """What came of one rule; `detail` is what was seen."""

    rule: Rule
    outcome: RuleOutcome
    detail: str = ""

    @property
    def remedy(self) -> str:
        if self.detail == NOT_MEASURED:
            return "mend what stands above first"
        return REMEDIES[self.rule] if self.outcome is RuleOutcome.FAILED else ""


class Report(Struct, frozen=True):
    """What was measured of one plugin: a result for each rule, in the order of TIERS."""

    plugin: str
    results: tuple[RuleResult, ...]

    @property
    def tier(self) -> Tier | None:
        """The highest that it reaches, if any."""
        reached = None
        for tier in Tier:
            if any(f.outcome is RuleOutcome.FAILED for f in self.results if TIERS[f.rule] is tier):
                break
            reached = tier
        return reached

    def reaches(self, wanted: Tier) -> bool:
        order = list(Tier)
        return self.tier is not None and order.index(self.tier) >= order.index(wanted)


def passed(rule: Rule, detail: str = "") -> RuleResult:
    return RuleResult(rule, RuleOutcome.PASSED, detail)


def failed(rule: Rule, detail: str) -> RuleResult:
    return RuleResult(rule, RuleOutcome.FAILED, detail)


def not_applicable(rule: Rule, detail: str) -> RuleResult:
    return RuleResult(rule, RuleOutcome.NOT_APPLICABLE, detail)


def judged(rule: Rule, wrong: Sequence[str], detail: str = "") -> RuleResult:
    """Failed where something is wrong: the first three of it are named."""
    if not wrong:
        return passed(rule, detail)
    more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return failed(rule, ", ".join(wrong[:3]) + more)
