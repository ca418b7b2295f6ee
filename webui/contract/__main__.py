"""`python -m webui.contract` writes the contract as TypeScript; with `--check` it says whether it is fresh."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import Final

from webui.contract.modules import modules

TARGET: Final = Path(__file__).resolve().parents[1] / "src" / "contract"


def stale(target: Path = TARGET) -> list[str]:
    """What differs between the kernel and the generated files, as lines of a diff; empty when they are fresh."""
    wanted = modules()
    lines = [f"{path.name}: is not generated any more" for path in target.glob("*.ts") if path.stem not in wanted]
    for name, text in wanted.items():
        path = target / f"{name}.ts"
        there = path.read_text(encoding="utf-8") if path.exists() else ""
        lines += difflib.unified_diff(there.splitlines(), text.splitlines(), str(path), "from the kernel", lineterm="")
    return lines


def write(target: Path = TARGET) -> None:
    """Make the folder hold exactly the generated modules."""
    target.mkdir(parents=True, exist_ok=True)
    wanted = modules()
    for path in target.glob("*.ts"):
        if path.stem not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (target / f"{name}.ts").write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        difference = stale()
        if difference:
            print("\n".join([*difference, "", "webui/src/contract is stale: run `python -m webui.contract`"]))
        return 1 if difference else 0
    if arguments:
        print("usage: python -m webui.contract [--check]", file=sys.stderr)
        return 2
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
