"""The HTML form of everything. What is not marked as HTML is escaped, so no text of a player's can become markup.

Colours are mixed from the text's own, so that a card is readable on light and dark alike, whatever the theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from html import escape
from typing import Final

from msgspec import Struct

from kernel.events import Envelope
from kernel.rows import Bot, Chat, Delivery, Message, Sender, Task
from kernel.state import State
from switchboard import brief, text

STYLE: Final = """<style>
.swb{font:13px/1.45 system-ui,sans-serif;color:inherit;max-width:64em;text-align:left}
.swb *{box-sizing:border-box}
.swb-card{border:1px solid color-mix(in srgb,currentColor 22%,transparent);border-radius:8px;padding:10px 12px}
.swb-head{display:flex;gap:8px;align-items:baseline;flex-wrap:wrap;font-weight:600}
.swb-soft{opacity:.78;font-weight:400}
.swb-id{font-family:ui-monospace,monospace;font-size:12px}
.swb-status{display:inline-flex;gap:5px;align-items:center;font-weight:600;white-space:nowrap}
.swb-status::before{content:"";width:9px;height:9px;border-radius:50%;background:#8a8f98}
.swb-good::before{background:#2e9e5b}.swb-live::before{background:#3b82d0}
.swb-busy::before{background:#c98a00}.swb-bad::before{background:#d64545}
.swb table{border-collapse:collapse;margin:4px 0;color:inherit;font-size:inherit}
.swb th,.swb td{text-align:left;padding:3px 10px 3px 0;vertical-align:top;color:inherit;
border-bottom:1px solid color-mix(in srgb,currentColor 14%,transparent);overflow-wrap:break-word}
.swb tr{background:transparent!important}
.swb-lines{display:flex;flex-direction:column;gap:5px;margin-top:8px}
.swb-line{max-width:80%;padding:5px 9px;border-radius:8px;white-space:pre-wrap;overflow-wrap:anywhere;
background:color-mix(in srgb,currentColor 8%,transparent)}
.swb-bot{align-self:flex-end;background:color-mix(in srgb,#3b82d0 22%,transparent)}
.swb-by{display:block;font-size:11px;opacity:.78}
</style>"""


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, *children: str, of: str = "") -> Html:
    """An element of class `of`; children that are not Html are escaped."""
    inner = "".join(child if isinstance(child, Html) else escape(child) for child in children)
    attributes = f' class="{escape(of)}"' if of else ""
    return Html(f"<{name}{attributes}>{inner}</{name}>")


def page(*children: str, card: bool = True) -> str:
    """A whole output: the style and the children, in a card of their own."""
    return STYLE + tag("div", *children, of="swb swb-card" if card else "swb")


def status(value: str) -> Html:
    """A status with its colour."""
    return tag("span", value, of=f"swb-status swb-{brief.TONES.get(value, 'off')}")


def table(name: str, rows: Sequence[Struct], row_type: type[Struct], most: int) -> str:
    """At most that many rows."""
    columns = brief.columns(row_type)
    head = tag("tr", *(tag("th", column.heading) for column in columns))
    body = [
        tag("tr", *(tag("td", status(c.value(row)) if c.status else c.value(row)) for c in columns))
        for row in rows[:most]
    ]
    title = tag("div", f"{len(rows)} {name}" if rows else f"no {name}", of="swb-head")
    more = [tag("div", f"… and {len(rows) - most} more", of="swb-soft")] if len(rows) > most else []
    return page(title, *([tag("table", head, *body)] if rows else []), *more, card=False)


@singledispatch
def row(thing: object) -> str:
    """One thing, whole, as a card."""
    if not isinstance(thing, Struct):
        return page(tag("pre", text.plain(str(thing))))
    return page(_facts({column.heading: column.value(thing) for column in brief.columns(type(thing))}))


@row.register
def _(bot: Bot) -> str:
    head = tag("div", "bot ", bot.label or bot.id, status(bot.status), of="swb-head")
    facts = {
        "because": brief.because(bot),
        "account": bot.steam_id64,
        "proxy": bot.proxy_url,
        "last seen": brief.when(bot.last_seen),
        "tries again": brief.when(bot.retry_at),
        "id": bot.id,
    }
    return page(head, _facts(facts))


@row.register
def _(task: Task) -> str:
    head = tag("div", task.item, status(task.status), tag("span", brief.prices(task), of="swb-soft"), of="swb-head")
    facts = {
        "because": brief.because(task),
        "player": task.player,
        "bot": task.assigned_bot_id or "not chosen yet",
        "chat": task.chat_id or "not begun yet",
        "made by": f"{task.created_by}, {brief.when(task.created_at)}",
        "waits until": brief.when(task.waiting_until),
        "id": task.id,
    }
    return page(head, _facts(facts))


@row.register
def _(chat: Chat) -> str:
    led = f"led by {brief.hands(chat)}"
    head = tag("div", "chat with ", chat.player, status(chat.status), tag("span", led, of="swb-soft"), of="swb-head")
    lines = tag("div", *map(_line, chat.messages), of="swb-lines")
    return page(head, tag("span", chat.id, of="swb-soft swb-id"), lines)


@row.register
def _(event: Envelope) -> str:
    fields = {name: getattr(event.payload, name) for name in type(event.payload).__struct_fields__}
    facts = {
        "when": f"{brief.when(event.ts)} UTC",
        "by": event.actor,
        "cause": "" if event.cause is None else str(event.cause),
        **{name: "" if value is None else str(value) for name, value in fields.items()},
    }
    return page(tag("div", f"{event.seq} ", event.kind, of="swb-head"), _facts(facts))


def fleet(state: State) -> str:
    """Everything at a glance."""
    rows = [tag("tr", tag("th", name), tag("td", *_tally(counted))) for name, counted in text.tallies(state).items()]
    paused = f"contact is paused by {state.contact.paused_by}" if state.contact.paused else "contact is open"
    head = tag("div", "fleet", status_of_contact(state.contact.paused, paused), of="swb-head")
    foot = tag("div", f"at event {state.seq}, {brief.when(state.ts)} UTC", of="swb-soft")
    return page(head, tag("table", *rows), foot)


def status_of_contact(paused: bool, words: str) -> Html:
    """Whether anything goes out, with its colour."""
    return tag("span", words, of=f"swb-status swb-{'bad' if paused else 'good'}")


def verdict(ok: bool, words: str) -> str:
    """What a dry run says."""
    return page(tag("span", words, of=f"swb-status swb-{'good' if ok else 'bad'}"), card=False)


def _tally(counted: dict[str, int]) -> list[str]:
    if not counted:
        return ["none"]
    parts: list[str] = []
    for name, count in counted.items():
        parts += [tag("span", f"{count} {name}", of=f"swb-status swb-{brief.TONES.get(name, 'live')}"), "  "]
    return parts


def _facts(facts: dict[str, str]) -> Html:
    return tag("table", *(tag("tr", tag("th", name), tag("td", value)) for name, value in facts.items() if value))


def _line(message: Message) -> Html:
    note = f", {message.delivery}" if message.delivery not in {None, Delivery.SENT} else ""
    why = f": {message.error}" if message.error else ""
    by = tag("span", f"{brief.writer(message)}, {brief.when(message.ts)[-8:]}{note}{why}", of="swb-by")
    side = "swb-line swb-bot" if message.sender is Sender.BOT else "swb-line"
    return tag("div", by, message.text, of=side)
