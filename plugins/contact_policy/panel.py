"""The panel of this plugin: what the limits leave, and why players are left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from kernel.clock import HOUR, Millis
from kernel.codes import LeftAlone
from kernel.panels import Moment, Panel, PanelField, PanelTable, Text, Value
from kernel.state import State
from plugins.contact_policy.config import ContactPolicyConfig

REASONS: Final[Mapping[str, Text]] = {
    LeftAlone.SAID_STOP: Text(en="said stop", ru="попросили не писать"),
    LeftAlone.REMOVED_US: Text(en="removed the bot", ru="удалили бота из друзей"),
    LeftAlone.BLOCKED_US: Text(en="blocked the bot", ru="заблокировали бота"),
    LeftAlone.OPERATOR: Text(en="put on the list by hand", ru="внесены вручную"),
    LeftAlone.PROGRAM: Text(en="put on the list by a program", ru="внесены программой"),
}
OTHER: Final = Text(en="for another reason", ru="по другой причине")
AT_ONCE: Final = Text(en="at once", ru="сразу")
PAUSED: Final = Text(en="once contact is no longer paused", ru="когда контакты снимут с паузы")


def policy_panel(state: State, config: ContactPolicyConfig, now: Millis) -> Panel:
    """What a page shows of the fleet's limits and of the do-not-contact list at this moment."""
    lately = [at for at in state.contact.invites if at > now - HOUR]
    full = len(lately) >= config.invites_per_hour
    free: Value = Moment(Millis(lately[-config.invites_per_hour] + HOUR)) if full else AT_ONCE
    return Panel(
        title=Text(en="Care for players", ru="Забота об игроках"),
        fields=(
            PanelField(Text(en="Invites within the last hour", ru="Приглашений за последний час"), len(lately)),
            PanelField(
                Text(en="At most, of the whole fleet", ru="Самое большее, на всех ботов"), config.invites_per_hour
            ),
            PanelField(
                Text(en="The next one may leave", ru="Следующее можно отправить"),
                PAUSED if state.contact.paused else free,
            ),
            PanelField(
                Text(
                    en="Messages of programs without an answer, at most", ru="Сообщений программ без ответа, не больше"
                ),
                config.lines_unanswered,
            ),
            PanelField(
                Text(
                    en="Messages of programs in a chat and hour, at most",
                    ru="Сообщений программ в чате за час, не больше",
                ),
                config.lines_per_hour,
            ),
            PanelField(
                Text(en="Stop words that operators added", ru="Стоп-слов, добавленных операторами"),
                len(state.contact.stop_words),
            ),
        ),
        tables=(_left_alone(state),),
    )


def _left_alone(state: State) -> PanelTable:
    counted: Counter[Text] = Counter()
    for reason, players in (state.index.left_alone_by_reason + state.remembered.left_alone_by_reason).items():
        counted[REASONS.get(reason, OTHER)] += players
    rows: tuple[tuple[Value, ...], ...] = tuple(counted.most_common())
    return PanelTable(
        title=Text(en="Players who are left alone", ru="Игроки, которым не пишут"),
        columns=(Text(en="Why", ru="Почему"), Text(en="Players", ru="Игроков")),
        rows=rows,
    )
