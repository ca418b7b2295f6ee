"""The plan of an import: for each account what would be done with it and why, before anything is done."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from plugins.steam import proxy
from plugins.steam.codes import SteamRefusal
from plugins.steam.importing.passwords import Passwords
from plugins.steam.importing.reading import Found
from plugins.steam.lists import BadLine, Proxies
from plugins.steam.mafile import Remark, RemarkCode

Identity = tuple[str, int, str]


class PlanStanding(StrEnum):
    """What is to be done with an account, and in the end what was."""

    ADDED = "added"
    NEW = "new"
    KNOWN = "known"
    """It is a bot already, and stays as it is."""
    DUPLICATE = "duplicate"
    """Another file of the import is the same."""
    CONTRADICTORY = "contradictory"
    WITHOUT_PASSWORD = "withoutPassword"  # noqa: S105 - a state, not a password
    WITHOUT_PROXY = "withoutProxy"
    UNUSABLE = "unusable"
    REFUSED = "refused"


DONE_WELL: Final = frozenset({PlanStanding.NEW, PlanStanding.KNOWN, PlanStanding.DUPLICATE, PlanStanding.ADDED})
"""With these alone nothing is left for a person to do."""


class KnownBot(NamedTuple):
    """A bot that there is, as far as an import has to know."""

    bot_id: str
    shared_secret: bytes | None = None


class KnownBots(NamedTuple):
    """The bots that there are: by account, by login, by proxy."""

    by_steam_id: dict[int, KnownBot]
    by_login: dict[str, KnownBot]
    by_proxy: dict[Identity, str]

    def of(self, found: Found) -> KnownBot | None:
        """The bot of this account; by its login only where the maFile does not say whose it is."""
        if found.steam_id64 is not None:
            return self.by_steam_id.get(found.steam_id64)
        return self.by_login.get(found.account_name.casefold())


class Step(NamedTuple):
    """One account of the plan. Its repr would tell secrets."""

    found: Found
    standing: PlanStanding
    code: str = ""
    message: str = ""
    notes: tuple[Remark, ...] = ()
    password: str | None = None
    proxy_url: str | None = None
    bot_id: str = ""

    def __repr__(self) -> str:
        return f"Step(name={self.found.name!r}, standing={self.standing.value!r})"

    @property
    def shown_proxy(self) -> str:
        """Never with its password."""
        return proxy.parse(self.proxy_url).display if self.proxy_url else ""


class Lists(NamedTuple):
    """The lists that go with the files, and what of the proxies is left over."""

    passwords: Passwords
    proxies: Proxies
    taken: int = 0
    """Proxies of the list that are bots' already."""

    @property
    def problems(self) -> list[BadLine]:
        return [*self.passwords.problems, *self.proxies.problems]


SignsIn = Callable[[Found, str | None], bool]
"""Whether an account has what a sign-in needs: with this password, or with a token of its own."""


def make(found: Iterable[Found], lists: Lists, known: KnownBots, signs_in: SignsIn) -> list[Step]:
    """Each account with its password and its proxy; no two get one proxy, and none that is a bot's."""
    every = list(found)
    twins = _twins(every)
    for entry in lists.proxies.entries:
        if entry.proxy.identity in known.by_proxy:
            lists.proxies.taken(entry.proxy.url)
    return [twins.get(at) or _step(one, lists, known, signs_in) for at, one in enumerate(every)]


def counts(steps: Iterable[Step]) -> dict[str, int]:
    """How many there are of each, where there are any."""
    counted = Counter(step.standing for step in steps)
    return {str(standing): counted[standing] for standing in PlanStanding if counted[standing]}


def _step(found: Found, lists: Lists, known: KnownBots, signs_in: SignsIn) -> Step:
    if found.problem is not None:
        code = found.problem.code
        standing = PlanStanding.CONTRADICTORY if code == SteamRefusal.MA_FILE_CONTRADICTORY else PlanStanding.UNUSABLE
        return Step(found, standing, code, str(found.problem))
    password = lists.passwords.of(found.account_name, found.steam_id64) or found.password
    if bot := known.of(found):
        text = f"the account is the bot {bot.bot_id} already, and stays as it is"
        notes = (*found.notes, *_kept_differs(found, bot))
        return Step(found, PlanStanding.KNOWN, SteamRefusal.BOT_EXISTS, text, notes, bot_id=bot.bot_id)
    if not signs_in(found, password):
        text = (
            "give the account's password in the list of passwords: the maFile holds no refresh token that still serves "
            "for a sign-in"
        )
        return Step(found, PlanStanding.WITHOUT_PASSWORD, SteamRefusal.PASSWORD_MISSING, text, found.notes)
    url, why = _proxy_for(found, lists.proxies, known)
    if url is None:
        code = SteamRefusal.PROXY_TAKEN if why else SteamRefusal.PROXY_MISSING
        text = why or "no proxy of the list is left for this bot; add one to the list"
        return Step(found, PlanStanding.WITHOUT_PROXY, code, text, found.notes, password)
    lists.proxies.taken(url)
    return Step(found, PlanStanding.NEW, notes=found.notes, password=password, proxy_url=url)


def _proxy_for(found: Found, proxies: Proxies, known: KnownBots) -> tuple[str | None, str]:
    for url in proxies.offers(found.account_name):
        own = proxy.parse(url)
        if (holder := known.by_proxy.get(own.identity)) is None:
            return url, ""
        return None, f"its own proxy {own.display} is the bot {holder}'s; give each bot a proxy of its own"
    return None, ""


def _kept_differs(found: Found, bot: KnownBot) -> tuple[Remark, ...]:
    if bot.shared_secret is None or bot.shared_secret == found.shared_secret:
        return ()
    text = (
        "the shared_secret of the maFile is not the one that is kept; where the new one is right, remove the bot and "
        "add it again"
    )
    return (Remark(RemarkCode.KEPT_DIFFERS, text),)


def _twins(found: Sequence[Found]) -> dict[int, Step]:
    """What is the same account as an earlier one: once more the same, or with another authenticator's key."""
    of_account: dict[object, list[int]] = defaultdict(list)
    by_login = {one.account_name.casefold(): one.steam_id64 for one in found if one.steam_id64 is not None}
    for at, one in enumerate(found):
        if one.problem is None:
            login = one.account_name.casefold()
            of_account[one.steam_id64 or by_login.get(login) or login].append(at)
    steps: dict[int, Step] = {}
    for places in of_account.values():
        first = found[places[0]]
        if len({found[at].shared_secret for at in places}) > 1:
            names = " and ".join(found[at].name for at in places[:4])
            text = f"{names} are of one account and hold different shared_secrets; leave in the one that is right"
            for at in places:
                steps[at] = Step(found[at], PlanStanding.CONTRADICTORY, SteamRefusal.MA_FILE_CONTRADICTORY, text)
        else:
            text = f"it is the same account as {first.name}, with the same shared_secret; nothing is done with it"
            for at in places[1:]:
                steps[at] = Step(found[at], PlanStanding.DUPLICATE, message=text, notes=found[at].notes)
    return steps
