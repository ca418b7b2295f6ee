"""The whole simulated Steam: put together, started, stopped."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from urllib.parse import quote

from plugins.steam_sim import options as settings
from plugins.steam_sim import record
from plugins.steam_sim.accounts import Accounts, BotAccount
from plugins.steam_sim.auth import Authentication, CodeGiven, Wall
from plugins.steam_sim.backend import Backend
from plugins.steam_sim.certificate import Certificates, PasswordKey
from plugins.steam_sim.chat import FriendChats
from plugins.steam_sim.clock import Clock, Delays, own_wall
from plugins.steam_sim.cm import PATH, CmServer
from plugins.steam_sim.connection import ConnectionServices
from plugins.steam_sim.control import Control
from plugins.steam_sim.deeds import Deeds
from plugins.steam_sim.directory import CM_LIST_PATH, DirectoryServer
from plugins.steam_sim.egress import Egress, proxy_address
from plugins.steam_sim.errors import BadOptions
from plugins.steam_sim.faults import FaultRule, Faults
from plugins.steam_sim.friendship import Friendships
from plugins.steam_sim.logon import Logon
from plugins.steam_sim.mafile_writer import write_accounts, write_mafiles
from plugins.steam_sim.mishaps import Mishaps
from plugins.steam_sim.notifications import Notifications
from plugins.steam_sim.options import Ports, SimOptions
from plugins.steam_sim.persona import HOSTILE_NAMES, Personas
from plugins.steam_sim.players import Players
from plugins.steam_sim.proxy import ProxyServer, ProxyUser
from plugins.steam_sim.ready import PlayerCard, ProxyCard, Ready
from plugins.steam_sim.record import Record
from plugins.steam_sim.service_table import ServiceTable
from plugins.steam_sim.session import LogonSessions
from plugins.steam_sim.social import Social
from plugins.steam_sim.world import TokensRevoked, World
from plugins.steam_sim.world_log import WorldLog


class Simulation:
    """One simulated Steam in one folder. Start it once, stop it once; the next one in the folder goes on from there.

    `clock` drives the players and stamps messages; codes, tokens and the server's time go by `wall`, the real
    world's unix seconds, because the clients' own clocks do.
    """

    def __init__(self, options: SimOptions, clock: Clock, wall: Wall = time.time) -> None:
        """Raises `BadOptions` where the options do not fit the folder; writes nothing yet."""
        self.options, self.seed = settings.settle(options)
        folder = self.options.folder
        names = HOSTILE_NAMES if self.options.hostile_names else ()
        self.accounts = Accounts(self.seed, self.options.bots, self.options.players, self.options.mix, names)
        self.faults = Faults(self.seed, clock.now)
        self._delays = Delays(clock)
        self.sessions = LogonSessions()
        self._log = WorldLog(folder / "world.log")
        self._record = Record(folder / record.FILE if self.options.record else None, clock)
        self._certificates = Certificates(folder)
        self._key = PasswordKey(folder / "rsa.pem")
        wall = own_wall(wall, self.faults)
        self._backend = Backend(self._log, clock)
        egress = self._egress = Egress()
        self.proxy = ProxyServer(map(_proxy_user, self.accounts.bots), egress, self.faults)
        self.desk = self._desk(wall)
        self.cms = tuple(
            CmServer(self.desk, egress, self._delays, self.options.heartbeat_seconds, number)
            for number in range(self.options.cms)
        )
        self._cm_ports: list[int] = []
        self._directory = DirectoryServer(self.loads, self._authentication, wall, self.faults, egress)
        self._control = Control(self, clock)
        self._ports = self.options.ports
        self._running = AsyncExitStack()

    @property
    def codes(self) -> Sequence[CodeGiven]:
        """The Steam Guard codes that came in since the start, oldest first."""
        return tuple(self._authentication.codes)

    @property
    def times_asked(self) -> int:
        """How often somebody asked QueryTime."""
        return self._directory.times_asked

    @property
    def world(self) -> World:
        """The state of things, to look at."""
        return self._backend.world

    async def start(self) -> Ready:
        """Bring the world back, serve, and write the folder's files; `ready.json` is the last of them.

        Raises `PortTaken` or `LogBroken`, and then nothing is left running.
        """
        folder = self.options.folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ready.json").unlink(missing_ok=True)
        async with AsyncExitStack() as running:
            self._log.open()
            running.callback(self._log.close)
            self._record.open()
            running.callback(self._record.close)
            self._backend.recover()
            self._key.prepare()
            self._ports = await self._listen(running)
            settings.save(self.options, self.seed, self._ports)
            write_mafiles(folder / "mafiles", self.accounts.bots)
            write_accounts(folder / "accounts.txt", self.accounts.bots)
            running.push_async_callback(self._delays.stop)
            running.push_async_callback(self._players.stop)
            self._players.start()
            ready = self._ready()
            ready.write(folder / "ready.json")
            self._running = running.pop_all()
        return ready

    async def stop(self) -> None:
        """Stop in the opposite order; players first, so that nobody acts on a Steam that is half gone."""
        await self._running.aclose()

    @contextmanager
    def offline(self) -> Iterator[None]:
        """The world without a server, for those who feed connections by hand."""
        self.options.folder.mkdir(parents=True, exist_ok=True)
        self._log.open()
        try:
            self._backend.recover()
            self._key.prepare()
            yield
        finally:
            self._log.close()

    def switch_on(self, rule: FaultRule) -> None:
        """Put a rule in force, for the bot that it names or for all. Raises `BadOptions` where there is no such bot."""
        account = self.accounts.by_login(rule.login) if rule.login is not None else None
        if rule.login is not None and account is None:
            raise BadOptions(f"faults: no bot has the login {rule.login!r}; they are sim_bot_0001 and so on")
        self.faults.switch_on(rule.rule(account.steam_id64 if account else None))

    def drop(self, login: str) -> int:
        """Cut all connections of a bot at once; gives how many there were."""
        account = self.accounts.by_login(login)
        return sum(cm.drop(account.steam_id64) for cm in self.cms) if account else 0

    def revoke(self, login: str) -> None:
        """Let all refresh tokens of a bot die, as when its owner changes the password."""
        if (account := self.accounts.by_login(login)) is not None:
            self._backend.commit(TokensRevoked(account.steam_id64))
            self._backend.announce()

    def mobile_token(self, login: str) -> str:
        """A live refresh token of a bot's mobile app, as a maFile may hold it."""
        account = self.accounts.by_login(login)
        if account is None:
            raise LookupError(f"no bot has the login {login}")
        return self._authentication.mobile_token(account)

    def sweep(self, now: float) -> None:
        """Drop silent clients as of `now` (seconds of the event loop); it also happens every second by itself."""
        for cm in self.cms:
            cm.sweep(now)

    def _desk(self, wall: Wall) -> ConnectionServices:
        """Everything that a connection is served by, and the players, who are served by the same."""
        friendships, chats = Friendships(self._backend, self.accounts), FriendChats(self._backend)
        personas = self.personas = Personas(self.accounts, self.sessions, self._backend)
        authentication = self._authentication = Authentication(
            self.accounts, self._backend, self._key, self.faults, wall, self.options.poll_interval
        )
        social = Social(self.accounts, self._backend, friendships, chats, personas, self.faults)
        table = ServiceTable()
        authentication.serve(table)
        social.serve(table)
        heartbeat = self.options.heartbeat_seconds
        logon = Logon(authentication, self.sessions, social, personas, self.faults, wall, heartbeat)
        self._backend.subscribe(self._record.changed)
        self._backend.subscribe(Notifications(self.sessions, personas, self.world.relationships, self.faults))
        self.deeds = Deeds(self.accounts, self._backend, friendships, chats)
        self._players = Players(self.accounts, self._backend, friendships, chats, self.options.haste)
        mishaps = Mishaps(self.faults, self._backend, self._delays)
        return ConnectionServices(
            self._backend, self.sessions, table, logon, social, personas, self.faults, mishaps, self._record
        )

    async def _listen(self, running: AsyncExitStack) -> Ports:
        host, wanted = self.options.host, self.options.ports
        running.push_async_callback(self.proxy.stop)
        socks, http_proxy = await self.proxy.start(host, wanted.socks, wanted.http_proxy)
        running.push_async_callback(self._directory.stop)
        directory = await self._directory.start(host, wanted.directory)
        tls = self._certificates.server_context()
        for cm in self.cms:
            running.push_async_callback(cm.stop)
            self._cm_ports.append(await cm.start(host, 0 if cm.number else wanted.cm, tls))
        control = wanted.control
        if self.options.control:
            running.push_async_callback(self._control.stop)
            control = await self._control.start(host, wanted.control)
        return Ports(cm=self._cm_ports[0], directory=directory, socks=socks, http_proxy=http_proxy, control=control)

    def _endpoint(self) -> str:
        return f"{self._host}:{self._ports.cm}"

    def loads(self) -> list[tuple[str, int]]:
        return [(f"{self._host}:{port}", cm.load) for port, cm in zip(self._cm_ports, self.cms, strict=True)]

    @property
    def _host(self) -> str:
        host = self.options.host
        return f"[{host}]" if ":" in host else host

    def _ready(self) -> Ready:
        folder = self.options.folder.resolve()
        return Ready(
            cm_url=f"wss://{self._endpoint()}{PATH}",
            directory_url=f"http://{self._host}:{self._ports.directory}{CM_LIST_PATH}",
            ca_file=str(self._certificates.ca_file.resolve()),
            mafiles=str(folder / "mafiles"),
            accounts_file=str(folder / "accounts.txt"),
            seed=self.seed,
            ports=self._ports,
            control_url=f"http://{self._host}:{self._ports.control}/" if self.options.control else None,
            players=tuple(
                PlayerCard(str(player.steam_id64), player.name, player.temperament, player.language)
                for player in self.accounts.players
            ),
            proxies=tuple(ProxyCard(bot.login, self._proxy_url(bot)) for bot in self.accounts.bots),
        )

    def _proxy_url(self, bot: BotAccount) -> str:
        """Every other bot has a SOCKS5 proxy, the rest an HTTP one."""
        scheme, port = ("http", self._ports.http_proxy) if bot.number % 2 else ("socks5h", self._ports.socks)
        return f"{scheme}://{bot.login}:{quote(bot.proxy_password, safe='')}@{self._host}:{port}"


def _proxy_user(bot: BotAccount) -> ProxyUser:
    return ProxyUser(bot.login, bot.proxy_password, proxy_address(bot.number), bot.steam_id64)
