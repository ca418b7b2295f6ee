"""The page's reducers behind a pipe: what TypeScript makes of a snapshot and the batches after it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from kernel.checks import Check
from kernel.codec import encode
from kernel.events import Envelope
from kernel.snapshot import Part, Snapshot

WEBUI: Final = Path(__file__).resolve().parents[2] / "webui"


class Refused(Exception):
    """TypeScript's reducers took an event for one that does not fit the state."""


class Drifted(Exception):
    """What TypeScript holds comes to other checksums."""


class TypeScriptFold:
    """A node process that folds one history a line."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def __call__(
        self, parts: Sequence[Part], batches: Sequence[Sequence[Envelope]], checks: Sequence[Check] = ()
    ) -> dict[str, Any]:
        """The state as `whole` gives it. Raises Refused, and Drifted when it is not what a check says."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(encode({"parts": parts, "batches": batches, "checks": checks}) + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the fold has ended; its error is above"
        answer: dict[str, Any] = msgspec.json.decode(line)
        if "refused" in answer:
            raise Refused(answer["refused"])
        if drifted := answer.pop("drifted"):
            raise Drifted(drifted)
        return answer


def whole(cut: Snapshot) -> dict[str, Any]:
    """A cut of the state as the wire has it, every row of every table in order."""
    plain: dict[str, Any] = msgspec.json.decode(encode({"seq": cut.seq, "ts": cut.ts, "tables": cut.tables}))
    return plain


@contextmanager
def running() -> Iterator[TypeScriptFold]:
    """Build the script from today's sources, and keep it running."""
    npm, node = shutil.which("npm"), shutil.which("node")
    assert npm and node, "the contract tests need node 20.19 or newer with npm"
    assert (WEBUI / "node_modules").is_dir(), f"run `npm ci` in {WEBUI.name}/ first"
    with tempfile.TemporaryDirectory() as built:
        build = [npm, "run", "--silent", "build:fold", "--", "--outDir", built]
        subprocess.run(build, cwd=WEBUI, check=True, timeout=100)
        script = [node, str(Path(built) / "fold.mjs")]
        with subprocess.Popen(script, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            try:
                yield TypeScriptFold(process)
            finally:
                assert process.stdin is not None
                process.stdin.close()
                process.wait(timeout=10)
