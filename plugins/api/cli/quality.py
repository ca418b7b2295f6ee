"""`switchboard plugin check`: how good a plugin is, by the scale of `kernel.testing.quality`."""

from __future__ import annotations

import argparse
import sys
from typing import Any, Final

import msgspec

from kernel.arguments import path
from kernel.config import toml
from kernel.testing.measuring import SECONDS, measured
from kernel.testing.quality import TIERS, Report, Tier
from kernel.testing.sources import NoSuchPlugin, Subject, subject_of
from plugins.api.cli.actions import remark

DESCRIPTION: Final = """\
Measure a plugin against a scale of three tiers: bronze (it starts, stops, is described and tested), silver (it
reloads, never blocks, is typed) and gold (what others need to use it). Its code runs in a process of its own, in the
test world, with a data folder that is thrown away, within a time. No running system is needed, and none is touched.
"""
EPILOG: Final = """\
Exit status: 0 when the tier of --tier is reached, 1 when it is not, 2 when the command line is wrong.
"""


def add_to(actions: argparse._SubParsersAction[Any]) -> None:
    """The action `check`."""
    check = actions.add_parser(
        "check", help="measure a plugin against the scale of quality", description=DESCRIPTION, epilog=EPILOG
    )
    check.add_argument(
        "plugin",
        metavar="NAME_OR_PATH",
        help="an installed plugin, the folder of a distribution or of its package, or a file such as my_plugins/it.py",
    )
    check.add_argument(
        "--tier", choices=[tier.value for tier in Tier], default="bronze", help="what must be reached (default: bronze)"
    )
    check.add_argument(
        "--config", type=path, metavar="FILE", help="take the plugin's table from FILE, in place of its defaults"
    )
    check.add_argument("--seconds", type=_seconds, default=SECONDS, help=f"for its code (default: {SECONDS:g})")
    check.add_argument("--no-mypy", action="store_true", help="leave mypy out, where it has been run already")
    check.add_argument("--json", action="store_true", help="as one JSON object")
    check.set_defaults(run=_check)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 1 <= seconds <= 3_600:
        raise argparse.ArgumentTypeError("give 1 to 3600 seconds")
    return seconds


def _check(options: argparse.Namespace) -> int:
    try:
        subject = subject_of(options.plugin)
        settings = _table(options, subject)
    except (NoSuchPlugin, OSError, ValueError) as error:
        remark(f"switchboard plugin check: {error}")
        return 2
    report = measured(subject, settings=settings, types=not options.no_mypy, seconds=options.seconds)
    sys.stdout.write(_as_json(report) if options.json else _as_table(report))
    return 0 if report.reaches(Tier(options.tier)) else 1


def _table(options: argparse.Namespace, subject: Subject) -> dict[str, object]:
    if options.config is None:
        return {}
    table = toml(options.config).get(subject.name, {})
    if not isinstance(table, dict):
        raise ValueError(f"{options.config}: [{subject.name}] is no table")
    return table


def _as_table(report: Report) -> str:
    lines = []
    for result in report.results:
        said = "; ".join(filter(None, (result.detail, result.remedy)))
        line = f"{TIERS[result.rule]:<8} {result.rule:<24} {result.outcome:<15} {' '.join(said.split())}"
        lines.append(line.rstrip())
    reached = f"reaches {report.tier}" if report.tier else "does not reach bronze"
    return "\n".join([*lines, f"{report.plugin} {reached}"]) + "\n"


def _as_json(report: Report) -> str:
    results = [
        {"tier": TIERS[f.rule], "rule": f.rule, "outcome": f.outcome, "detail": f.detail, "remedy": f.remedy}
        for f in report.results
    ]
    return msgspec.json.encode({"plugin": report.plugin, "tier": report.tier, "results": results}).decode() + "\n"
