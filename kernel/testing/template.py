"""`switchboard plugin new NAME`: an agent in a distribution of its own that works, and has tests that pass."""

from __future__ import annotations

import keyword
import re
import sys
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from kernel.hosting.library import GROUP

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,38}[a-z0-9]")

_PYPROJECT: Final = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "@dashed@"
version = "0.1.0"
description = "An agent for Switchboard"
requires-python = ">=3.11"
dependencies = ["steam-switchboard"]

[project.optional-dependencies]
dev = ["pytest>=8", "pytest-asyncio>=1"]

# this is how Switchboard finds it: the name is that of its config table, its logger and its metrics
[project.entry-points."switchboard.plugins"]
@name@ = "@name@:@class@"

[tool.pytest.ini_options]
asyncio_mode = "auto"
asyncio_default_fixture_loop_scope = "function"
"""

_MODULE: Final = '''\
"""An agent that makes one offer and takes the player's answer."""

from __future__ import annotations

from kernel.codes import DialogueOutcome, TaskReason
from kernel.hookspecs import Reply, Trigger, Turn, hookimpl
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import TaskStatus


class @class@Reason(TaskReason):
    """How a dialogue of this agent may end, beside what all agents know."""

    SILENT = "silent"


class @class@Config(PluginConfig, frozen=True, kw_only=True):
    """The table `[@name@]` of the config file."""

    patience_minutes: int = 60
    """How long it waits for an answer."""

    def __post_init__(self) -> None:
        if self.patience_minutes < 1:
            raise ValueError("patience_minutes: must be at least 1")


class @class@(Plugin[@class@Config]):
    """Where the dialogue stands is in `turn.chat.script_step`: an agent keeps nothing of its own."""

    Config = @class@Config

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        if turn.trigger is Trigger.SILENCE:
            silent = @class@Reason.SILENT
            return Reply(step="end", outcome=TaskStatus.FAILED, reason=silent, detail="The player did not answer.")
        if turn.chat.script_step is None:
            return self._offer(turn)
        if turn.text.strip().lower() in {"yes", "y", "ok", "да"}:
            price = turn.task.price_min
            return Reply(
                step="end",
                texts=("Great, an operator will send you the trade.",),
                outcome=TaskStatus.RESOLVED,
                reason=DialogueOutcome.AGREED,
                agreed_price=price,
            )
        return Reply(
            step="end",
            texts=("Understood, thank you for your time.",),
            outcome=TaskStatus.FAILED,
            reason=DialogueOutcome.DECLINED,
            detail="The player did not agree.",
        )

    def _offer(self, turn: Turn) -> Reply:
        task = turn.task
        text = f"Would you sell your {task.item} for {task.price_min} {task.currency}?"
        return Reply(step="offer", texts=(text,), wait=self.config.patience_minutes * 60_000)
'''

_TEST: Final = '''\
"""What every agent keeps, and what this one does."""

from __future__ import annotations

from decimal import Decimal

from kernel.testing.agents import AgentContract, Played
from kernel.hookspecs import Trigger
from kernel.rows import TaskStatus
from kernel.testing import World

from @name@ import @class@


class TestContract(AgentContract):
    agent = @class@


async def test_a_player_who_agrees_gets_the_price_that_was_offered() -> None:
    async with World(@class@) as world:
        played = Played(world)
        offer = await played.turn(Trigger.STARTED)
        end = await played.turn(Trigger.MESSAGE, "yes")

    assert offer is not None
    assert "10.00 USD" in offer.texts[0]
    assert end is not None
    assert (end.outcome, end.agreed_price) == (TaskStatus.RESOLVED, Decimal("10.00"))
'''

_README: Final = """\
# @name@

An agent for Switchboard. Try it, change it, and put it in:

```
pip install -e '.[dev]'     # in the environment that Switchboard runs in
pytest                      # the contract of all agents, and a test of its own
switchboard plugin check .  # how good it is: bronze, silver or gold, and what to do for the next
```

While Switchboard runs, have it take the place of the scripted agent, and run what is on disk after each edit:

```
switchboard plugin swap scripted_agent @name@
switchboard plugin reload @name@
```

For good: put `@name@` in the place of `scripted_agent` in `[kernel] plugins`.
"""

_IMPORTS: Final = re.compile(r"^from (?:kernel|decimal)\S* import (.*)$", re.MULTILINE)
_FILES: Final = {
    "pyproject.toml": _PYPROJECT,
    "README.md": _README,
    "@name@/__init__.py": _MODULE,
    "tests/test_@name@.py": _TEST,
    "@name@/py.typed": "",
}


class TemplateRefused(Exception):
    """Nothing was written; the message says why."""


def make(name: str, folder: Path) -> list[Path]:
    """Write the distribution into `folder`/`name`. Returns its files. Raises TemplateRefused and OSError."""
    if not _NAME.fullmatch(name):
        text = "a plugin's name is 2 to 40 of a-z, 0-9 and _, a letter first and no _ at its end"
        raise TemplateRefused(f"{name[:60]!r}: {text}")
    taken = _taken(name)
    if taken:
        raise TemplateRefused(f"{name!r} {taken}; give another name, such as {name}_agent")
    target = folder / name
    if target.exists():
        raise TemplateRefused(f"{target}: is there already, and is not written over; give another name")
    words = {"@name@": name, "@dashed@": name.replace("_", "-"), "@class@": _class_of(name)}
    made = []
    for path, text in _FILES.items():
        made.append(target / _filled(path, words))
        made[-1].parent.mkdir(parents=True, exist_ok=True)
        made[-1].write_text(_filled(text, words), "utf-8")
    return made


def _class_of(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _taken(name: str) -> str | None:
    """Who has the name already, of those beside whom a plugin of that name could not be imported or not be run."""
    if keyword.iskeyword(name):
        return "is a word of Python's own"
    if name in sys.stdlib_module_names:
        return "is a module of Python's own"
    if name in {entry.name for entry in entry_points(group=GROUP)}:
        return "is a plugin that is installed"
    if name == "tests" or find_spec(name) is not None:
        return "is a package that is installed"
    imported = {word for line in _IMPORTS.findall(_MODULE + _TEST) for word in re.findall(r"\w+", line)}
    made = {_class_of(name) + end for end in ("", "Config", "Reason")} & imported
    return f"would make a class {min(made)}, which is one of the kernel's" if made else None


def _filled(text: str, words: dict[str, str]) -> str:
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text
