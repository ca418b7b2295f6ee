"""Who belongs to the fleet: a maFile, a proxy and a password become a bot; a removed bot's secrets are forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Final

from kernel.codec import decode_envelope
from kernel.codes import Undeclared
from kernel.commands import AddBotFromMaFile
from kernel.context import Context
from kernel.errors import CommitFailed, Conflict, Malformed, Unavailable
from kernel.events import BotAdded, BotRemoved, Envelope, ErrorLogged
from kernel.ids import BotId, SteamId64, new_bot_id
from plugins.steam import mafile, proxy
from plugins.steam.auth import mobile_token, stored_token
from plugins.steam.codes import SteamRefusal
from plugins.steam.errors import MaFileInvalid, PersonNeeded, ProxyInvalid, SecretsOutOfReach, SecretsUnreadable
from plugins.steam.errors import Unavailable as TransportUnavailable
from plugins.steam.proxy import Proxy
from plugins.steam.secrets import BotSecrets, SecretStore
from plugins.steam.sessions import Sessions

DISK_RETRY: Final = 5_000
"""Milliseconds until it is looked again whether a bot's removal is on disk."""
LAST_WORDS_S: Final = 5.0
"""What a stop waits for secrets that are to go; those that stay longer go at the next start."""


class BotAccounts:
    """Checks that an account and a proxy are new before it takes them in. Secrets go to the store and nowhere else."""

    def __init__(self, ctx: Context, store: SecretStore, sessions: Sessions) -> None:
        self._ctx = ctx
        self._store = store
        self._sessions = sessions
        self._bots_of_proxy: dict[tuple[str, int, str], list[BotId]] = {}
        """One each, but for what an earlier version took for two proxies."""
        self._forgetting: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        for bot in self._ctx.state.bots.values():
            self._note_proxy(bot.id, bot.proxy_url)
        self._ctx.handle(AddBotFromMaFile, self.add, check=self._newcomer)
        self._ctx.subscribe(BotRemoved, self._forget)
        self._forget_later(self._forget_left_behind(), "forget bots that an earlier run removed")

    async def stop(self) -> None:
        """Return when the secrets of all removed bots are gone, unless the disk does not take their removal."""
        if self._forgetting:
            await asyncio.wait(self._forgetting, timeout=LAST_WORDS_S)

    def holders(self, of: Proxy) -> Sequence[BotId]:
        """The bots that have this proxy: one, none, or more of an earlier version."""
        return self._bots_of_proxy.get(of.identity, ())

    async def add(self, command: AddBotFromMaFile) -> BotId:
        """Its secrets are on disk before the bot is known, so that no known bot lacks them.

        A maFile that does not say whose it is costs a sign-in, which tells.
        """
        secrets, own_proxy = self._newcomer(command)
        if secrets.steam_id64 is None:
            secrets = await self._introduced(secrets)
        account = self._new_account(secrets.steam_id64)
        bot_id = new_bot_id()
        try:
            await asyncio.to_thread(self._store.save, bot_id, secrets)
        except (OSError, SecretsOutOfReach, SecretsUnreadable) as error:
            text = f"The bot was not added, because its secrets cannot be kept: {error}"
            raise Unavailable(SteamRefusal.SECRETS_NOT_SAVED, text) from error
        label = command.label.strip() if command.label else None
        self._ctx.publish(BotAdded(bot_id=bot_id, steam_id64=account, proxy_url=own_proxy.display, label=label))
        self._bots_of_proxy.setdefault(own_proxy.identity, []).append(bot_id)
        return bot_id

    def _note_proxy(self, bot_id: BotId, url: str) -> None:
        """Of a bot that is there already, whose proxy an earlier version may have read otherwise."""
        try:
            own_proxy = proxy.parse(url)
        except ProxyInvalid as error:
            self._ctx.log.warning("the proxy of %s is not read any more: %s", bot_id, error)
            return
        holders = self._bots_of_proxy.setdefault(own_proxy.identity, [])
        holders.append(bot_id)
        if len(holders) > 1:
            text = f"The bots {' and '.join(holders)} have one proxy, {own_proxy.display}; give each bot its own."
            self._ctx.publish(ErrorLogged(source=self._ctx.name, message=text))

    def _newcomer(self, command: AddBotFromMaFile) -> tuple[BotSecrets, Proxy]:
        """Raises Malformed, and Conflict when a bot has the account, where it is known, or the proxy already."""
        secrets, own_proxy = self._read(command)
        if secrets.steam_id64 is not None:
            self._new_account(secrets.steam_id64)  # first of all: a repeated import wants to hear of this
        self._expect_sign_in(secrets)
        self._new_proxy(own_proxy)
        return secrets, own_proxy

    def _new_account(self, steam_id64: int | None) -> SteamId64:
        account = SteamId64(str(steam_id64))
        if known := self._ctx.state.index.bot_of_account.get(account):
            raise Conflict(
                SteamRefusal.BOT_EXISTS, f"The account {account} is the bot {known} already.", field="maFile"
            )
        return account

    def _new_proxy(self, own_proxy: Proxy) -> None:
        if holders := self._bots_of_proxy.get(own_proxy.identity):
            text = f"The proxy {own_proxy.display} is the bot {holders[0]}'s; give each bot a proxy of its own."
            raise Conflict(SteamRefusal.PROXY_TAKEN, text, field="proxyUrl")

    async def _introduced(self, secrets: BotSecrets) -> BotSecrets:
        """Sign in once to learn whose maFile it is; the token of that sign-in serves the bot's next ones."""
        try:
            if known := await asyncio.to_thread(self._bot_named, secrets.account_name):
                text = f"The account {secrets.account_name} is the bot {known} already."
                raise Conflict(SteamRefusal.BOT_EXISTS, text, field="maFile")
            return await self._sessions.introduce(secrets)
        except (PersonNeeded, SecretsUnreadable) as error:
            text = f"The maFile does not say whose it is, and a sign-in to learn it failed: {error}"
            raise Malformed(SteamRefusal.MA_FILE_STEAM_ID_MISSING, text, field="maFile") from error
        except TransportUnavailable as error:
            text = f"The maFile does not say whose it is, and Steam could not be asked: {error}"
            raise Unavailable(Undeclared(error.code), text, retry_after=error.back_off_ms) from error

    def _bot_named(self, account_name: str) -> str | None:
        """The bot that has this login, if there is one; it looks into all secrets, which few additions need."""
        for bot_id in self._store.bot_ids():
            held = self._store.load(bot_id)
            if held is not None and held.account_name.casefold() == account_name.casefold():
                return bot_id
        return None

    def _read(self, command: AddBotFromMaFile) -> tuple[BotSecrets, Proxy]:
        try:
            found = mafile.parse(command.ma_file)
        except MaFileInvalid as error:
            raise Malformed(error.code, str(error), field="maFile") from error
        try:
            own_proxy = proxy.parse(command.proxy_url)
        except ProxyInvalid as error:
            raise Malformed(error.code, str(error), field="proxyUrl") from error
        secrets = BotSecrets(
            account_name=found.account_name,
            shared_secret=found.shared_secret,
            identity_secret=found.identity_secret,
            proxy_url=own_proxy.url,
            mafile=found.document,
            password=command.password,
            steam_id64=found.steam_id64,
            refresh_token=found.refresh_token,
        )
        return secrets, own_proxy

    def _expect_sign_in(self, secrets: BotSecrets) -> None:
        now_ms = self._sessions.now_ms()
        if not secrets.password and stored_token(secrets, now_ms) is None and mobile_token(secrets, now_ms) is None:
            text = "give the account's password: the maFile holds no refresh token that still serves for a sign-in"
            raise Malformed(SteamRefusal.PASSWORD_MISSING, text, field="password")

    def _forget(self, envelope: Envelope, event: BotRemoved) -> None:
        kept = ((p, [bot for bot in bots if bot != event.bot_id]) for p, bots in self._bots_of_proxy.items())
        self._bots_of_proxy = {p: bots for p, bots in kept if bots}
        self._forget_later(self._delete(event.bot_id), f"forget {event.bot_id}")

    def _forget_later(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = self._ctx.spawn(work, name)
        self._forgetting.add(task)
        task.add_done_callback(self._forgetting.discard)

    async def _delete(self, bot_id: BotId) -> None:
        """Not before the removal is on disk: after a crash the bot is either gone, or there with its secrets."""
        while not await self._is_on_disk():
            await self._ctx.clock.sleep(DISK_RETRY)
        await asyncio.to_thread(self._store.delete, bot_id)

    async def _is_on_disk(self) -> bool:
        try:
            await self._ctx.committed()
        except CommitFailed:
            return False
        return True

    async def _forget_left_behind(self) -> None:
        """An earlier run may have ended between a removal and its end. What the journal does not call removed stays."""
        left = set(await asyncio.to_thread(self._store.bot_ids)) - set(self._ctx.state.bots)
        if not left:
            return
        lines = await asyncio.to_thread(lambda: list(self._ctx.hooks.recall(BotRemoved.kind) or ()))
        removed = {
            event.bot_id for event in (decode_envelope(line).payload for line in lines) if isinstance(event, BotRemoved)
        }
        for bot_id in sorted(left & removed):
            await asyncio.to_thread(self._store.delete, bot_id)


def signs_in(document: str, steam_id64: int | None, password: str | None, now_ms: int) -> bool:
    """Whether a maFile has what a sign-in needs: a password beside it, or a token in it that still serves."""
    if password:
        return True
    found = mafile.parse(document)
    secrets = BotSecrets(
        account_name=found.account_name,
        shared_secret=found.shared_secret,
        proxy_url="",
        mafile=document,
        steam_id64=steam_id64,
        refresh_token=found.refresh_token,
    )
    return stored_token(secrets, now_ms) is not None or mobile_token(secrets, now_ms) is not None
