"""The web page in a real Chromium with a large state, under 500 events a second: opening, scrolling, typing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

WEBUI: Final = Path(__file__).resolve().parents[2] / "webui"


def main() -> None:
    """Needs the built page (`make page`) and a Chromium; the state takes a minute to make."""
    npm = shutil.which("npm")
    if npm is None or not (WEBUI / "node_modules").is_dir():
        sys.exit("the page's measurement needs node with npm, and `make page` before it")
    print("\nthe page with a large state", flush=True)
    subprocess.run([npm, "run", "--silent", "bench:page"], cwd=WEBUI, check=True)
