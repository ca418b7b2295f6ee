"""One bot's live session with Steam: how it is reached, and what a bot can do in it.

Requests are plain functions that return futures: when such a function returns, its bytes are with the socket, so
nothing can come between a check made right before and the sending. What may still happen is that the connection dies
with the bytes unread; then the future says so with `RequestInDoubt`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from ipaddress import IPv4Address

from msgspec.structs import replace

from plugins.steam import history as histories
from plugins.steam import proxy as proxies
from plugins.steam import standing_messages
from plugins.steam.attempts import Attempts, is_the_cms_fault
from plugins.steam.auth import AuthSession, stored_token
from plugins.steam.connection import Connection
from plugins.steam.errors import (
    CmUnreachable,
    Disconnected,
    MessageTooLong,
    RequestFailed,
    RequestInDoubt,
    RequestRefused,
    SignInDeferred,
    SignInRejected,
    TokenRejected,
    TransportError,
)
from plugins.steam.events import (
    Answered,
    LoggedOn,
    LogonRefused,
    OwnPersonaState,
    RelationshipChanged,
    Said,
    Sent,
    SessionEvent,
    Talked,
)
from plugins.steam.link import Link
from plugins.steam.network import Network
from plugins.steam.policy import HOUR, SECOND, Context, Step, Verdict, judge
from plugins.steam.proxy import Proxy
from plugins.steam.secrets import BotSecrets
from plugins.steam.session import escaped
from plugins.steam.sessions import OnEvent, Save
from plugins.steam.sign_in import carry_out, way_in
from plugins.steam.steam_clock import TimeSource
from plugins.steam_protocol import jwt
from plugins.steam_protocol import messages as m
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.errors import FrameError, TokenMalformed
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_protocol.services import (
    GENERATE_ACCESS_TOKEN_FOR_APP,
    GET_ACTIVE_MESSAGE_SESSIONS,
    GET_RECENT_MESSAGES,
)

LOG_OFF_TIMEOUT = 2.0  # seconds
RENEW_BEFORE = 30 * 24 * HOUR  # ms left of a token below which a new one is asked for
MAX_WEIGHT = 6340  # what a message may weigh, and below it for limited accounts; measured by ArchiSteamFarm
MAX_WEIGHT_LIMITED = 1945
_LINE_BREAK_WEIGHT = 61

log = logging.getLogger(__name__)


class SteamClient:
    """A bot that is logged on. Made by `connect`, of use until `closed` is done."""

    __slots__ = ("_link", "_logging_on", "_network", "_on_event", "_removing", "_usable", "public_ip")

    def __init__(self, connection: Connection, network: Network, on_event: OnEvent, name: str) -> None:
        self._network = network
        self._on_event = on_event
        self._removing: dict[int, list[asyncio.Future[None]]] = {}
        self._logging_on = 0
        self.public_ip: str | None = None
        """The address that Steam saw at the logon: the proxy's exit."""
        self._usable: asyncio.Future[None] | None = asyncio.get_running_loop().create_future()
        self._link = Link(connection, network.answer_timeout, self._hear, name, network.tally)

    @classmethod
    async def connect(
        cls, secrets: BotSecrets, network: Network, *, save: Save, on_event: OnEvent, name: str
    ) -> SteamClient:
        """Sign in, log on, and wait for the friends list: then the bot is of use.

        `save` is awaited with the changed secrets before a new token is used. `on_event` gets everything from the
        logon on, also before this returns. Raises a `PersonNeeded`, an `Unavailable`, or `ProxyInvalid`.
        """
        proxy = proxies.parse(secrets.proxy_url)
        if stored_token(secrets, network.time.now_ms()) is None:
            secrets = replace(secrets, refresh_token=None)
        else:
            try:
                return await cls._attempt(secrets, proxy, network, save, on_event, name)
            except TokenRejected as error:
                log.info("%s: %s", name, error)
                secrets = replace(secrets, refresh_token=None)
                await save(secrets)
        try:
            return await cls._attempt(secrets, proxy, network, save, on_event, name)
        except TokenRejected as error:
            raise SignInRejected(
                f"Steam refuses the token that it has just given ({error.verdict.name}); connect the bot again, and "
                "where that repeats, sign in to the account in a browser to see what Steam wants"
            ) from error

    @classmethod
    async def introduce(cls, secrets: BotSecrets, network: Network) -> BotSecrets:
        """Sign in by password once and log off again, to learn whose account it is; gives the secrets with that.

        Raises what `connect` does.
        """
        learnt = [secrets]

        async def keep(changed: BotSecrets) -> None:
            learnt.append(changed)

        client = await cls.connect(
            secrets, network, save=keep, on_event=lambda event: None, name=f"introduction of {secrets.account_name}"
        )
        await client.log_off()
        return replace(learnt[-1], steam_id64=client.steam_id64)

    @classmethod
    async def _attempt(
        cls, secrets: BotSecrets, proxy: Proxy, network: Network, save: Save, on_event: OnEvent, name: str
    ) -> SteamClient:
        """One sign-in, with the token in `secrets` or, where there is none, the password.

        A CM that does not serve it costs no more than the moment in which another of the list takes its place.
        """
        held = [secrets]

        async def keep(changed: BotSecrets) -> None:
            await save(changed)
            held.append(changed)

        clock = asyncio.get_running_loop().time
        attempts = Attempts(until=clock() + 1.5 * network.dial_timeout)  # one slow CM, and not two
        failure: TransportError | None = None
        while True:
            endpoint = await network.directory.pick(proxy)
            if failure is not None and attempts.had(endpoint):
                raise attempts.outcome(failure)
            spent = False  # a password and its code, which is good for one sign-in
            try:
                sign_in = await way_in(held[-1], proxy, network) if held[-1].refresh_token is None else None
                client = cls(
                    await Connection.open(endpoint, proxy, network.tls, network.dial_timeout), network, on_event, name
                )
                spent = sign_in is not None
                await client._made_of_use(held[-1], proxy, sign_in, keep)
            except TransportError as error:
                if is_the_cms_fault(error):
                    network.directory.put_aside(endpoint)
                if not attempts.another_may_do(endpoint, error, clock()) or (spent and held[-1].refresh_token is None):
                    raise attempts.outcome(error) from error
                log.info("%s: %s; another CM is tried", name, error)
                failure = error
            else:
                return client

    @property
    def closed(self) -> asyncio.Future[TransportError | None]:
        """Done when the session is over: with the reason, a `Disconnected`, or None after `log_off`."""
        return self._link.closed

    @property
    def steam_id64(self) -> int:
        return self._link.session.steam_id64

    @property
    def friends(self) -> Mapping[int, int]:
        """The friends list as it stands: SteamID64 to `EFriendRelationship` number."""
        return self._link.session.friends

    @property
    def malformed(self) -> int:
        """Messages of Steam's that could not be read."""
        return self._link.session.malformed

    def relationship(self, steam_id64: int) -> int:
        """What this bot and somebody are to each other."""
        return self.friends.get(steam_id64, int(EFriendRelationship.NONE))

    def invite(self, steam_id64: int) -> asyncio.Future[None]:
        """Invite somebody, or accept their invite.

        Raises `RequestNotSent`; the future `RequestRefused` or `RequestInDoubt`.
        """
        return self._link.request(*self._link.session.invite(steam_id64, self._link.deadline_ms), _invited)

    async def remove_friend(self, steam_id64: int) -> None:
        """End a friendship, decline or withdraw an invite; returns when Steam shows that the two stand otherwise.

        Raises `RequestNotSent` or `RequestInDoubt`.
        """
        changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._link.send(self._link.session.remove_friend(steam_id64))
        self._removing.setdefault(steam_id64, []).append(changed)
        try:
            await asyncio.wait(
                (changed, self._link.closed),
                timeout=self._network.answer_timeout,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            waiting = self._removing.get(steam_id64, [])
            if changed in waiting:
                waiting.remove(changed)
            if not waiting:
                self._removing.pop(steam_id64, None)
        if not changed.done():
            raise RequestInDoubt("Steam has not shown that the invite or the friendship is gone")

    def send_message(self, steam_id64: int, text: str) -> asyncio.Future[Sent]:
        """Write to a friend.

        Raises `MessageTooLong` or `RequestNotSent`; the future `RequestRefused` or `RequestInDoubt`.
        """
        session = self._link.session
        most = MAX_WEIGHT_LIMITED if session.limited else MAX_WEIGHT
        weighs = weight(escaped(text))
        if weighs > most:
            raise MessageTooLong(f"a message of {weighs} bytes; Steam takes {most} of this account, shorten it")
        return self._link.request(*session.send_message(steam_id64, text, self._link.deadline_ms), _sent)

    def acknowledge(self, steam_id64: int, timestamp: int) -> None:
        """Mark what a friend wrote as read, up to `timestamp` (unix seconds)."""
        self._link.send(self._link.session.acknowledge(steam_id64, timestamp))

    def ask_for_personas(self, steam_ids: list[int]) -> None:
        """Have Steam tell who they are, by a `PersonaTold` each. At most 100. Raises `RequestNotSent`."""
        self._link.send(self._link.session.ask_for_personas(steam_ids))

    def active_sessions(self, since: int) -> asyncio.Future[list[Talked]]:
        """The conversations that had a message since then (unix seconds)."""
        request = GET_ACTIVE_MESSAGE_SESSIONS.request_class(lastmessage_since=since)
        return self._link.call(GET_ACTIVE_MESSAGE_SESSIONS, request, histories.talks)

    async def history(self, steam_id64: int, since: int) -> list[Said]:
        """All that was said with a friend from `since` (unix seconds) on, oldest first, each message once.

        At most `history.MAX_PAGES` pages, the newest. Raises a `RequestFailed`.
        """
        found: set[Said] = set()
        before: Said | None = None
        for _ in range(histories.MAX_PAGES):
            request = histories.page_request(self.steam_id64, steam_id64, since, before)
            page = await self._link.call(GET_RECENT_MESSAGES, request, histories.page)
            fresh = [said for said in page.messages if said.timestamp >= since and said not in found]
            found.update(fresh)
            if not fresh or not page.more:
                break
            before = fresh[0]
        return sorted(found)

    async def log_off(self) -> None:
        """Say good-bye, wait a moment for Steam to close, and close. Requests under way end in doubt."""
        await self._link.close(self._link.session.log_off(), LOG_OFF_TIMEOUT)

    def _hear(self, event: SessionEvent) -> None:
        if self._usable is not None:
            if isinstance(event, LogonRefused):
                self._link.end(_refusal(judge(Context.LOGON, event.result)))
            elif self.steam_id64 and self._link.session.listed and not self._usable.done():
                self._usable.set_result(None)
        if isinstance(event, LoggedOn):
            self.public_ip = str(IPv4Address(event.public_ip)) if event.public_ip else None
            self._network.time.hear(TimeSource.LOGON, event.server_time, self._logging_on)
        if isinstance(event, RelationshipChanged):
            for waiting in self._removing.pop(event.steam_id64, ()):
                if not waiting.done():
                    waiting.set_result(None)
        self._on_event(event)
        result = standing_messages.stops(event)
        if result is not None:
            verdict = judge(Context.STANDING, result)
            self._link.end(Disconnected(str(verdict), verdict))  # the bot is stopped by whoever keeps it online

    async def _made_of_use(self, secrets: BotSecrets, proxy: Proxy, sign_in: AuthSession | None, save: Save) -> None:
        """Establish the session, or let go of the connection."""
        try:
            await self._establish(secrets, proxy, sign_in, save)
        except BaseException:
            await self._link.drop()
            raise

    async def _establish(self, secrets: BotSecrets, proxy: Proxy, sign_in: AuthSession | None, save: Save) -> None:
        """From an open connection to a bot of use."""
        try:
            self._link.send(self._link.session.hello())
            if sign_in is not None:
                tokens = await carry_out(sign_in, self._link, self._network, proxy)
                secrets = replace(
                    secrets,
                    refresh_token=tokens.refresh_token,
                    guard_data=tokens.guard_data,
                    steam_id64=tokens.steam_id64,
                )
                await save(secrets)
            expires_at = await self._log_on(secrets)
            self._link.send(self._link.session.show(OwnPersonaState.ONLINE))
        except RequestFailed as error:
            reason = self._link.closed.result() if self._link.closed.done() else None
            if reason is None and isinstance(error, RequestInDoubt):
                text = f"the CM {self._link.endpoint} took the connection and then did not answer in time"
                raise CmUnreachable(text) from error
            raise reason or CmUnreachable(f"the CM {self._link.endpoint} did not serve us: {error}") from error
        if expires_at * SECOND - self._network.time.now_ms() < RENEW_BEFORE:
            await self._renew(secrets, save)

    async def _log_on(self, secrets: BotSecrets) -> int:
        """Log on and wait for the friends list; gives the unix second in which the token expires."""
        token = secrets.refresh_token or ""
        claims = jwt.claims(token)
        self._logging_on = self._network.time.steady_ms()
        self._link.send(self._link.session.log_on(token, secrets.account_name, claims.steam_id64))
        usable = self._usable
        assert usable is not None
        await asyncio.wait(
            (usable, self._link.closed), timeout=self._network.answer_timeout, return_when=asyncio.FIRST_COMPLETED
        )
        if not usable.done():
            raise RequestInDoubt("no answer to the logon in time")
        self._usable = None
        return claims.expires_at

    async def _renew(self, secrets: BotSecrets, save: Save) -> None:
        """Ask for a new token where the old one nears its end; Steam decides, and kills the old one if it does."""
        request = GENERATE_ACCESS_TOKEN_FOR_APP.request_class(
            refresh_token=secrets.refresh_token, steamid=self.steam_id64, renewal_type=1
        )
        try:
            token = await self._link.call(GENERATE_ACCESS_TOKEN_FOR_APP, request, _renewed)
        except RequestFailed as error:
            log.warning("the token of %s was not renewed: %s", self.steam_id64, error)
            return
        if token is not None:
            await save(replace(secrets, refresh_token=token))


def weight(text: str) -> int:
    """What a message counts towards Steam's limit as it is sent: its bytes, a line break as 61 of them."""
    return len(text.encode()) + text.count("\n") * (_LINE_BREAK_WEIGHT - 1)


def _refusal(verdict: Verdict) -> TransportError:
    if verdict.step is Step.REAUTHENTICATE:
        return TokenRejected(verdict)
    if verdict.step is Step.STOP:
        return SignInRejected(str(verdict), verdict)
    return SignInDeferred(verdict)


def _invited(answer: Answered) -> None:
    verdict = judge(Context.INVITE, answer.result)
    if verdict.step is not Step.PROCEED:
        raise RequestRefused(verdict)


def _sent(answer: Answered) -> Sent:
    verdict = judge(Context.CHAT, answer.result)
    if verdict.step is not Step.PROCEED:
        raise RequestRefused(verdict)
    try:
        response = answer.frame.parse(m.CFriendMessages_SendMessage_Response)
    except FrameError as error:
        raise RequestInDoubt("Steam took the message, but its answer cannot be read") from error
    return Sent(response.server_timestamp, response.ordinal)


def _renewed(answer: Answered) -> str | None:
    """The new refresh token, where Steam chose to give one."""
    if answer.result != EResult.OK:
        raise RequestRefused(judge(Context.REQUEST, answer.result))
    try:
        token = answer.frame.parse(m.CAuthentication_AccessToken_GenerateForApp_Response).refresh_token
        return token if token and jwt.claims(token).is_client_refresh_token else None
    except (FrameError, TokenMalformed) as error:
        raise RequestInDoubt("Steam's answer with a new token cannot be read") from error
