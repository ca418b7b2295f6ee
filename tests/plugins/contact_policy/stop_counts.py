"""Counts the lines that are heard as a wish to be left alone: `python -m tests.plugins.contact_policy.stop_counts`.

It prints what is missed and what is a false alarm too, and judges whatever version of the plugin can be imported.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from plugins.contact_policy.stop_words import says_stop

_LINES: Final = tomllib.loads(Path(__file__).with_name("stop_lines.toml").read_text("utf-8"))
WISHES: Final[tuple[str, ...]] = tuple(_LINES["wishes"])
HARMLESS: Final[tuple[str, ...]] = tuple(_LINES["harmless"])


def missed() -> list[str]:
    return [line for line in WISHES if not says_stop(line)]


def false_alarms() -> list[str]:
    return [line for line in HARMLESS if says_stop(line)]


if __name__ == "__main__":
    for name, lines, wrong in (("wishes missed", WISHES, missed()), ("false alarms", HARMLESS, false_alarms())):
        print(f"{name}: {len(wrong)} of {len(lines)}", *wrong, sep="\n  ")
