"""Imports that are under way: files are sent, a plan is made, shown and carried out, for window and command line alike.

Nothing of it is in the state: what was not carried out is forgotten with the process, an hour after its last request,
or when there are too many. What was added is told by `bot.added` as ever.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from kernel.context import Context
from kernel.errors import Conflict, Malformed, NotFound
from kernel.roles import Role
from kernel.routes import Method, Route
from plugins.steam import proxy, texts
from plugins.steam.accounts import signs_in
from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import ProxyInvalid, SecretsOutOfReach, SecretsUnreadable
from plugins.steam.importing import execution, plan, reading, sources
from plugins.steam.importing.forms import (
    ImportNamed,
    ImportRows,
    ImportStage,
    ImportState,
    PlanRequest,
    RowsWanted,
    RunRequest,
    Upload,
    row_of,
    told,
)
from plugins.steam.importing.passwords import Passwords
from plugins.steam.importing.plan import KnownBot, KnownBots, Lists, PlanStanding, Step
from plugins.steam.importing.reading import Found
from plugins.steam.importing.sources import ImportFile
from plugins.steam.lists import Proxies
from plugins.steam.secrets import SecretStore
from plugins.steam.sessions import Sessions

BODY_BYTES: Final = 8 * 1024 * 1024
"""Of one request with files; a larger import comes in several."""
MOST: Final = 4
"""Imports at a time."""
IDLE: Final = 3_600_000  # ms
PAGE: Final = 1_000
MOST_TOLD: Final = 200


class Import:
    """One import, which belongs to who began it. Its repr would tell secrets."""

    def __init__(self, import_id: str, actor: str) -> None:
        self.import_id = import_id
        self.actor = actor
        self.touched = 0
        self.stage = ImportStage.FILES
        self.files: list[ImportFile] = []
        self.bytes = 0
        self.passed_over: list[str] = []
        self.lists = Lists(Passwords(), Proxies(""))
        self.found: list[Found] = []
        self.steps: list[Step] = []
        self.done = 0
        self.total = 0
        self.error: str | None = None
        self.given_up = False

    def __repr__(self) -> str:
        return f"Import({self.import_id!r}, {self.stage.value})"

    @property
    def busy(self) -> bool:
        return self.stage in (ImportStage.READING, ImportStage.ADDING)

    def told(self) -> ImportState:
        problems = self.lists.problems
        proxies = self.lists.proxies
        return ImportState(
            import_id=self.import_id,
            stage=self.stage,
            done=len(self.found) if self.stage is ImportStage.READING else self.done,
            total=self.total,
            accounts=len(self.steps),
            counts=plan.counts(self.steps),
            problems=told(problems, MOST_TOLD),
            passed_over=self.passed_over[:MOST_TOLD],
            passed_over_count=len(self.passed_over),
            proxies=len(proxies.entries),
            proxies_taken=self.lists.taken,
            proxies_left=sum(1 for _ in proxies.offers("")),
            failure=self.error,
        )


class Imports:
    """The imports by their ids, and the routes that lead through them."""

    def __init__(self, ctx: Context, store: SecretStore, sessions: Sessions) -> None:
        self._ctx = ctx
        self._store = store
        self._sessions = sessions
        self._imports: dict[str, Import] = {}

    def stop(self) -> None:
        """A file that is being read is the last one."""
        for one in self._imports.values():
            one.given_up = True

    def routes(self) -> Sequence[Route[Any, Any]]:
        """All take a developer, as `AddBotFromMaFile` does."""
        return (
            _route(Method.POST, "files", "Send files of an import", Upload, ImportState, self.take),
            _route(Method.POST, "plan", "Read the files and make a plan", PlanRequest, ImportState, self.plan),
            _route(Method.POST, "run", "Carry the plan out", RunRequest, ImportState, self.run),
            _route(Method.POST, "discard", "Forget an import", ImportNamed, ImportState, self.discard),
            _route(Method.GET, "state", "How an import stands", ImportNamed, ImportState, self.state),
            _route(Method.GET, "rows", "The accounts of an import", RowsWanted, ImportRows, self.rows),
        )

    def take(self, upload: Upload) -> ImportState:
        one = self._begun() if upload.import_id is None else self._own(upload.import_id)
        self._expect(one, ImportStage.FILES)
        size = sum(len(file.content) for file in upload.files)
        if one.bytes + size > sources.MAX_TOTAL or len(one.files) + len(upload.files) > sources.MAX_FILES:
            most = f"{sources.MAX_FILES} files and {sources.MAX_TOTAL // 1024**2} MiB"
            text = f"One import takes at most {most}; give the rest in another one."
            raise Malformed(SteamRefusal.IMPORT_TOO_LARGE, text, field="files")
        one.bytes += size
        one.files += [ImportFile(file.name.replace("\\", "/"), file.content) for file in upload.files]
        one.total = len(one.files)
        return one.told()

    def plan(self, request: PlanRequest) -> ImportState:
        """Begins to read; `state` tells when the plan is there. A plan can be made anew, with other lists."""
        one = self._own(request.import_id)
        self._expect(one, ImportStage.FILES, ImportStage.PLANNED)
        passwords, proxies = Passwords(texts.decode(request.passwords)), Proxies(texts.decode(request.proxies))
        one.lists = Lists(passwords, proxies)
        one.stage, one.found, one.steps = ImportStage.READING, [], []
        self._ctx.spawn(self._contained(one, self._plan(one, request.passkey)), "plan an import")
        return one.told()

    def run(self, request: RunRequest) -> ImportState:
        """Begins to add; `state` tells when it is done."""
        one = self._own(request.import_id)
        self._expect(one, ImportStage.PLANNED)
        one.stage, one.files, one.found = ImportStage.ADDING, [], []
        one.done, one.total = 0, sum(step.standing is PlanStanding.NEW for step in one.steps)
        self._ctx.spawn(self._contained(one, self._run(one, request.labels)), "carry out an import")
        return one.told()

    def discard(self, named: ImportNamed) -> ImportState:
        """What is being added meanwhile is added; nothing more is begun."""
        one = self._own(named.import_id)
        one.given_up = True
        self._imports.pop(one.import_id, None)
        return one.told()

    def state(self, named: ImportNamed) -> ImportState:
        return self._own(named.import_id).told()

    def rows(self, wanted: RowsWanted) -> ImportRows:
        steps = self._own(wanted.import_id).steps
        return ImportRows(rows=[row_of(step) for step in steps[wanted.start :][:PAGE]], total=len(steps))

    async def _contained(self, one: Import, work: Any) -> None:
        try:
            await work
        except (OSError, SecretsOutOfReach, SecretsUnreadable) as error:
            one.error = f"The secrets of the bots cannot be read: {error}"
            one.stage = ImportStage.FAILED
        finally:
            if one.busy:
                one.stage, one.error = (
                    ImportStage.FAILED,
                    one.error or "It was broken off; the log says how. Begin it again.",
                )

    async def _plan(self, one: Import, passkey: str | None) -> None:
        def read() -> None:
            found = sources.sort(one.files)
            one.passed_over, one.total = found.passed_over, len(found.mafiles)
            for account in reading.read(found, passkey):
                one.found.append(account)
                if one.given_up:
                    return

        await asyncio.to_thread(read)
        known = await self._known(one.found)
        now_ms = self._sessions.now_ms()
        lists = one.lists
        taken = sum(entry.proxy.identity in known.by_proxy for entry in lists.proxies.entries)
        one.lists = lists._replace(taken=taken)
        one.steps = await asyncio.to_thread(
            plan.make,
            one.found,
            lists,
            known,
            lambda found, password: signs_in(found.document, found.steam_id64, password, now_ms),
        )
        one.stage, one.done = ImportStage.PLANNED, one.total

    async def _run(self, one: Import, labels: Mapping[str, str]) -> None:
        give = partial(self._ctx.execute, actor=one.actor)
        for at, step in enumerate(one.steps):
            if one.given_up:
                break
            if step.standing is PlanStanding.NEW:
                label = labels.get(step.found.name)
                one.steps[at] = await execution.add(step, one.lists.proxies, give, self._ctx.clock, label)
                one.done += 1
            else:
                one.steps[at] = execution.ended(step, step.standing, step.code, step.message)
        one.stage = ImportStage.DONE

    async def _known(self, found: Sequence[Found]) -> KnownBots:
        """The state is read here, the secrets in a thread: of the bots that the import meets, or of all."""
        accounts, by_proxy = {}, {}
        for bot in self._ctx.state.bots.values():
            accounts[int(bot.steam_id64)] = bot.id
            try:
                by_proxy[proxy.parse(bot.proxy_url).identity] = str(bot.id)
            except ProxyInvalid:
                continue
        met = {one.steam_id64 for one in found}
        every = any(one.steam_id64 is None and one.problem is None for one in found)

        def read() -> KnownBots:
            known = KnownBots({}, {}, by_proxy)
            for steam_id64, bot_id in accounts.items():
                if not every and steam_id64 not in met:
                    continue
                kept = self._store.load(bot_id)
                known.by_steam_id[steam_id64] = bot = KnownBot(bot_id, None if kept is None else kept.shared_secret)
                if kept is not None:
                    known.by_login[kept.account_name.casefold()] = bot
            return known

        return await asyncio.to_thread(read)

    def _begun(self) -> Import:
        now = self._ctx.clock.now()
        idle = [one for one in self._imports.values() if not one.busy]
        for one in sorted(idle, key=lambda one: one.touched):
            if now - one.touched > IDLE or len(self._imports) >= MOST:
                del self._imports[one.import_id]
        if len(self._imports) >= MOST:
            text = f"There are {MOST} imports under way; wait until one is done."
            raise Conflict(SteamRefusal.IMPORT_NOT_READY, text)
        one = Import(secrets.token_urlsafe(16), self._ctx.actor)
        one.touched = now
        self._imports[one.import_id] = one
        return one

    def _own(self, import_id: str) -> Import:
        one = self._imports.get(import_id)
        if one is None or one.actor != self._ctx.actor:
            text = "There is no such import any more; begin it again with its files."
            raise NotFound(SteamRefusal.IMPORT_NOT_FOUND, text, field="importId")
        one.touched = self._ctx.clock.now()
        return one

    @staticmethod
    def _expect(one: Import, *stages: ImportStage) -> None:
        if one.stage not in stages:
            text = f"The import is at another stage ({one.stage.value}); begin a new one for more."
            raise Conflict(SteamRefusal.IMPORT_NOT_READY, text, field="importId")


def _route(method: Method, name: str, summary: str, takes: Any, answers: Any, handler: Any) -> Route[Any, Any]:
    return Route(
        method=method,
        path=f"/imports/{name}",
        summary=summary,
        role=Role.DEVELOPER,
        takes=takes,
        answers=answers,
        raises=(NotFound, Conflict, Malformed),
        handler=handler,
        body_bytes=BODY_BYTES,
    )
