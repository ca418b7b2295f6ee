"""What this plugin raises on purpose.

ScriptsInvalid      a person mends the script files; carries every problem at once
"""

from __future__ import annotations

from collections.abc import Sequence


class ScriptsInvalid(Exception):
    """The scripts cannot be played. `problems` holds one sentence for each thing that is wrong, naming the place."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problems in the scripts:\n" + "\n".join(self.problems))
