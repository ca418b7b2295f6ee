"""The plugin: an endpoint a task, the commands about them, and what is told of them."""

from __future__ import annotations

import argparse
import asyncio
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, ClassVar, Final

import msgspec

from kernel.context import Context
from kernel.errors import CommitFailed, Conflict, NotFound, PluginFailed
from kernel.events import Envelope, Event
from kernel.following import FollowedLine, JournalCursor, Stretch, is_of, line_at, read_stretch
from kernel.hookspecs import Health, hookimpl
from kernel.kept_secrets import SecretUnreadable
from kernel.measures import Measure
from kernel.panels import Panel
from kernel.plugin import Plugin
from kernel.plugin_tables import PluginTable
from kernel.public_addresses import AllowedNetworks
from kernel.segments import EventsUnreadable
from plugins.webhooks import command_line, payload, signing
from plugins.webhooks.codes import DeliveryFault, DisabledBecause, WebhookRefusal
from plugins.webhooks.commands import DisableWebhook, RedeliverWebhook, ResumeWebhook, SendTestWebhook
from plugins.webhooks.config import EndpointConfig, WebhooksConfig
from plugins.webhooks.endpoint import Attempted, WebhookEndpoint, WebhookPauses
from plugins.webhooks.endpoint_file import EndpointFile, EndpointProgress
from plugins.webhooks.events import WebhookDisabled, WebhookEventsSkipped, WebhookResumed
from plugins.webhooks.measures import measures
from plugins.webhooks.panel import EndpointView, webhooks_panel
from plugins.webhooks.payload import WebhookMessage
from plugins.webhooks.posting import Poster, PostFailed
from plugins.webhooks.rows import DISABLED
from plugins.webhooks.secrets_file import SecretsFile

STRETCH: Final = 100
"""Messages that are read from the journal at a time."""
REDIRECTS: Final = range(300, 400)
GONE: Final = 410


class _Around:
    """What one endpoint has around it; see `plugins.webhooks.endpoint.Surroundings`."""

    def __init__(self, plugin: Webhooks, name: str, config: EndpointConfig) -> None:
        self.clock = plugin.ctx.clock
        self._plugin = plugin
        self._ctx = plugin.ctx
        self._name = name
        self._config = config
        self._file = EndpointFile(plugin.ctx.data_dir, name, plugin.ctx.log)
        self._writing = asyncio.Lock()

    @lru_cache(maxsize=1_000)  # noqa: B019 - it lives as long as the plugin
    def wants(self, kind: str) -> bool:
        return self._config.wants(kind)

    async def committed(self) -> None:
        with suppress(CommitFailed):
            await self._ctx.committed()

    def behind(self, cursor: int) -> bool:
        return self._ctx.state.seq - self._ctx.uncommitted > cursor

    async def read(self, cursor: JournalCursor) -> tuple[Stretch, Sequence[WebhookMessage]]:
        return await asyncio.to_thread(self._read, cursor)

    def _read(self, cursor: JournalCursor) -> tuple[Stretch, Sequence[WebhookMessage]]:
        stretch = read_stretch(self._plugin.events_after, cursor, self.wants, most=STRETCH)
        found = (self.message(line) for line in stretch.lines)
        return stretch, [message for message in found if message is not None]

    def message(self, line: FollowedLine) -> WebhookMessage | None:
        """None for what the endpoint may not have, and for an event that this version cannot read."""
        try:
            return payload.message_of(self._name, line, words=self._config.words)
        except msgspec.ValidationError:
            self._ctx.log.warning("event %s cannot be read, and is not sent to %s", line.seq, self._name)
            return None

    async def send(self, message: WebhookMessage) -> Attempted:
        return await self._plugin.send(self._name, self._config, message)

    async def save(self, progress: EndpointProgress) -> None:
        async with self._writing:
            await asyncio.to_thread(self._file.write, progress)

    def load(self) -> EndpointProgress | None:
        """Raises OSError."""
        return self._file.read()

    def is_disabled(self) -> bool:
        return self._name in self._ctx.rows(DISABLED)

    def disable(self, reason: DisabledBecause, failures: int) -> None:
        self._ctx.log.error("the endpoint %s is disabled (%s): ResumeWebhook lets it go on", self._name, reason)
        self._ctx.publish(WebhookDisabled(endpoint=self._name, reason=reason, failures=failures))


