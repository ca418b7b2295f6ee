"""The panel of this plugin: its endpoints, how they stand, and a button for what an admin does about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from kernel.clock import Millis
from kernel.panels import FormField, Moment, Panel, PanelButton, PanelTable, Text, Value
from plugins.webhooks.codes import DeliveryFault, DisabledBecause
from plugins.webhooks.commands import DisableWebhook, RedeliverWebhook, ResumeWebhook, SendTestWebhook
from plugins.webhooks.endpoint import WebhookEndpoint
from plugins.webhooks.endpoint_file import DeliveryRecord
from plugins.webhooks.rows import DisabledEndpoint

LISTED: Final = 10
"""Deliveries that are shown, of all endpoints together."""
FAULTS: Final[Mapping[DeliveryFault, Text]] = {
    DeliveryFault.ANSWERED: Text(en="answered with an error", ru="ответил ошибкой"),
    DeliveryFault.REDIRECTED: Text(en="answered with a redirect", ru="ответил перенаправлением"),
    DeliveryFault.GONE: Text(en="answered: gone for good", ru="ответил: больше не нужен"),
    DeliveryFault.PRIVATE_ADDRESS: Text(en="its address is private", ru="адрес во внутренней сети"),
    DeliveryFault.PLAIN_HTTP: Text(en="http, without encryption", ru="http, без шифрования"),
    DeliveryFault.NO_ADDRESS: Text(en="its name has no address", ru="у имени нет адреса"),
    DeliveryFault.UNREACHABLE: Text(en="no connection", ru="нет соединения"),
    DeliveryFault.TLS: Text(en="its certificate does not hold", ru="сертификат не подходит"),
    DeliveryFault.LATE: Text(en="no answer in time", ru="не ответил вовремя"),
    DeliveryFault.DROPPED: Text(en="the connection was lost", ru="соединение оборвалось"),
    DeliveryFault.NONSENSE: Text(en="its answer is no HTTP", ru="ответ не похож на HTTP"),
    DeliveryFault.UNSIGNED: Text(en="no secret was made", ru="нет секрета"),
    DeliveryFault.UNCONFIGURED: Text(en="its URL cannot be read", ru="URL не прочитать"),
}
BECAUSE: Final[Mapping[DisabledBecause, Text]] = {
    DisabledBecause.FAILING: Text(en="off: it kept failing", ru="выключен: не отвечал"),
    DisabledBecause.GONE: Text(en="off: it wants nothing more", ru="выключен: больше не нужен"),
    DisabledBecause.HAND: Text(en="off: by hand", ru="выключен вручную"),
}
UNSIGNED: Final = Text(en="no secret yet", ru="ещё нет секрета")
FAILING: Final = Text(en="failing, is tried again", ru="сбоит, повторяем")
WORKS: Final = Text(en="works", ru="работает")
TROUBLE: Final = Text(en="the journal cannot be read", ru="журнал не прочитать")
TAKEN: Final = Text(en="taken", ru="принято")


class EndpointView(NamedTuple):
    """What is shown of one endpoint."""

    endpoint: WebhookEndpoint
    shown: str
    """Scheme and host."""
    signed: bool
    disabled: DisabledEndpoint | None
    behind: int


def webhooks_panel(views: Sequence[EndpointView]) -> Panel:
    """What a page shows of them."""
    first = views[0].endpoint.name if views else ""
    name = FormField("endpoint", Text(en="Endpoint", ru="Получатель"))
    return Panel(
        title=Text(en="Webhooks", ru="Вебхуки"),
        tables=(
            PanelTable(
                title=Text(en="Endpoints", ru="Получатели"),
                columns=(
                    Text(en="Name", ru="Имя"),
                    Text(en="State", ru="Состояние"),
                    Text(en="Events behind", ru="Отстаёт на событий"),
                    Text(en="Last failure", ru="Последний сбой"),
                    Text(en="Where", ru="Куда"),
                ),
                rows=tuple(_row(view) for view in views),
            ),
            PanelTable(
                title=Text(en="Last deliveries", ru="Последние отправки"),
                columns=(
                    Text(en="When", ru="Когда"),
                    Text(en="Endpoint", ru="Получатель"),
                    Text(en="Result", ru="Итог"),
                    Text(en="Event", ru="Событие"),
                    Text(en="Number", ru="Номер"),
                    Text(en="Status", ru="Код"),
                ),
                rows=_deliveries(views),
            ),
        ),
        buttons=(
            PanelButton(
                label=Text(en="Send a test", ru="Отправить проверку"),
                command=SendTestWebhook(endpoint=first),
                form=(name,),
            ),
            PanelButton(
                label=Text(en="Go on", ru="Продолжить"),
                command=ResumeWebhook(endpoint=first),
                form=(
                    name,
                    FormField("fromNow", Text(en="Pass over what it has not got", ru="Пропустить неотправленное")),
                ),
            ),
            PanelButton(
                label=Text(en="Switch off", ru="Выключить"), command=DisableWebhook(endpoint=first), form=(name,)
            ),
            PanelButton(
                label=Text(en="Send an event again", ru="Отправить событие ещё раз"),
                command=RedeliverWebhook(endpoint=first, seq=0),
                form=(name, FormField("seq", Text(en="Number of the event", ru="Номер события"), blank=True)),
            ),
        )
        if views
        else (),
    )


def _row(view: EndpointView) -> tuple[Value, ...]:
    failure = view.endpoint.last_failure
    return (
        view.endpoint.name,
        _state(view),
        view.behind,
        _result(failure) if failure is not None else None,
        view.shown[:200],
    )


def _state(view: EndpointView) -> Text:
    if view.disabled is not None:
        return BECAUSE[view.disabled.reason]
    if view.endpoint.trouble is not None:
        return TROUBLE
    if not view.signed:
        return UNSIGNED
    return FAILING if view.endpoint.progress.failures else WORKS


def _deliveries(views: Sequence[EndpointView]) -> tuple[tuple[Value, ...], ...]:
    listed = [(one, view.endpoint.name) for view in views for one in view.endpoint.progress.deliveries]
    latest = sorted(listed, key=lambda pair: pair[0].at, reverse=True)[:LISTED]
    return tuple(
        (Moment(Millis(one.at)), name, _result(one), one.type[:200], one.seq or None, one.status)
        for one, name in latest
    )


def _result(delivery: DeliveryRecord) -> Text:
    return FAULTS[delivery.fault] if delivery.fault is not None else TAKEN
