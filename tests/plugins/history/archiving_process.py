"""Archives a made-up journal in small batches, and says after each piece how far it has got, until somebody kills it.

It waits for a line behind each piece, so that it is never further ahead of its reader than that one has let it be.

`python -m tests.plugins.history.archiving_process FOLDER JOURNAL`
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.plugins.history.archives import Lines, writer


def main(folder: Path, journal: Path) -> None:
    lines = Lines(piece=3)
    lines.lines = journal.read_bytes().splitlines(keepends=True)
    one = writer(folder, lines, batch_events=9)

    def tell() -> bool:
        sys.stdout.write(f"{one.cursor}\n")
        sys.stdout.flush()
        return bool(sys.stdin.readline())

    while one.cursor < len(lines.lines):
        one.catch_up(tell)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
