"""Live cards: the HTML of a thing, redrawn as the stream tells of it, with the buttons that fit its state.

Made of ipywidgets' stock HTML, buttons and text field. No JavaScript of our own: what is shown is the same HTML as
everywhere, a press is tested without a browser, and every front end that has Jupyter widgets shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from kernel.commands import (
    Command,
    DisablePlugin,
    DismissPlugin,
    DisposeTask,
    EnablePlugin,
    PauseContact,
    ReconnectBot,
    ReloadPlugin,
    ResumeContact,
    SendMessage,
    ToggleAgent,
)
from kernel.rows import Bot, BotStatus, Chat, PluginRow, PluginStatus, Row, Task
from kernel.state import State
from switchboard import html, requests, text
from switchboard.errors import need
from switchboard.link import News, ServerLink
from switchboard.view import Fleet


class CardButton(NamedTuple):
    """A button: what it says, the command that a press gives, and whether it sends what stands in the text field."""

    label: str
    command: Callable[[str], Command[Any]]
    writes: bool = False


class Card:
    """One thing, live. Shows itself as the last value of a cell; `close()` lets it stand still."""

    def __init__(self, link: ServerLink, actor: str, table: str | None, key: str) -> None:
        """`table` and `key` name a row; without a table it is the fleet."""
        widgets = need("ipywidgets", "A live card", "notebook")
        self._link = link
        self._actor = actor
        self._table, self._key = table, key
        self._row: Any = None
        self._open = True
        self._acts: list[CardButton] = []
        self.body = widgets.HTML()
        self.field = widgets.Textarea(placeholder="what to say", rows=2)
        self.field.layout.width = "32em"
        self.buttons = widgets.HBox()
        self.note = widgets.HTML()
        """What became of the last press."""
        self.widget = widgets.VBox([self.body, self.buttons, self.note])
        self.widget.card = self  # the card lives as long as it is shown, whoever else forgets it
        self._button = widgets.Button
        self._draw()
        link.watch(self.see)

    def press(self, label: str) -> None:
        """As a click on the button of that label; what comes of it is told in `note`. Raises KeyError."""
        for act in self._acts:
            if act.label == label:
                self._give(act)
                return
        raise KeyError(f"there is no button {label!r} here just now; there are: {[act.label for act in self._acts]}")

    def see(self, news: News) -> None:
        """The state has changed. Called in the link's thread, which widgets allow."""
        if self._open:
            self._draw()

    def close(self) -> None:
        """Stay as it is from now on."""
        self._open = False

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    def __repr__(self) -> str:
        return text.fleet(self._link.state) if self._table is None else text.row(self._row)

    def _draw(self) -> None:
        state = self._link.state
        row = state.table(self._table).get(self._key) if self._table is not None else None
        if row is None and self._table is not None:
            self.body.value = html.page(f"There is no {self._key} any more.")
            self._arrange([])
            return
        if row is not self._row or self._table is None:
            self._row = row
            shown = html.fleet(state) if row is None else html.row(row)
            if shown != self.body.value:
                self.body.value = shown
        self._arrange(acts(row, state, self._actor))

    def _arrange(self, wanted: Sequence[CardButton]) -> None:
        before = [act.label for act in self._acts]
        self._acts = list(wanted)
        if [act.label for act in wanted] == before:
            return  # a field that somebody types in is left alone
        children: list[Any] = []
        for act in wanted:
            if act.writes:
                children.append(self.field)
            button = self._button(description=act.label)
            button.on_click(lambda _, label=act.label: self.press(label))
            children.append(button)
        self.buttons.children = children

    def _give(self, act: CardButton) -> None:
        words = self.field.value
        self.note.value = html.page("…", card=False)
        try:
            command = act.command(words)
        except ValueError as error:
            self.note.value = html.verdict(False, str(error))
            return
        giving = self._link.submit(requests.give(self._link, self._link.unanswered.begin(command, None)))
        giving.add_done_callback(lambda given: self._tell(act, given))

    def _tell(self, act: CardButton, given: Future[str | None]) -> None:
        error = None if given.cancelled() else given.exception()
        if error is not None:
            self.note.value = html.verdict(False, str(error))
            return
        if act.writes:
            self.field.value = ""
        self.note.value = html.verdict(True, f"{act.label}: done")


def acts(row: Row | None, state: State, actor: str) -> list[CardButton]:
    """What can be done with a thing as it stands; None is the fleet."""
    if row is None:
        if state.contact.paused:
            return [CardButton("Resume contact", lambda _: ResumeContact())]
        return [CardButton("Pause contact", lambda _: PauseContact())]
    if isinstance(row, Chat):
        return _of_chat(row, actor)
    if isinstance(row, Task) and row.is_open:
        return [CardButton("Dispose", lambda _: DisposeTask(task_id=row.id))]
    if isinstance(row, Bot) and row.status in {BotStatus.DISCONNECTED, BotStatus.AUTH_FAILED}:
        return [CardButton("Reconnect", lambda _: ReconnectBot(bot_id=row.id))]
    if isinstance(row, PluginRow):
        return _of_plugin(row)
    return []


def _of_chat(chat: Chat, actor: str) -> list[CardButton]:
    if not chat.is_open:
        return []
    send = CardButton("Send", lambda words: SendMessage(chat_id=chat.id, text=words), writes=True)
    if chat.agent_enabled or chat.owner is None:
        return [send, CardButton("Take over", lambda _: ToggleAgent(chat_id=chat.id, enabled=False))]
    back = [CardButton("Give back", lambda _: ToggleAgent(chat_id=chat.id, enabled=True))] if chat.task_id else []
    if chat.owner == actor:
        return [send, *back]
    owner = chat.owner
    take = CardButton(f"Take from {owner}", lambda _: ToggleAgent(chat_id=chat.id, enabled=False, take_from=owner))
    return [send, take, *back]


def _of_plugin(plugin: PluginRow) -> list[CardButton]:
    if plugin.status is PluginStatus.RUNNING:
        reload = CardButton("Reload", lambda _: ReloadPlugin(name=plugin.name))
        return [reload] if plugin.fixed else [reload, CardButton("Disable", lambda _: DisablePlugin(name=plugin.name))]
    enable = CardButton("Enable", lambda _: EnablePlugin(name=plugin.name))
    return [enable, CardButton("Dismiss", lambda _: DismissPlugin(name=plugin.name))]


def place_of(thing: Row | Fleet | str | None) -> tuple[str | None, str]:
    """The table and the key of what is to be shown. Raises TypeError for what has no card."""
    if thing is None or isinstance(thing, Fleet):
        return None, ""
    for table in State().tables:
        if isinstance(thing, table.row_type):
            return table.name, getattr(thing, table.key_field)
    if isinstance(thing, str):
        prefixes = {"bot": "bots", "task": "tasks", "chat": "chats"}
        return prefixes.get(thing.partition("_")[0] if "_" in thing else "", "plugins"), thing
    raise TypeError(f"there is no card of a {type(thing).__name__}; give a row, an id, a plugin's name, or nothing")
