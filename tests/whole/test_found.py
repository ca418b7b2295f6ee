"""What was found by drawn histories, each as it was when it had become short. None of them breaks a rule any more."""

from __future__ import annotations

import pytest

from plugins.steam_sim.temperament import Temperament
from tests.whole import steps as s
from tests.whole.process import PLUGINS
from tests.whole.runner import run
from tests.whole.steps import History
from tests.whole.switches import SWITCHED_OFF

FOUND = {
    "a_bot_is_removed_while_the_disk_is_full": History(
        bots=1,
        players=(Temperament.EAGER,),
        steps=(s.AddBot(), s.Disk(during=60.0), s.RemoveBot()),
    ),
    "contact_is_paused_and_resumed_at_the_same_moment": History(
        bots=1,
        players=(Temperament.EAGER,),
        steps=(s.AddBot(), s.Create(), s.Pause(then=0.0), s.Resume()),
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_once_breaks_no_rule_any_more(name: str) -> None:
    result = run(FOUND[name], frozenset(SWITCHED_OFF))

    assert result.findings == [], str(result)


@pytest.mark.parametrize("plugin", [name for name in PLUGINS if name != "journal"])
def test_whatever_plugin_is_reloaded_what_waits_goes_on(plugin: str) -> None:
    """Reloaded, fleet signed in nobody any more, and assigner and invites let wait what waited."""
    result = run(
        History(
            bots=1,
            players=(Temperament.EAGER, Temperament.EAGER),
            steps=(
                s.Reload(plugin=plugin),
                s.AddBot(),
                s.Reload(plugin=plugin),
                s.Create(),
                s.Create(player=1),
                s.Reload(plugin=plugin),
            ),
        ),
        frozenset(SWITCHED_OFF),
    )

    assert result.findings == [], str(result)
    assert all(task.chat_id is not None for task in result.evidence.state.tasks.values()), str(result)
