"""Codes are declared by whoever gives them: none is left over, and the page has a sentence for each that it meets."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from kernel.codes import Undeclared
from kernel.errors import Conflict, NotSent
from kernel.events import BotDisconnected, TaskWaiting
from kernel.hookspecs import Rejection, Reply
from kernel.ids import BotId, TaskId
from plugins.invites.codes import InviteReason
from plugins.scripted_agent import scripts
from webui.contract.codes import NEVER_SHOWN, VOCABULARIES, declared, shown

ROOT: Final = Path(__file__).resolve().parents[2]
SCRIPTS: Final = Path(scripts.__path__[0])
AGREED_IN_THE_KERNEL: Final = {("TaskReason", "declined")}
"""By an agent, of the price, and by the player, of the invite."""


def test_every_declared_code_is_given_somewhere() -> None:
    sources = [path for folder in ("kernel", "plugins", "notebooks") for path in (ROOT / folder).rglob("*.py")]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    played = "\n".join(path.read_text("utf-8") for path in SCRIPTS.glob("*.toml"))
    unused = {code for code in declared() if f"{type(code).__name__}.{code.name}" not in text and code not in played}
    assert unused == set()


def test_a_code_that_two_plugins_give_is_the_kernels() -> None:
    given = Counter((type(code).__mro__[1].__name__, code.value) for code in declared())
    assert {key for key, times in given.items() if times > 1} == AGREED_IN_THE_KERNEL


def test_a_code_is_told_on_the_page_or_it_is_said_why_it_never_comes_there() -> None:
    never = {code for code in declared() if any(code is other for other in NEVER_SHOWN)}
    assert len(never) == len(NEVER_SHOWN), "what is not shown is declared"
    for vocabulary in VOCABULARIES:
        told = {code.value for code in declared(vocabulary) if not any(code is other for other in never)}
        assert told == set(shown(vocabulary)) and told


def test_a_code_that_nobody_has_declared_is_refused_by_the_types() -> None:
    """mypy holds each of these: an `ignore` that it does not need would be an error."""
    Conflict("typo", "…")  # type: ignore[arg-type]
    NotSent("typo", "…")  # type: ignore[arg-type]
    Rejection("…", "typo")  # type: ignore[arg-type]
    Reply(step="end", reason="typo")  # type: ignore[arg-type]
    BotDisconnected(bot_id=BotId("bot_1"), reason="typo", detail="…")  # type: ignore[arg-type]
    BotDisconnected(bot_id=BotId("bot_1"), reason=InviteReason.INVITE_LOST, detail="…")  # type: ignore[arg-type]
    TaskWaiting(task_id=TaskId("task_1"), reason=Undeclared("of a stranger's"), detail="…")
    TaskWaiting(task_id=TaskId("task_1"), reason=InviteReason.INVITE_LOST, detail="…")
