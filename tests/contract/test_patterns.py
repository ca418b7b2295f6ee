"""Every pattern of the product takes time in proportion to the text: what strangers send is searched in the loop."""

from __future__ import annotations

import ast
import importlib
import itertools
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from re import _parser as parser
from typing import Any, Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = ("kernel", "plugins", "notebooks/switchboard")
LARGE: Final = 16 * 1024
"""Characters: enough for the quickest quadratic search to be seen."""
SURELY_LINEAR_S: Final = 0.006
"""No quadratic search of half so large a text is as quick; what is slower is measured against half the size."""
METHODS: Final = frozenset({"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"})
EVERY_WAY: Final = frozenset({"sub"})
"""What stands for all of them where it cannot be told how a pattern is used."""
CLASSES: Final = {"digit": "1", "space": " ", "word": "a"}


class Use(NamedTuple):
    """A pattern, how it is put to text, and where."""

    place: str
    pattern: re.Pattern[Any]
    method: str

    def run(self, text: str) -> None:
        subject: Any = text if isinstance(self.pattern.pattern, str) else text.encode()
        if self.method == "finditer":
            for _ in self.pattern.finditer(subject):
                pass
        elif self.method in ("sub", "subn"):
            self.pattern.sub(subject[:0], subject)
        else:
            getattr(self.pattern, self.method)(subject)


def modules() -> Iterator[tuple[str, ast.Module, Any]]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.name == "__main__.py":
                continue
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            name = ".".join((Path(folder).name, *(part for part in parts if part != "__init__")))
            source = path.read_text("utf-8")
            if "import re\n" in source or "pattern=" in source:
                yield name, ast.parse(source), importlib.import_module(name)


def patterns_in(name: str, value: object) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """The patterns in a value, each with the name by which it is used."""
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, tuple) and hasattr(value, "_asdict"):
        for field, item in value._asdict().items():
            yield from patterns_in(field, item)
    elif isinstance(value, tuple | list | set | frozenset):
        for item in sorted(value, key=repr) if isinstance(value, set | frozenset) else value:
            yield from patterns_in("", item)
    elif isinstance(value, dict):
        yield from patterns_in("", list(value.values()))


def methods_by_name(trees: list[ast.Module]) -> dict[str, set[str]]:
    """How the value of each name is used, where that can be told."""
    found: dict[str, set[str]] = {}
    for node in itertools.chain.from_iterable(map(ast.walk, trees)):
        if isinstance(node, ast.Attribute) and node.attr in METHODS:
            name = getattr(node.value, "id", getattr(node.value, "attr", None))
            if isinstance(name, str):
                found.setdefault(name, set()).add(node.attr)
    return found


def uses() -> list[Use]:
    found: dict[tuple[object, str], Use] = {}
    sources = list(modules())
    methods = methods_by_name([tree for _, tree, _ in sources])
    for name, tree, module in sources:
        for variable, value in vars(module).items():
            for used_as, pattern in patterns_in(variable, value):
                for method in sorted(methods.get(used_as) or EVERY_WAY):
                    found.setdefault((pattern, method), Use(f"{name}.{variable}", pattern, method))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for text, method in literals_of(node, module):
                    pattern = re.compile(text)
                    found.setdefault((pattern, method), Use(f"{name}:{node.lineno}", pattern, method))
    return list(found.values())


def literals_of(node: ast.Call, module: Any) -> Iterator[tuple[str | bytes, str]]:
    """Patterns that are compiled where they are used, and those in the forms of what is decoded."""
    if isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", None) == "re" and node.args:
        text = evaluated(node.args[0], module)
        if node.func.attr in METHODS and text is not None:
            yield text, node.func.attr
    for keyword in node.keywords:
        if keyword.arg == "pattern" and (text := evaluated(keyword.value, module)) is not None:
            yield text, "search"


def evaluated(node: ast.expr, module: Any) -> str | bytes | None:
    try:
        value = eval(compile(ast.Expression(node), "pattern", "eval"), dict(vars(module)))
    except NameError:  # of what is known when it runs: the patterns of players' words have tests of their own
        return None
    return value if isinstance(value, str | bytes) else None


