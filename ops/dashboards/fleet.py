"""Are the bots online, and if not, why?"""

from __future__ import annotations

from ops.dashboards.panels import Board, Chart, Number, Query, Section, Unit
from ops.dashboards.promql import MINUTE, or_none, quantile, rate

FLEET = Board(
    name="fleet",
    title="fleet",
    description="Bots, their sign-ins and their proxies.",
    sections=[
        Section(
            "Now",
            [
                Number(
                    title="Online",
                    description="Bots that are usable: signed in, and their friends known.",
                    queries=(Query('switchboard_bots{status="connected"}'),),
                ),
                Number(
                    title="Signing in",
                    description="Bots whose turn it is.",
                    queries=(Query('switchboard_bots{status="connecting"}'),),
                ),
                Number(
                    title="Off",
                    description="Waiting for their turn or for another try, those beyond the online limit too.",
                    queries=(Query('switchboard_bots{status="disconnected"}'),),
                ),
                Number(
                    title="Need a person",
                    description="Steam does not let them in, and another try would not help: the list says what would.",
                    queries=(Query('switchboard_bots{status="authFailed"}'),),
                    warn_at=1,
                    bad_at=5,
                ),
                Number(
                    title="Failing proxies",
                    description="Proxies that a bot cannot get out through. Its bot stays off: it never goes without.",
                    queries=(Query('switchboard_proxies{status="failing"}'),),
                    warn_at=1,
                    bad_at=5,
                ),
                Number(
                    title="Contact paused",
                    description="Whether somebody has paused everything that goes out to players.",
                    queries=(Query("switchboard_contact_paused"),),
                    unit=Unit.YES_NO,
                    warn_at=1,
                ),
            ],
        ),
        Section(
            "Bots",
            [
                Chart(
                    title="Bots by status",
                    description="All bots that are owned.",
                    queries=(Query("switchboard_bots", "{{status}}"),),
                    stacked=True,
                    width=12,
                ),
                Chart(
                    title="Why bots are not online",
                    description="By the code of the reason. The list of bots explains each in a sentence.",
                    queries=(
                        Query(
                            or_none('sum by (reason) (switchboard_bots_by_reason{status!="connected"})', "reason"),
                            "{{reason}}",
                        ),
                    ),
                    stacked=True,
                    width=12,
                ),
            ],
        ),
        Section(
            "Accounts",
            [
                Chart(
                    title="Accounts by standing",
                    description="What Steam holds against them. Limited accounts invite nobody; locked, disabled and "
                    "community-banned ones are stopped. The list of bots says which.",
                    queries=(Query("switchboard_bots_by_standing", "{{standing}}"),),
                    stacked=True,
                    width=12,
                ),
                Chart(
                    title="Accounts held",
                    description="From which Steam takes no invites, messages or trades for now: it has had too many, "
                    "or the account is limited.",
                    queries=(Query("switchboard_bots_held", "{{what}}"),),
                    width=12,
                ),
            ],
        ),
        Section(
            "Sign-ins and proxies",
            [
                Chart(
                    title="Sign-ins a minute, by result",
                    description="`ok`, or the code of why not.",
                    queries=(Query(rate("switchboard_sign_ins_total", by="result", per=MINUTE), "{{result}}"),),
                    unit=Unit.PER_MINUTE,
                ),
                Chart(
                    title="From a bot's turn to the bot online",
                    description="A bot has to be connected within 10 seconds of its turn.",
                    queries=(
                        Query(
                            quantile(0.5, "switchboard_sign_in_seconds"),
                            "half within",
                        ),
                        Query(
                            quantile(0.95, "switchboard_sign_in_seconds"),
                            "95 % within",
                        ),
                    ),
                    unit=Unit.SECONDS,
                ),
                Chart(
                    title="Proxies",
                    description="One a bot: up while it carries a session, failing, or not in use.",
                    queries=(Query("switchboard_proxies", "{{status}}"),),
                    stacked=True,
                ),
            ],
        ),
    ],
)
