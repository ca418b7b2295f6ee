"""The panel of this plugin: its targets, how they stand, and a button to send a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from kernel.clock import Millis
from kernel.panels import FormField, Moment, Panel, PanelButton, PanelField, PanelTable, Text
from plugins.notify.codes import SendFault
from plugins.notify.commands import SendTestNotification

FAULTS: Final[Mapping[SendFault, Text]] = {
    SendFault.REFUSED: Text(en="the service did not take it", ru="сервис не принял"),
    SendFault.LATE: Text(en="no answer in time", ru="не ответил вовремя"),
    SendFault.INVALID_URL: Text(en="its URL cannot be read", ru="URL не прочитать"),
    SendFault.NOT_HTTP: Text(en="it is not reached over HTTP", ru="работает не по HTTP"),
    SendFault.PRIVATE_ADDRESS: Text(en="its address is private", ru="адрес во внутренней сети"),
    SendFault.BROKEN: Text(en="sending does not work here", ru="отправка здесь не работает"),
}
WORKS: Final = Text(en="works", ru="работает")
FAILING: Final = Text(en="failing, is tried again", ru="сбоит, повторяем")
YES: Final = Text(en="yes", ru="да")
NO: Final = Text(en="no", ru="нет")


class TargetView(NamedTuple):
    """What is shown of one target."""

    name: str
    failures: int
    pending: int
    sent_at: Millis | None
    fault: SendFault | None
    failed_at: Millis | None


def notify_panel(views: Sequence[TargetView], *, quiet: bool) -> Panel:
    """What a page shows of them. `quiet`: these are quiet hours."""
    return Panel(
        title=Text(en="Notifications", ru="Оповещения"),
        fields=(PanelField(Text(en="Quiet hours now", ru="Сейчас тихие часы"), YES if quiet else NO),),
        tables=(
            PanelTable(
                title=Text(en="Targets", ru="Получатели"),
                columns=(
                    Text(en="Name", ru="Имя"),
                    Text(en="State", ru="Состояние"),
                    Text(en="Waiting alerts", ru="Ждут отправки"),
                    Text(en="Last sent", ru="Последняя отправка"),
                    Text(en="Last failure", ru="Последний сбой"),
                    Text(en="When", ru="Когда"),
                ),
                rows=tuple(
                    (
                        view.name,
                        FAILING if view.failures else WORKS,
                        view.pending,
                        Moment(view.sent_at) if view.sent_at is not None else None,
                        FAULTS[view.fault] if view.fault is not None else None,
                        Moment(view.failed_at) if view.failed_at is not None else None,
                    )
                    for view in views
                ),
            ),
        ),
        buttons=(
            PanelButton(
                label=Text(en="Send a test", ru="Отправить проверку"),
                command=SendTestNotification(target=views[0].name),
                form=(FormField("target", Text(en="Target", ru="Получатель")),),
            ),
        )
        if views
        else (),
    )
