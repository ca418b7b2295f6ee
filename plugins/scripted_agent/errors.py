"""What this plugin raises on purpose.

ScriptsInvalid      a person mends the script files; carries every problem at once
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MOST_PROBLEMS: Final = 50
LONGEST_PROBLEM: Final = 500


class ScriptsInvalid(Exception):
    """The scripts cannot be played. `problems` holds one sentence for each thing that is wrong, naming the place.

    The sentences quote the files, so they are cut where they are long or many.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(_short(problem) for problem in problems[:MOST_PROBLEMS])
        if len(problems) > MOST_PROBLEMS:
            self.problems += (f"and {len(problems) - MOST_PROBLEMS} more; mend these first",)
        super().__init__(f"{len(problems)} problems in the scripts:\n" + "\n".join(self.problems))


def _short(problem: str) -> str:
    return problem if len(problem) <= LONGEST_PROBLEM else problem[:LONGEST_PROBLEM] + "…"
