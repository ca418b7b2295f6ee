"""How much code there is to read before one knows what runs every event and every command, and every plugin's life."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

KERNEL: Final = Path(__file__).resolve().parents[2] / "kernel"
LOOP: Final = (
    "bus",
    "router",
    "commits",
    "hooks",
    "hookspecs",
    "context",
    "plugin",
    "stream",
    "causality",
    "clock",
    "errors",
)
LOOP_MOST: Final = 1_000
HOSTING_MOST: Final = 950
IGNORED: Final = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
)


def lines_of_code(path: Path) -> int:
    """Without blank lines, comments and docstrings."""
    source = path.read_text("utf-8")
    texts = {line for node in _texts(ast.parse(source)) for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    code = {line for token in tokens if token.type not in IGNORED for line in range(token.start[0], token.end[0] + 1)}
    return len(code - texts)


def _texts(tree: ast.AST) -> Iterator[ast.Expr]:
    """Docstrings, of fields too: strings that stand alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node


def test_the_loop_is_read_in_one_sitting() -> None:
    counted = {name: lines_of_code(KERNEL / f"{name}.py") for name in LOOP}

    assert sum(counted.values()) <= LOOP_MOST, counted


def test_the_plugins_life_is_read_in_one_sitting() -> None:
    counted = {path.name: lines_of_code(path) for path in (KERNEL / "hosting").glob("*.py")}

    assert sum(counted.values()) <= HOSTING_MOST, counted
