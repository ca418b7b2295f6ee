"""What of an error may be given away: words that are ours or Python's, and none that it repeats of somebody else."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from typing import Final

from kernel.errors import SwitchboardError

_IDENTIFIER: Final = r"[A-Za-z_][A-Za-z0-9_.]{0,79}"
_PYTHONS: Final = re.compile(
    rf"'{_IDENTIFIER}' object (?:has no attribute '{_IDENTIFIER}'|is not [a-z]+(?: [a-z]+){{0,3}}|does not support"
    rf" [a-z ]{{1,40}})|{_IDENTIFIER}\(\) (?:takes|missing|got) [a-z0-9 ]{{1,60}}:? ?"
    rf"(?:'{_IDENTIFIER}'(?: and |, )?){{0,4}}"
    rf"|name '{_IDENTIFIER}' is not defined|unsupported operand type\(s\) for [^\w\s]{{1,3}}: '{_IDENTIFIER}' and"
    rf" '{_IDENTIFIER}'|No module named '{_IDENTIFIER}'|cannot import name '{_IDENTIFIER}' from '{_IDENTIFIER}'"
    r"|(?:float |integer )?division by zero|list index out of range|maximum recursion depth exceeded"
    r"|dictionary changed size during iteration|did not end in time|gave no answer in time"
)
"""What Python says by itself, with nothing in it but names out of code."""
_SYSTEMS: Final = re.compile(r"\[Errno (\d{1,4})\]")
_NAMED: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.]{0,60}(?:Error|Exception|Warning|Interrupt|Exit|Iteration|Hung))\b")
_WHERE: Final = re.compile(
    r"(?:respond|panel|health|measures|routes|mounts|recall|remains|preface|relationship|recover|start|stop|build|tap"
    r"|snapshot|log off|blocked the event loop for [0-9.]{1,9} s, and nothing else ran"
    r"|(?:admit|check|handler|observer) of [A-Za-z][\w.]{0,60}|(?:GET|POST) /[\w./-]{0,80})"
)
FOREIGN: Final = "(its words are left out)"


def words_of_error(where: str, detail: str, *, ours: bool = True) -> str:
    """An error as `kernel.hosting.quarantine` tells it: where, and `Class: words`.

    `ours`: the plugin is of our own distribution, so a sentence of its own is kept, and the words of an exception of
    ours. Of all others there is what Python or the operating system says by itself.
    """
    place = where if ours else _place(where)
    return f"{place}: {_exception(detail, ours=ours)}" if detail else place


def _place(where: str) -> str:
    if (named := _NAMED.fullmatch(where)) is not None:
        return named[1]
    if where.startswith("task "):
        return "task"
    return where if _WHERE.fullmatch(where) else FOREIGN


def _exception(text: str, *, ours: bool) -> str:
    name, _, words = text.partition(": ")
    named = _NAMED.fullmatch(name)
    if name in _our_errors():
        return text if ours else f"{name}: {FOREIGN}"
    if named is None:
        return text if ours and _NAMED.match(text) is None else FOREIGN
    said = words.replace("'", "") if _PYTHONS.fullmatch(words) else _system(words)
    return f"{name}: {said}"


def _system(words: str) -> str:
    found = _SYSTEMS.match(words)
    if found is None:
        return FOREIGN
    number = int(found[1])
    return f"[Errno {number}] {errno.errorcode.get(number, '')} {os.strerror(number)}"


def _our_errors() -> frozenset[str]:
    """The classes of our own distribution; what a stranger's plugin has made of them is none of these."""
    return frozenset(
        one.__name__ for one in _below(SwitchboardError) if one.__module__.partition(".")[0] in ("kernel", "plugins")
    )


def _below(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _below(one)
