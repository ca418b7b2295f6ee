"""Go through new histories of the whole system for so long; exit 1 with findings.

Each finding is made as short as it gets within a minute, written to a file with all that Steam saw, and its rule is
passed over from then on, so that others are found too.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from pathlib import Path
from random import SystemRandom

from tests.whole import invites, scenes
from tests.whole.runner import Result
from tests.whole.search import Tally, search
from tests.whole.switches import SWITCHED_OFF

KINDS = {"anything": scenes.histories, "invites": invites.histories}
ROUND = 40
"""Histories of one seed."""
TELLS_S = 30.0
"""How often the search says how far it is."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.whole", description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=600.0, help="600 where it is left out")
    seed_help = f"of the first {ROUND} histories; the next have the next number"
    parser.add_argument("--seed", type=int, default=SystemRandom().getrandbits(24), help=seed_help)
    parser.add_argument("--most", type=int, default=24, help="steps of one history, at most")
    parser.add_argument("--of", choices=tuple(KINDS), default="anything", help="what the histories are made of")
    parser.add_argument("--out", type=Path, default=Path(".hypothesis/histories"), help="a folder for findings")
    parser.add_argument("--pass-over", nargs="*", default=[], help="names of rules whose findings do not count")
    options = parser.parse_args(arguments)
    tally, found, began = Tally(), list[Result](), time.monotonic()
    told = began
    hushed, number = frozenset({*options.pass_over, *SWITCHED_OFF}), options.seed

    def over() -> bool:
        return time.monotonic() - began > float(options.seconds)

    while not over():
        result = search(number, ROUND, hushed, tally, over, options.most, KINDS[options.of])
        if result is not None:
            found.append(result)
            hushed |= {finding.rule for finding in result.findings}
            path = _write(options.out, result, len(found))
            print(f"\n{result.findings[0]}\n  {path}", flush=True)
        number += 1
        now = time.monotonic()
        if now - told >= TELLS_S and not over():
            told = now
            print(_told(tally, now - began, len(found)), flush=True)
    print(f"seed {options.seed} to {number - 1}: {_told(tally, time.monotonic() - began, len(found))}")
    return 1 if found else 0


def _told(tally: Tally, seconds: float, findings: int) -> str:
    return (
        f"{seconds:.0f} s, {tally.histories} histories, {tally.steps} steps ({tally.steps / seconds:.0f}/s), "
        f"{tally.simulated / 3_600:.0f} hours of theirs, {findings} findings"
    )


def _write(folder: Path, result: Result, number: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^a-zA-Z0-9]+", "-", result.findings[0].rule).strip("-")
    path = folder / f"{number:02}-{name}.txt"
    path.write_text(str(result), "utf-8")
    return path


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets, so that a seed gives the same everywhere
        os.execve(
            sys.executable, [sys.executable, "-m", "tests.whole", *sys.argv[1:]], {**os.environ, "PYTHONHASHSEED": "0"}
        )
    sys.exit(main())
