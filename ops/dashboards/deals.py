"""Do tasks get through, and where do they stand still?"""

from __future__ import annotations

from ops.dashboards.panels import Board, Chart, Number, Query, Section, Unit
from ops.dashboards.promql import HOUR, MINUTE, quantile, rate

DEALS = Board(
    name="deals",
    title="deals",
    description="Tasks from creation to outcome, invites, and care for players.",
    sections=[
        Section(
            "Now",
            [
                Number(
                    title="Open tasks",
                    description="Tasks that have not come to an end.",
                    queries=(Query('sum(switchboard_tasks{status=~"created|assigned|invited|accepted"})'),),
                ),
                Number(
                    title="Waiting for a bot",
                    description="For how long the first task in line has had nobody to take it.",
                    queries=(Query("switchboard_task_wait_seconds"),),
                    unit=Unit.SECONDS,
                    warn_at=300,
                    bad_at=900,
                ),
                Number(
                    title="Invites in line",
                    description="Each bot sends at most one a minute.",
                    queries=(Query('switchboard_invites{status="queued"}'),),
                ),
                Number(
                    title="First invite in line",
                    description="For how long it has waited.",
                    queries=(Query("switchboard_invite_wait_seconds"),),
                    unit=Unit.SECONDS,
                    warn_at=3_600,
                    bad_at=7_200,
                ),
                Number(
                    title="Accepted of all invites",
                    description="Of those that ended in the last hour. Falling: players do not want what they get.",
                    queries=(Query("switchboard:invites_accepted:ratio_1h"),),
                    unit=Unit.SHARE,
                ),
                Number(
                    title="Left alone",
                    description="Players on the do-not-contact list.",
                    queries=(Query("switchboard_players_do_not_contact"),),
                ),
            ],
        ),
        Section(
            "Tasks",
            [
                Chart(
                    title="Open tasks by status",
                    description="Where they stand.",
                    queries=(Query('switchboard_tasks{status=~"created|assigned|invited|accepted"}', "{{status}}"),),
                    stacked=True,
                ),
                Chart(
                    title="The oldest task in each status",
                    description="A line that climbs without end is where tasks stand still.",
                    queries=(Query("switchboard_task_oldest_seconds", "{{status}}"),),
                    unit=Unit.SECONDS,
                ),
                Chart(
                    title="Tasks that ended, an hour",
                    description="By how they ended.",
                    queries=(
                        Query(
                            rate("switchboard_task_seconds_count", by="status", per=HOUR),
                            "{{status}}",
                        ),
                    ),
                    stacked=True,
                ),
                Chart(
                    title="From creation to the end",
                    description="Half of the tasks take no longer, by how they end.",
                    queries=(
                        Query(
                            quantile(0.5, "switchboard_task_seconds", by="status", window="1h"),
                            "{{status}}",
                        ),
                    ),
                    unit=Unit.SECONDS,
                    width=12,
                ),
                Chart(
                    title="Deals, an hour",
                    description="What was recorded of deals: agreed, traded, settled, reversed, fell through, undone.",
                    queries=(Query(rate("switchboard_deals_total", by="stage", per=HOUR), "{{stage}}"),),
                    stacked=True,
                    width=24,
                ),
                Chart(
                    title="Dialogues that ended, an hour",
                    description="By outcome and the code of its reason.",
                    queries=(
                        Query(
                            rate("switchboard_dialogues_completed_total", by="outcome, reason", per=HOUR),
                            "{{outcome}}: {{reason}}",
                        ),
                    ),
                    stacked=True,
                    width=12,
                ),
            ],
        ),
        Section(
            "Invites",
            [
                Chart(
                    title="Invites a minute, by Steam's answer",
                    description="The whole fleet, refusals too; `[contact_policy] invites_per_hour` is the limit.",
                    queries=(
                        Query(
                            rate("switchboard_invite_attempts_total", by="result", per=MINUTE),
                            "{{result}}",
                        ),
                    ),
                    stacked=True,
                    unit=Unit.PER_MINUTE,
                ),
                Chart(
                    title="Invites under way",
                    description="In line, on their way to Steam, and waiting for the player.",
                    queries=(Query("switchboard_invites", "{{status}}"),),
                    stacked=True,
                ),
                Chart(
                    title="Invites that ended, an hour",
                    description="Accepted, friends already, or the code of why not.",
                    queries=(
                        Query(
                            rate("switchboard_invites_ended_total", by="result", per=HOUR),
                            "{{result}}",
                        ),
                    ),
                    stacked=True,
                ),
            ],
        ),
    ],
)