class Webhooks(Plugin[WebhooksConfig]):
    """Tells other systems what happens. What they do not take waits for them in the journal."""

    Config: ClassVar[type[WebhooksConfig]] = WebhooksConfig
    events: ClassVar[Sequence[type[Event]]] = (WebhookDisabled, WebhookResumed, WebhookEventsSkipped)
    tables: ClassVar[Sequence[PluginTable[Any]]] = (DISABLED,)

    def __init__(self, ctx: Context, config: WebhooksConfig) -> None:
        super().__init__(ctx, config)
        self.endpoints: Final[dict[str, WebhookEndpoint]] = {}
        self.secrets: Final = SecretsFile(ctx.data_dir)
        self._around: Final[dict[str, _Around]] = {}

    async def start(self) -> None:
        """Raises PluginFailed where the certificates or the plugin's own files cannot be read."""
        config = self.config
        try:
            tls = await asyncio.to_thread(ssl.create_default_context, cafile=config.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise PluginFailed(
                f"webhooks: ca_file: {config.ca_file} cannot be read as certificates: {error}"
            ) from error
        self.poster = Poster(AllowedNetworks(config.allowed_networks), tls, config.timeout_s)
        pauses = WebhookPauses(int(config.first_pause_s * 1_000), int(config.longest_pause_s * 1_000), config.failures)
        for name, one in config.endpoints.items():
            around = self._around[name] = _Around(self, name, one)
            try:
                progress = await self._progress(name, around)
            except OSError as error:
                raise PluginFailed(f"webhooks: the record of {name} cannot be kept: {error}") from error
            self.endpoints[name] = WebhookEndpoint(
                name, around, progress, pauses, at_once=config.at_once, kept=config.deliveries_kept
            )
        self.ctx.handle(SendTestWebhook, self.send_test, check=self._signed)
        self.ctx.handle(DisableWebhook, self.disable, check=lambda command: self._known(command.endpoint))
        self.ctx.handle(ResumeWebhook, self.resume, check=lambda command: self._known(command.endpoint))
        self.ctx.handle(RedeliverWebhook, self.redeliver, check=self._signed)
        self.ctx.when_up(self._begin)

    def _begin(self) -> None:
        for name, endpoint in self.endpoints.items():
            self.ctx.spawn(endpoint.run(), name)
        self.ctx.tap(self._notice)

    def _notice(self, envelope: Envelope, line: bytes) -> None:
        for name, endpoint in self.endpoints.items():
            if self._around[name].wants(envelope.kind):
                endpoint.notice()

    def events_after(self, after: int) -> Iterator[bytes] | None:
        """The journal, on any thread."""
        return self.ctx.hooks.events_after(after)

    async def _progress(self, name: str, around: _Around) -> EndpointProgress:
        """Where it stands. A new endpoint begins with what happens from now on. Raises OSError."""
        known = await asyncio.to_thread(around.load)
        here = JournalCursor(self.ctx.state.seq)
        if known is None:
            made = EndpointProgress(cursor=here)
            await around.save(made)
            return made
        if await self._is_of_this_journal(known.cursor):
            return known
        self.ctx.log.warning("%s: the journal is another than it followed; it goes on from event %s", name, here.seq)
        made = msgspec.structs.replace(known, cursor=here)
        await around.save(made)
        return made

    async def _is_of_this_journal(self, cursor: JournalCursor) -> bool:
        if cursor.seq > self.ctx.state.seq:
            return False
        try:
            return await asyncio.to_thread(is_of, self.events_after, cursor)
        except (EventsUnreadable, OSError, msgspec.MsgspecError):
            return True  # pruned or damaged: what follows says so

    async def send(self, name: str, config: EndpointConfig, message: WebhookMessage) -> Attempted:
        """One attempt; nothing of it raises, and nothing of the URL or the secrets is in what it answers."""
        now = self.ctx.clock.now()
        try:
            kept = (await asyncio.to_thread(self.secrets.read)).get(name)
        except SecretUnreadable:
            kept = None
        if kept is None:
            return Attempted(DeliveryFault.UNSIGNED)
        try:
            target = await asyncio.to_thread(config.target)
        except (SecretUnreadable, ValueError):
            return Attempted(DeliveryFault.UNCONFIGURED)
        headers = (
            ("webhook-id", message.id),
            ("webhook-timestamp", str(now // 1_000)),
            ("webhook-signature", signing.signature(kept.in_use(now), message.id, now // 1_000, message.body)),
        )
        try:
            answer = await self.poster.post(target, headers, message.body)
        except PostFailed as failed:
            return Attempted(failed.fault)
        if 200 <= answer.status < 300:
            return Attempted(None, answer.status)
        if answer.status in REDIRECTS:
            return Attempted(DeliveryFault.REDIRECTED, answer.status)
        fault = DeliveryFault.GONE if answer.status == GONE else DeliveryFault.ANSWERED
        return Attempted(fault, answer.status, answer.retry_after)

    async def send_test(self, command: SendTestWebhook) -> None:
        """Raises Conflict where it was not taken."""
        self._signed(command)
        unique = self.ctx.new_id("test").removeprefix("test_")
        await self._attempt(command.endpoint, payload.trial_message(self.ctx.clock.now(), unique))

    async def redeliver(self, command: RedeliverWebhook) -> None:
        """Raises NotFound for an event that cannot be sent, Conflict where it was not taken."""
        self._signed(command)
        try:
            line = await asyncio.to_thread(line_at, self.events_after, command.seq)
        except (EventsUnreadable, OSError, msgspec.MsgspecError):
            line = None
        wanted = line is not None and self.config.endpoints[command.endpoint].wants(line.kind)
        message = self._around[command.endpoint].message(line) if line is not None and wanted else None
        if message is None:
            text = f"Event {command.seq} is not in the journal, or is none that {command.endpoint} gets."
            raise NotFound(WebhookRefusal.UNKNOWN_EVENT, text, field="seq")
        await self._attempt(command.endpoint, message)

    async def _attempt(self, name: str, message: WebhookMessage) -> None:
        endpoint = self.endpoints[name]
        result = await endpoint.attempt(message)
        await self._around[name].save(endpoint.progress)
        if result.fault is not None:
            said = f"it answered {result.status}" if result.status is not None else result.fault.value
            text = f"The endpoint {name} did not take it: {said}. plugins/webhooks/README.md says what each word means."
            raise Conflict(WebhookRefusal.FAILED, text, field="endpoint")

    def disable(self, command: DisableWebhook) -> None:
        self._known(command.endpoint)
        if not self._around[command.endpoint].is_disabled():
            self.ctx.publish(WebhookDisabled(endpoint=command.endpoint, reason=DisabledBecause.HAND))

    async def resume(self, command: ResumeWebhook) -> None:
        self._known(command.endpoint)
        endpoint, around = self.endpoints[command.endpoint], self._around[command.endpoint]
        if command.from_now:
            before, here = endpoint.progress.cursor.seq, self.ctx.state.seq
            await endpoint.go_on_from(JournalCursor(here))
            if here > before:
                self.ctx.publish(WebhookEventsSkipped(endpoint=command.endpoint, after=before, upto=here))
        else:
            await endpoint.forgive()
        if around.is_disabled():
            self.ctx.publish(WebhookResumed(endpoint=command.endpoint))
        endpoint.wake()

    def _known(self, endpoint: str) -> None:
        if endpoint not in self.endpoints:
            text = f"[webhooks] has no endpoint {endpoint[:64]!r}."
            raise NotFound(WebhookRefusal.UNKNOWN_ENDPOINT, text, field="endpoint")

    def _signed(self, command: SendTestWebhook | RedeliverWebhook) -> None:
        self._known(command.endpoint)
        if not self.is_signed(command.endpoint):
            text = f"{command.endpoint} has no secret yet: run `switchboard webhooks secret {command.endpoint}`."
            raise Conflict(WebhookRefusal.UNSIGNED, text, field="endpoint")

    def is_signed(self, endpoint: str) -> bool:
        """Whether there is a secret for it."""
        try:
            return endpoint in self.secrets.read()
        except SecretUnreadable:
            return False

    def _behind(self, endpoint: WebhookEndpoint) -> int:
        return max(0, self.ctx.state.seq - self.ctx.uncommitted - endpoint.progress.cursor.seq)

    @hookimpl
    def panel(self) -> Panel:
        rows = self.ctx.rows(DISABLED)
        return webhooks_panel(
            [
                EndpointView(
                    endpoint=endpoint,
                    shown=_shown(self.config.endpoints[name]),
                    signed=self.is_signed(name),
                    disabled=rows.get(name),
                    behind=self._behind(endpoint),
                )
                for name, endpoint in self.endpoints.items()
            ]
        )

    @hookimpl
    def health(self) -> Health:
        """The live system goes on whatever becomes of an endpoint: this is told, and never as not ready."""
        disabled = [name for name, around in self._around.items() if around.is_disabled()]
        troubles = [f"{name}: {one.trouble}" for name, one in self.endpoints.items() if one.trouble]
        said = [f"disabled: {', '.join(disabled)}"] if disabled else []
        return Health(self.ctx.name, ok=True, detail="; ".join((*troubles, *said)))

    @hookimpl
    def measures(self) -> Sequence[Measure]:
        active = [one for name, one in self.endpoints.items() if not self._around[name].is_disabled()]
        return measures(
            self.endpoints.values(),
            disabled=len(self.endpoints) - len(active),
            behind=max(map(self._behind, active), default=0),
        )

    @classmethod
    def cli(cls, subcommands: argparse._SubParsersAction[Any]) -> None:
        command_line.add_to(subcommands)


def _shown(config: EndpointConfig) -> str:
    try:
        return config.target().shown
    except (SecretUnreadable, ValueError):
        return "?"
