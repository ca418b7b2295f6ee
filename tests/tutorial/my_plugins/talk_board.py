"""Shows on the page who writes most, with a button to count anew."""

from __future__ import annotations

from collections import Counter

from kernel.commands import Command
from kernel.events import ChatMessageReceived, Envelope
from kernel.hookspecs import hookimpl
from kernel.panels import Panel, PanelButton, PanelField, PanelTable, Text
from kernel.plugin import Plugin, PluginConfig
from kernel.roles import Role

LINES = Text(en="Lines", ru="Строк")


class CountAnew(Command[None], frozen=True, kw_only=True):
    """Forget what was counted."""

    role = Role.OPERATOR


class TalkBoard(Plugin[PluginConfig]):
    async def start(self) -> None:
        self.lines: Counter[str] = Counter()
        self.ctx.subscribe(ChatMessageReceived, self.count)
        self.ctx.handle(CountAnew, lambda _: self.lines.clear())

    def count(self, _: Envelope, event: ChatMessageReceived) -> None:
        self.lines[self.ctx.state.chats[event.chat_id].player] += 1

    @hookimpl
    def panel(self) -> Panel:
        most = PanelTable(
            title=Text(en="Who writes most", ru="Кто пишет больше всех"),
            columns=(Text(en="Player", ru="Игрок"), LINES),
            rows=tuple(self.lines.most_common(5)),
        )
        anew = PanelButton(label=Text(en="Count anew", ru="Считать заново"), command=CountAnew())
        title, total = Text(en="Talk", ru="Разговоры"), PanelField(LINES, self.lines.total())
        return Panel(title=title, fields=(total,), tables=(most,), buttons=(anew,))