def words_of(tree: Any) -> Iterator[str]:
    """The characters that the pattern knows, and its runs of them."""
    run = ""
    for op, argument in tree:
        if str(op) == "LITERAL":
            run += chr(argument)
            continue
        if run:
            yield run
            run = ""
        if str(op) in ("NOT_LITERAL", "ANY"):
            yield "x"
        elif str(op) == "IN":
            for kind, part in argument:
                if str(kind) == "LITERAL":
                    yield chr(part)
                elif str(kind) == "RANGE":
                    yield chr(part[0])
                    yield chr(part[1])
                elif str(kind) == "CATEGORY":
                    yield next((c for word, c in CLASSES.items() if word in str(part).lower()), "!")
        else:
            for inner in argument if isinstance(argument, tuple | list) else ():
                for deeper in inner if isinstance(inner, list) else (inner,):
                    if isinstance(deeper, parser.SubPattern):
                        yield from words_of(deeper)
    if run:
        yield run


def texts_of(use: Use) -> list[str]:
    """Units that are repeated: each of the pattern's own characters and words, pairs of them, and mixtures."""
    source = use.pattern.pattern
    tree = parser.parse(source, use.pattern.flags & ~re.UNICODE if isinstance(source, bytes) else use.pattern.flags)
    words = list(dict.fromkeys([*words_of(tree), "a", "1", " ", "!"]))
    encodable = [word for word in words if word.isprintable() or ord(word[0]) < 0x80]
    chance = random.Random(repr(source))
    singles = [*encodable, *dict.fromkeys(character for word in encodable for character in word)][:24]
    pairs = [first + second for first, second in itertools.product(singles, repeat=2)]
    mixtures = ["".join(chance.choices(singles, k=chance.randint(3, 12))) for _ in range(4)]
    return [*dict.fromkeys([*singles, *chance.sample(pairs, min(len(pairs), 8)), *mixtures])]


def beginnings_of(use: Use, units: list[str]) -> list[str]:
    """What may come once, and before all the rest: `://` before a hundred colons."""
    return ["", *[unit for unit in units if len(unit) > 1][:4]]


def seconds(use: Use, beginning: str, unit: str, size: int) -> float:
    text = beginning + (unit * (size // len(unit) + 1))[:size] + "\x01"
    start = time.thread_time()
    use.run(text)
    return time.thread_time() - start


def grows_faster(use: Use, beginning: str, unit: str) -> bool:
    """Whether twice the text takes much more than twice the work; mixtures are as telling at half of the size."""
    largest = LARGE if not beginning and len(unit) == 1 else LARGE // 2
    size = largest // 16
    while size <= largest and seconds(use, beginning, unit, size) < SURELY_LINEAR_S:
        size *= 4
    if size > largest:
        return False
    ratios = [
        seconds(use, beginning, unit, size) / max(1e-6, seconds(use, beginning, unit, size // 2)) for _ in range(3)
    ]
    return min(ratios) > 3.0


USES: Final = uses()


def slow_of(use: Use) -> list[tuple[str, str]]:
    """What each may begin with, and what is repeated then, that takes more than its share of time."""
    units = texts_of(use)
    return [
        (beginning, unit)
        for beginning in beginnings_of(use, units)
        for unit in (units if not beginning else [unit for unit in units if len(unit) == 1][:8])
        if grows_faster(use, beginning, unit)
    ]


@pytest.mark.parametrize("use", USES, ids=[f"{use.place}-{use.method}" for use in USES])
def test_a_pattern_takes_time_in_proportion_to_the_text(use: Use) -> None:
    slow = slow_of(use)

    assert not slow, f"{use.pattern.pattern!r} is quadratic on {slow[:5]}"


@pytest.mark.parametrize("pattern", [r"<[^>]*>", r"\s+$", r"://[^@]*@", r"key:.*?;"])
def test_a_pattern_that_does_not_is_found(pattern: str) -> None:
    assert slow_of(Use("here", re.compile(pattern), "search"))
