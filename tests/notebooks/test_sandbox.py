"""A sandbox is a whole system of one's own, which goes without a trace."""

from __future__ import annotations

import pytest

import switchboard


@pytest.mark.slow
def test_a_sandbox_runs_under_the_notebooks_name_takes_deals_and_leaves_nothing_behind() -> None:
    with switchboard.Sandbox(bots=1, players=2, name="ben") as box:
        with switchboard.connect_sync(box.url, box.token) as sb:
            assert sb.actor == "notebook:ben"
            sb.wait(lambda: sb.bots.filter(status="connected"), timeout=60)
            player = box.players[0]
            task_id = sb.create_task(player.steam_id64, "AK-47 | Redline", "10.00", "12.50", "USD", player.language)
            sb.wait(lambda: not sb.tasks[task_id].is_open, timeout=60)
            last = sb.seq
        assert switchboard.Journal(box.data).at().seq >= last
        assert box.token not in repr(box)
    assert not box.data.exists()
    assert "has ended" in repr(box)


def test_a_sandbox_that_does_not_start_says_why() -> None:
    with pytest.raises(switchboard.Unreachable, match="no_such_agent"):
        switchboard.Sandbox(agent="no_such_agent")
