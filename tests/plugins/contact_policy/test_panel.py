"""What the page shows of the policy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from kernel.clock import HOUR, MINUTE, Millis
from kernel.commands import AddDoNotContact, PauseContact, ResumeContact
from kernel.events import PlayerArchived
from kernel.panels import Moment, ShownPanel, Text
from kernel.state import State
from plugins.contact_policy.config import ContactPolicyConfig
from plugins.contact_policy.panel import AT_ONCE, PAUSED, REASONS, policy_panel
from tests.plugins.contact_policy.scene import Scene, scene


async def shown(it: Scene) -> ShownPanel:
    (panel,) = [panel for panel in it.world.ctx.hooks.panels() if panel.plugin == "contact_policy"]
    read = await panel.read()
    assert read is not None
    return read


async def test_the_panel_tells_what_the_fleets_hour_leaves() -> None:
    async with scene({"invites_per_hour": 2}) as it:
        begun = it.world.clock.now()
        for _ in range(2):
            assert (await shown(it)).fields[2].value == Text(en="at once", ru="сразу")
            task = it.task(it.world.player(), it.world.add_bot())
            await it.world.execute(it.request_invite(task), actor="plugin:invites")
            await it.world.clock.advance(MINUTE)

        assert [field.value for field in (await shown(it)).fields[:3]] == [2, 2, Moment(Millis(begun + HOUR))]


async def test_while_contact_is_paused_the_panel_does_not_say_that_an_invite_may_leave() -> None:
    async with scene() as it:
        await it.world.execute(PauseContact(), actor="operator:anna")
        assert (await shown(it)).fields[2].value == PAUSED

        await it.world.execute(ResumeContact(), actor="operator:anna")
        assert (await shown(it)).fields[2].value == AT_ONCE


async def test_however_many_players_are_left_alone_the_panel_looks_at_none_of_them() -> None:
    async with scene() as it:
        for _ in range(3):
            await it.world.execute(AddDoNotContact(player=it.world.player()), actor="operator:anna")
        state = it.world.state
        first, *_ = state.players
        it.world.ctx.publish(PlayerArchived(players=(first,)))
        counted = SimpleNamespace(left_alone_by_reason=state.remembered.left_alone_by_reason)
        without_players = cast(State, SimpleNamespace(index=state.index, contact=state.contact, remembered=counted))
        (table,) = policy_panel(without_players, ContactPolicyConfig(), it.world.clock.now()).tables

        assert table.rows == ((REASONS["operator"], 3),)


async def test_the_panel_counts_why_players_are_left_alone() -> None:
    async with scene() as it:
        for _ in range(2):
            _, chat = it.deal(it.world.player(), it.world.add_bot())
            it.hear(chat, "stop")
        await it.world.execute(AddDoNotContact(player=it.world.player()), actor="operator:anna")

        (table,) = (await shown(it)).tables
        assert [count for _, count in table.rows] == [2, 1]
        assert table.rows[0][0] == REASONS["saidStop"]
