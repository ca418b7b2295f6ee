"""The plugin and its config: builds the HTTP server and what it serves, starts and stops it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from kernel.context import Context
from kernel.errors import NotFound
from kernel.events import ClockStepped
from kernel.hookspecs import Health, hookimpl
from kernel.measures import Measure
from kernel.plugin import Plugin
from kernel.roles import Role
from plugins.api import app, cli, disk
from plugins.api.auth import operators, shell_audit
from plugins.api.auth.access import Access, real_time_clock
from plugins.api.auth.admin import Admin
from plugins.api.auth.audit import Audit
from plugins.api.auth.gate import AllowedHosts, Gate, Limiter
from plugins.api.auth.lockouts import LiftBlock
from plugins.api.auth.own_factor import OwnFactor
from plugins.api.auth.own_keys import OwnKeys
from plugins.api.auth.passwords import HashingPool
from plugins.api.auth.second_factor import FactorPolicy
from plugins.api.auth.second_step import SecondStep
from plugins.api.auth.session_start import SessionStart
from plugins.api.auth.sign_in import SignInHandlers
from plugins.api.codes import ApiRefusal
from plugins.api.commands import CommandExecutor
from plugins.api.config import DOCUMENTS, ApiConfig
from plugins.api.diagnosis import Diagnosis
from plugins.api.errors import Exposed, FileUnreadable
from plugins.api.http import page, server
from plugins.api.http.endpoints import HttpEndpoint
from plugins.api.http.rates import RateLimiter
from plugins.api.http.server import Server
from plugins.api.openapi import Documents
from plugins.api.panels import Panels
from plugins.api.plugin_routes import PluginRoutes
from plugins.api.probes import HealthProbes
from plugins.api.routes import Services, endpoints
from plugins.api.stream.streams import Limits, Streams

PROBES: Final = ("/healthz", "/readyz")
OPEN_ON_LOOPBACK: Final = (*PROBES, "/metrics", *DOCUMENTS)


class Api(Plugin[ApiConfig]):
    """Commands in, events out."""

    Config = ApiConfig
    essential = True

    def __init__(self, ctx: Context, config: ApiConfig) -> None:
        super().__init__(ctx, config)
        policy = FactorPolicy(config.second_factor, config.second_factor_role)
        clock = real_time_clock(ctx.clock)
        self._access = Access(ctx.data_dir, ctx.log, clock, ctx.data_gone, policy, config.proof_minutes)
        self._audit = Audit(ctx)
        self._audit.names = self._access.names
        self._commands = CommandExecutor(ctx, self._audit, self._access.proofs, config.max_commands)
        limits = Limits(
            window_s=config.batch_window_ms / 1_000,
            keep_alive_s=config.keep_alive_s,
            stall_s=config.stall_s,
            clients=config.max_streams,
            of_one=config.max_streams_each,
            ring_bytes=config.ring_mib * 1024 * 1024,
            compress=config.compress,
        )
        self._streams = Streams(ctx, self._access, limits)
        self._address = ctx.data_dir / "address"
        self._server: Server | None = None
        self.endpoints: Sequence[HttpEndpoint[Any]] = ()
        """The routes that are served, without those of other plugins."""
        self.plugin_routes = PluginRoutes(ctx, self._audit)

    async def start(self) -> None:
        """Raises AddressUnusable, Exposed or FileUnreadable."""
        family, address = await server.resolve(self.config.host, self.config.port)
        loopback = server.is_loopback(address)
        nobody = not self._access.tokens.all() and not self._access.roster.operators
        if nobody and not loopback:
            raise Exposed(f"[api] {self.config.exposed}")
        self._access.sessions.load()
        self.ctx.handle(LiftBlock, self._lift_block)
        self.ctx.subscribe(ClockStepped, lambda _, event: self._access.follow_clock(event))
        tls = self.config.tls
        if tls is not None:
            tls.check()
        if not loopback and tls is None and not self.config.trusted_proxies:
            self.ctx.log.warning("listening beyond loopback without TLS: passwords are sent in clear text")
        listener = server.listen(family, address)
        open_paths = self.config.open_paths
        if open_paths is None:
            only_here = loopback and self.config.public_url is None and not self.config.trusted_proxies
            open_paths = OPEN_ON_LOOPBACK if only_here else PROBES  # a proxy comes from loopback, and asks for others
        files = page.load()
        if not files:
            self.ctx.log.warning("the web page is not built; `make page` builds it")
        documents = Documents(self.ctx, self.plugin_routes)
        start, hashing, public_url = SessionStart(self._access, self._audit), HashingPool(), self.config.public_url
        keys = OwnKeys(self._access, self._audit, public_url)
        services = Services(
            commands=self._commands,
            streams=self._streams,
            panels=Panels(self.ctx),
            documents=documents,
            probes=HealthProbes(self.ctx, self._commands, self._streams),
            sign_in=SignInHandlers(self._access, self._audit, start, hashing),
            second_step=SecondStep(self._access, self._audit, start, public_url),
            own_factor=OwnFactor(self._access, self._audit, start, hashing, keys, public_url),
            own_keys=keys,
            admin=Admin(self._access, self._audit, public_url),
            audit=self._audit,
            diagnosis=Diagnosis(self.ctx, self._access, self._audit),
            files=files,
        )
        self.endpoints = documents.endpoints = endpoints(services)
        served = app.build(self.ctx, self._audit, self._access.proofs, self.endpoints, self.plugin_routes)
        wall = self._access.wall
        limits = Limiter(
            RateLimiter(self.config.requests_per_minute, wall), RateLimiter(self.config.strangers_per_minute, wall)
        )
        hosts = AllowedHosts(self.config.public_url, known_only=loopback)
        gate = Gate(served, self.ctx, self._access, self.endpoints, open_paths, limits, hosts)
        self._audit.open()
        self._streams.open()
        proxies = self.config.trusted_proxies
        self._server = Server(
            gate,
            listener,
            connections=self.config.max_connections,
            connections_each=self.config.max_connections_each,
            tls=tls,
            proxies=proxies,
        )
        await self._server.wait_started(self.ctx.spawn(self._server.run_until_stopped(), "serve HTTP"))
        url = server.url_of(listener, "https" if tls is not None else "http")
        disk.replace(self._address, f"{url}\n".encode())
        self.ctx.log.info("listening on %s", url)
        if nobody:
            self._offer_first_admin_link(self.config.public_url or url)
        else:
            self._access.first_link.unlink(missing_ok=True)

    async def stop(self) -> None:
        """Ends the streams first: open ones would keep the server from stopping."""
        if self._server is None:
            return
        self._address.unlink(missing_ok=True)
        self._access.first_link.unlink(missing_ok=True)
        await self._streams.close()
        await self._commands.close()
        await self._server.stop()

    @hookimpl
    def remains(self) -> Sequence[Path]:
        """Tokens and operators may be made before the first start; a running server has left the rest."""
        folder = self.ctx.data_dir
        kept = [path for path in (self._access.tokens_path, self._access.roster_path) if path.exists()]
        sessions = folder / "sessions.json"
        return [sessions] if sessions.exists() else kept if shell_audit.all_imported(folder) else []

    def _offer_first_admin_link(self, url: str) -> None:
        """Make the one-time link of the first admin: for a person at a terminal there, else into a file of mode 0600.

        What a service writes to stderr is kept in a log that others read. The file goes with the link's use.
        """
        path, now, file = self._access.roster_path, self._access.wall.now(), self._access.first_link
        secret = operators.invite(path, None, Role.ADMIN, now, operators.FIRST_LINK_LASTS)
        link = operators.link(url, secret, None)
        if sys.stderr.isatty():
            text = "Nobody can sign in yet. Open this link, once and within the hour, to become the first admin:"
            sys.stderr.write(f"{text}\n  {link}\n")
            return
        disk.replace(file, f"{link}\n".encode())
        self.ctx.log.warning(
            "nobody can sign in yet; the link in %s, good once and within the hour, makes the first admin; later: "
            "switchboard operator add NAME --role admin --data DIR",
            file,
        )

    def _lift_block(self, command: LiftBlock) -> None:
        if not self._access.lockouts.lift(command.subject):
            raise NotFound(ApiRefusal.NOT_BLOCKED, f"{command.subject} is not locked out.", field="subject")

    @hookimpl
    def health(self) -> Health:
        try:
            self._access.expect_usable()
        except FileUnreadable as error:
            return Health(self.ctx.name, ok=False, detail=error.told)
        return Health(self.ctx.name, ok=True, detail="operators and tokens are readable")

    @hookimpl
    def measures(self) -> Sequence[Measure]:
        return self._streams.measures()

    @classmethod
    def cli(cls, subcommands: argparse._SubParsersAction[Any]) -> None:
        cli.add_to(subcommands)
