"""What the syntax tree of a plugin's sources and tests tells, for `quality`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


def contract_in(tests: Iterable[Path], own: Path, contract: str, plugin: str) -> str | None:
    """The class of `contract` that holds the plugin's class to it.

    Elsewhere than in the folder `own`, which is the plugin's alone, it has to name the class as its `agent`.
    """
    for file in tests:
        tree = _tree(file)
        for node in tree.body if tree is not None else ():
            if not isinstance(node, ast.ClassDef) or contract not in map(_last, node.bases):
                continue
            agents = {_last(value) for value in _given(node, "agent")}
            if plugin in agents or (own in file.parents and not agents):
                return f"{node.name} in {file.name}"
    return None


def undescribed(file: Path, name: str, fields: Iterable[str]) -> list[str]:
    """Those of the `fields` that the class of that name does not declare with a docstring below."""
    described = set()
    tree = _tree(file)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ClassDef) and node.name == name:
            for line, below in zip(node.body, node.body[1:], strict=False):
                if isinstance(line, ast.AnnAssign) and _is_docstring(below):
                    described.add(_last(line.target))
    return [field for field in fields if field not in described]


def unannotated(files: Iterable[Path]) -> list[str]:
    """Public functions and methods that lack a type, as `file.py:12 name`."""
    found = []
    for file in files:
        tree = _tree(file)
        if tree is None:
            found.append(f"{file.name} cannot be read")
            continue
        found += [f"{file.name}:{f.lineno} {f.name}" for f, bound in _public(tree, bound=False) if not _typed(f, bound)]
    return found


def _tree(file: Path) -> ast.Module | None:
    try:
        return ast.parse(file.read_bytes())
    except (OSError, ValueError, SyntaxError):
        return None


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _given(node: ast.ClassDef, name: str) -> Iterator[ast.expr]:
    for line in node.body:
        if isinstance(line, ast.Assign) and name in map(_last, line.targets):
            yield line.value
        if isinstance(line, ast.AnnAssign) and _last(line.target) == name and line.value is not None:
            yield line.value


def _is_docstring(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and bool(value.value.strip())


def _public(node: ast.Module | ast.ClassDef, *, bound: bool) -> Iterator[tuple[Function, bool]]:
    """Functions that others may call, and whether their first argument is the instance or the class."""
    for line in node.body:
        if isinstance(line, ast.ClassDef) and not line.name.startswith("_"):
            yield from _public(line, bound=True)
        if isinstance(line, Function) and (line.name == "__init__" or not line.name.startswith("_")):
            yield line, bound and "staticmethod" not in map(_last, line.decorator_list)


def _typed(function: Function, bound: bool) -> bool:
    given = function.args
    named = [*given.posonlyargs, *given.args][bound:]
    rest = [one for one in (given.vararg, given.kwarg) if one is not None]
    # `__init__` needs no result where an argument tells mypy that it is typed
    result = function.returns is not None or (function.name == "__init__" and bool(named))
    return result and all(one.annotation is not None for one in (*named, *given.kwonlyargs, *rest))
