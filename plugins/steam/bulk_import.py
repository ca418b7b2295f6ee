"""Many maFiles become bots, one command for each; what cannot become one is told, and the rest goes on.

Repeating an import changes nothing: an account that is a bot already is left as it is, and takes no proxy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from plugins.steam.codes import SteamRefusal
from plugins.steam.lists import Proxies
from plugins.steam.mafile_folder import Found


class Answer(NamedTuple):
    """What the system says to a command: the new bot's id, or a code and a sentence."""

    bot_id: str = ""
    code: str = ""
    message: str = ""


Add = Callable[[Mapping[str, object]], Answer]
"""Carry out `AddBotFromMaFile` with this payload."""


class Outcome(StrEnum):
    ADDED = "added"
    KNOWN = "known"  # it was a bot before
    REFUSED = "refused"


class Line(NamedTuple):
    """A file and what came of it; no secret stands in it."""

    name: str
    outcome: Outcome
    account_name: str
    told: str  # the bot's id, or the sentence that says why not


def import_bots(found: Iterable[Found], passwords: Mapping[str, str], proxies: Proxies, add: Add) -> Iterator[Line]:
    """Add them in order; each line comes when its file is done."""
    for file in found:
        if file.problem is not None:
            yield Line(file.name, Outcome.REFUSED, file.account_name, str(file.problem))
        else:
            yield _add(file, passwords.get(file.account_name.casefold(), file.password), proxies, add)


def _add(file: Found, password: str | None, proxies: Proxies, add: Add) -> Line:
    """With the first proxy that nobody has. The system looks at the account first, so a known one costs no proxy."""
    answer = Answer(
        code=SteamRefusal.PROXY_MISSING, message="no proxy of the list is left for this bot; add one to the list"
    )
    for url in proxies.offers(file.account_name):
        payload = {"maFile": file.document, "proxyUrl": url}
        answer = add(payload if password is None else payload | {"password": password})
        if answer.bot_id or answer.code == SteamRefusal.PROXY_TAKEN:
            proxies.taken(url)
        if answer.code != SteamRefusal.PROXY_TAKEN:
            break
    if answer.bot_id:
        return Line(file.name, Outcome.ADDED, file.account_name, answer.bot_id)
    known = answer.code == SteamRefusal.BOT_EXISTS
    return Line(file.name, Outcome.KNOWN if known else Outcome.REFUSED, file.account_name, answer.message)
