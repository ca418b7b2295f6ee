"""Who talks with whom, and do players get answers?"""

from __future__ import annotations

from ops.dashboards.panels import Board, Chart, Number, Query, Section, Unit
from ops.dashboards.promql import HOUR, MINUTE, events, quantile, rare

CHATS = Board(
    name="chats",
    title="chats",
    description="Conversations, who leads them, and how long players wait.",
    sections=[
        Section(
            "Now",
            [
                Number(
                    title="Led by the agent",
                    description="Open chats in which the program writes.",
                    queries=(Query('switchboard_chats{state="open",driver="agent"}'),),
                    width=6,
                ),
                Number(
                    title="Led by an operator",
                    description="Open chats that somebody has taken over.",
                    queries=(Query('switchboard_chats{state="open",driver="operator"}'),),
                    width=6,
                ),
                Number(
                    title="Nine of ten answered within",
                    description="By anyone, over the last hour.",
                    queries=(
                        Query(
                            quantile(0.9, "switchboard_reply_seconds", window="1h"),
                        ),
                    ),
                    unit=Unit.SECONDS,
                    width=6,
                    warn_at=300,
                    bad_at=900,
                ),
                Number(
                    title="Operators' pages",
                    description="Event streams that are open: pages, notebooks, scripts.",
                    queries=(Query("switchboard_api_streams"),),
                    width=6,
                ),
            ],
        ),
        Section(
            "Messages",
            [
                Chart(
                    title="Messages a minute",
                    description="From players, and to them.",
                    queries=(
                        Query(
                            events("chat.messageReceived", per=MINUTE),
                            "received",
                        ),
                        Query(
                            events("chat.messageSent", per=MINUTE),
                            "sent",
                        ),
                    ),
                    unit=Unit.PER_MINUTE,
                ),
                Chart(
                    title="Messages that Steam did not take, an hour",
                    description="By code. Each is shown in its chat, and can be sent again there.",
                    queries=(
                        Query(
                            rare("switchboard_messages_failed_total", by="reason", per=HOUR),
                            "{{reason}}",
                        ),
                    ),
                    stacked=True,
                ),
                Chart(
                    title="Half of all players wait no longer than",
                    description="From their first unanswered line to the next of the bot, by who writes it.",
                    queries=(
                        Query(
                            quantile(0.5, "switchboard_reply_seconds", by="author", window="15m"),
                            "{{author}}",
                        ),
                    ),
                    unit=Unit.SECONDS,
                ),
            ],
        ),
        Section(
            "Leading",
            [
                Chart(
                    title="Open chats, by who leads them",
                    description="Agent or operator.",
                    queries=(Query('switchboard_chats{state="open"}', "{{driver}}"),),
                    stacked=True,
                ),
                Chart(
                    title="Changes of hands an hour",
                    description="Take-overs and give-backs.",
                    queries=(
                        Query(
                            events("chat.agentToggled", per=HOUR),
                            "changes",
                        ),
                    ),
                ),
                Chart(
                    title="Players who want to be left alone, an hour",
                    description="Said stop, removed or blocked the bot, or put on the list by an operator.",
                    queries=(
                        Query(
                            events("doNotContact.added", per=HOUR),
                            "players",
                        ),
                    ),
                ),
            ],
        ),
    ],
)
