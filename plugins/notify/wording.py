"""Alerts in words, in English and Russian: one by itself, or many in a digest. Links lead to the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from kernel.redaction import visible
from plugins.notify.alert import Alert
from plugins.notify.codes import NotifyReason

Language = Literal["en", "ru"]
LISTED: Final = 20
"""Alerts that a digest has one by one; the rest is counted."""

TITLES: Final[Mapping[NotifyReason, Mapping[Language, str]]] = {
    NotifyReason.NEEDS_PERSON: {"en": "A player waits for a person", "ru": "Игрок ждёт человека"},
    NotifyReason.DEAL_AGREED: {"en": "A deal is agreed", "ru": "Сделка согласована"},
    NotifyReason.BOT_STOPPED: {"en": "A bot has stopped for good", "ru": "Бот остановлен и сам не вернётся"},
    NotifyReason.CONTACT_PAUSED: {"en": "Contact with players is paused", "ru": "Контакты с игроками на паузе"},
    NotifyReason.JOURNAL_FAILING: {"en": "The journal cannot write", "ru": "Журнал не записывается"},
    NotifyReason.PLUGIN_QUARANTINED: {"en": "A plugin was switched off", "ru": "Плагин отключён из-за сбоев"},
    NotifyReason.WEBHOOK_DISABLED: {"en": "A webhook is disabled", "ru": "Вебхук выключен"},
}
WAITS: Final[Mapping[Language, str]] = {"en": "for {} min", "ru": "{} мин"}
EVENT: Final[Mapping[Language, str]] = {"en": "event {}", "ru": "событие {}"}
DIGEST: Final[Mapping[Language, str]] = {"en": "{} alerts", "ru": "Оповещений: {}"}
MORE: Final[Mapping[Language, str]] = {"en": "and {} more", "ru": "и ещё {}"}
TEST: Final[Mapping[Language, tuple[str, str]]] = {
    "en": ("Test", "Switchboard can reach you here."),
    "ru": ("Проверка", "Switchboard может сообщать вам сюда."),
}


class Notice(NamedTuple):
    """A title and a body, as they are sent."""

    title: str
    body: str


def notice_of(alert: Alert, language: Language, public_url: str | None) -> Notice:
    """One alert by itself."""
    return Notice(f"Switchboard: {TITLES[alert.reason][language]}", _line(alert, language, public_url) or "—")


def digest_of(alerts: Sequence[Alert], dropped: int, language: Language, public_url: str | None) -> Notice:
    """Many at once, what matters most first; `dropped`: those that were too many to be kept."""
    ordered = sorted(alerts, key=lambda alert: -alert.severity.rank)
    counted = Counter(alert.reason for alert in ordered)
    lines = [f"{TITLES[reason][language]}: {times}" for reason, times in counted.items()]
    lines += [
        f"- {TITLES[alert.reason][language]}: {_line(alert, language, public_url)}".removesuffix(": ")
        for alert in ordered[:LISTED]
    ]
    if (rest := len(alerts) - LISTED + dropped if len(alerts) > LISTED else dropped) > 0:
        lines.append(MORE[language].format(rest))
    return Notice(f"Switchboard: {DIGEST[language].format(len(alerts) + dropped)}", "\n".join(lines))


def trial_notice(language: Language) -> Notice:
    """One that tells nothing."""
    title, body = TEST[language]
    return Notice(f"Switchboard: {title}", body)


def link(alert: Alert, public_url: str | None) -> str | None:
    """Where on the page it is."""
    if public_url is None:
        return None
    base = public_url.rstrip("/")
    if alert.chat_id is not None:
        return f"{base}/chats/{alert.chat_id}"
    if alert.task_id is not None:
        return f"{base}/tasks/{alert.task_id}"
    return f"{base}/bots/{alert.bot_id}" if alert.bot_id is not None else base


def _line(alert: Alert, language: Language, public_url: str | None) -> str:
    parts = [
        alert.item,
        alert.price,
        alert.name,
        WAITS[language].format(alert.minutes) if alert.minutes is not None else None,
        f"“{alert.words}”" if alert.words else None,
        link(alert, public_url) or alert.chat_id or alert.task_id or alert.bot_id,
        EVENT[language].format(alert.seq) if alert.seq else None,
    ]
    return ", ".join(visible(part) for part in parts if part)
