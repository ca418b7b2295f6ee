"""What was found by drawn histories, each as it was when it had become short. None of them breaks a rule any more."""

from __future__ import annotations

import pytest

from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import FaultKind
from plugins.steam_sim.temperament import Temperament
from tests.whole import steps as s
from tests.whole.agent import Temper
from tests.whole.disk import Mood
from tests.whole.process import PLUGINS
from tests.whole.runner import run
from tests.whole.steps import Deed, History
from tests.whole.switches import SWITCHED_OFF

AWAY = (
    s.AddBot(),
    s.Create(then=3.0),
    s.Player(then=10.0),
    s.Fault(kind=FaultKind.LOGON_RESULT, bot=0, during=1_000.0, then=0.0),
    s.Drop(then=20.0),
)
"""A player has been greeted, and then the bot goes off and cannot sign in."""
FOUND = {
    "a_bot_is_removed_while_the_disk_is_full": History(
        bots=1,
        players=(Temperament.EAGER,),
        steps=(s.AddBot(), s.Disk(during=60.0), s.RemoveBot()),
    ),
    "steam_refuses_an_invite_with_a_code_that_says_try_again": History(
        bots=1,
        players=(Temperament.NEVER,),
        steps=(s.AddBot(), s.Answer(), s.Create(then=300.0)),
    ),
    "the_fleets_hour_is_spent_on_invites_that_steam_refuses": History(
        bots=1,
        players=(Temperament.NEVER,),
        hour=2,
        steps=(s.AddBot(), s.Answer(with_=EResult.FAIL, during=1_800.0), s.Create(then=1_800.0)),
    ),
    "invites_of_the_fleets_hour_leave_late_because_the_disk_is_stalled": History(
        bots=1,
        players=(Temperament.NEVER,) * 3,
        hour=2,
        steps=(
            s.AddBot(),
            s.Disk(mood=Mood.STALLED),
            s.Answer(),
            s.Create(),
            s.Create(player=2),
            s.AllowInvite(then=61.0),
        ),
    ),
    "a_program_gets_its_chat_back_within_the_hour_in_which_it_wrote_too_much": History(
        bots=1,
        players=(Temperament.EAGER,),
        snapshot=20,
        steps=(s.AddBot(), s.Create(), s.Agent(then=900.0, temper=Temper.FLOODS, during=1_800.0), s.Toggle(on=True)),
    ),
    "a_refused_line_that_arrived_is_looked_for_after_the_clock_was_set": History(
        bots=1,
        players=(Temperament.HAGGLER,),
        steps=(
            s.AddBot(),
            s.Fault(kind=FaultKind.CHAT_LIES, late=25.0),
            s.Create(),
            s.Clock(during=300.0),
            s.Answer(then=30.0, with_=EResult.FAIL, times=5),
        ),
    ),
    "a_refused_line_that_arrived_is_looked_for_after_the_clock_was_put_back": History(
        bots=1,
        players=(Temperament.HAGGLER,),
        steps=(
            s.AddBot(),
            s.Fault(kind=FaultKind.CHAT_LIES, late=25.0),
            s.Create(),
            s.Clock(by=-86_400.0, during=300.0),
            s.Answer(then=30.0, with_=EResult.FAIL, times=5),
        ),
    ),
    "a_player_who_was_allowed_again_removes_a_bot_that_is_off_through_a_restart": History(
        bots=3,
        players=(Temperament.EAGER, Temperament.LATE),
        hour=2,
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.AddBot(bot=2),
            s.Create(then=3.0, player=1),
            s.Create(then=0.03),
            s.Player(then=8.0),
            s.LeaveAlone(then=0.03, by=1),
            s.Crash(then=0.0, passes=15, torn=100),
            s.Player(then=0.0, does=Deed.WRITE),
            s.Wait(then=30.0),
            s.AllowContact(),
            s.Create(then=0.05),
            s.Player(then=900.0, does=Deed.REMOVE),
        ),
    ),
    "an_invite_is_blocked_in_place_of_an_answer_and_the_player_talks_with_another_bot": History(
        bots=3,
        players=(Temperament.SILENT, Temperament.NEVER, Temperament.TALKATIVE, Temperament.NEVER),
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.AddBot(bot=2),
            s.Create(),
            s.Create(then=900.0, player=2),
            s.Create(then=3.0, player=1),
            s.Player(then=3.0, player=1),
            s.Dispose(player=1),
            s.Create(then=0.2, player=1),
            s.Player(then=0.03, player=1, does=Deed.BLOCK),
            s.Write(by=1, player=1, lines=3),
        ),
    ),
    "a_line_in_doubt_that_is_sent_again_is_let_go_by_a_full_chat": History(
        bots=1,
        players=(Temperament.EAGER,),
        hour=5,
        steps=(
            s.AddBot(),
            s.AllowContact(then=10.0, by=1),
            s.Create(then=3.0),
            s.Fault(then=0.0, kind=FaultKind.HISTORY_LAGS, during=1_800.0, late=600.0),
            s.Wait(then=200.0),
            s.Crash(then=0.0, passes=5, torn=50),
            s.Write(then=30.0, lines=45),
            s.Wait(then=200.0),
            s.Retry(then=0.03),
            s.Create(then=3.0),
            s.Toggle(then=0.03, by=1, on=True),
        ),
    ),
    "a_bot_is_logged_off_again_and_again_before_it_has_its_list": History(
        bots=3,
        players=(Temperament.EAGER, Temperament.TIRELESS, Temperament.HAGGLER),
        snapshot=20,
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.Create(player=2),
            s.Kill(then=200.0, down=0.0),
            s.Fault(kind=FaultKind.LOGGED_OFF, late=25.0),
            s.Create(then=0.2, player=2),
            s.Player(then=200.0, player=2, does=Deed.BLOCK),
        ),
    ),
    "a_player_writes_during_a_restart_after_the_clock_was_set": History(
        bots=1,
        players=(Temperament.TIRELESS,),
        steps=(s.AddBot(), s.Create(), s.Clock(then=30.0, during=0.0), s.Restart()),
    ),
    "a_player_writes_during_a_restart_after_the_clock_was_set_back": History(
        bots=1,
        players=(Temperament.TIRELESS,),
        steps=(s.AddBot(), s.Create(), s.Clock(by=-7_200.0, then=30.0, during=0.0), s.Restart()),
    ),
    "a_player_declines_before_steam_has_answered_the_invite": History(
        bots=1,
        players=(Temperament.DECLINER,),
        steps=(s.AddBot(), s.Fault(kind="late_answers"), s.Create(then=900.0), s.Create()),
    ),
    "a_bot_that_is_off_is_removed_and_its_player_given_to_another": History(
        players=(Temperament.NEVER, Temperament.NEVER),
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.Create(player=1),
            s.Create(),
            s.Drop(bot=1),
            s.RemoveBot(bot=1),
            s.Create(),
        ),
    ),
    "a_history_that_lags_does_not_show_a_line_whose_answer_was_lost": History(
        bots=1,
        players=(Temperament.EAGER,),
        steps=(
            s.AddBot(),
            s.Create(),
            s.Fault(kind="history_lags", during=1_800.0, late=600.0),
            s.Fault(kind="late_answers", then=900.0),
        ),
    ),
    "the_machines_clock_is_a_day_ahead_at_a_start_and_put_right": History(
        players=(Temperament.EAGER,),
        steps=(s.AddBot(), s.Clock(by=86_400.0, during=0.0), s.Restart(down=120.0), s.Create(then=30.0)),
    ),
    "an_id_is_asked_again_by_two_while_a_stalled_disk_loses_the_first": History(
        bots=1,
        steps=(
            s.AddBot(),
            s.Disk(mood=Mood.STALLED, during=300.0),
            s.RemoveBot(by=1),
            s.Restart(),
            s.RemoveBot(by=1),
            s.AskAgain(),
        ),
    ),
    "a_player_removes_a_bot_that_is_off_and_its_account_comes_back_as_another_bot": History(
        bots=1,
        players=(Temperament.NEVER,),
        steps=(*AWAY, s.Player(does=Deed.REMOVE), s.RemoveBot(), s.AddBot(), s.Create(then=61.0)),
    ),
    "a_player_says_stop_to_a_bot_that_is_off_and_its_account_comes_back_as_another_bot": History(
        bots=1,
        players=(Temperament.NEVER,),
        steps=(*AWAY, s.Player(does=Deed.STOP, then=900.0), s.RemoveBot(), s.AddBot(), s.Create(then=61.0)),
    ),
    "a_player_answers_while_a_program_has_said_the_half_of_what_it_has_to_say": History(
        bots=1,
        players=(Temperament.NEVER,),
        steps=(
            s.AddBot(),
            s.Agent(temper=Temper.FLOODS),
            s.Create(),
            s.Player(then=3.0),
            s.Player(does=Deed.WRITE, then=10.0),
            s.Wait(),
        ),
    ),
    "a_player_answers_in_the_very_second_in_which_a_programs_line_leaves": History(
        bots=1,
        players=(Temperament.REFUSER,),
        steps=(s.AddBot(), s.Agent(temper=Temper.FLOODS), s.Kill(), s.Create(then=61.0)),
    ),
    "a_plugin_is_reloaded_while_steam_takes_its_time_to_answer": History(
        bots=1,
        players=(Temperament.NEVER,),
        steps=(s.AddBot(), s.Create(), s.Player(), s.Fault(kind=FaultKind.LATE_ANSWERS), s.Write(), s.Reload()),
    ),
    "a_player_writes_to_a_bot_that_was_removed_and_added_again": History(
        bots=1,
        players=(Temperament.NEVER,),
        steps=(
            s.AddBot(),
            s.Create(then=3.0),
            s.Player(),
            s.Player(does=Deed.WRITE, then=10.0),
            s.RemoveBot(),
            s.AddBot(),
            s.Player(does=Deed.WRITE),
        ),
    ),
    "a_bots_block_is_over_by_a_wrong_clock_and_then_the_clock_is_right": History(
        bots=1,
        players=(Temperament.NEVER,),
        steps=(s.AddBot(), s.Answer(with_=EResult.LIMIT_EXCEEDED), s.Create(), s.Clock(), s.Kill()),
    ),
    "a_torn_write_keeps_a_task_and_loses_the_record_of_its_command": History(
        bots=1,
        players=(Temperament.NEVER, Temperament.NEVER, Temperament.LATE),
        steps=(s.AddBot(), s.Crash(torn=50), s.Create(player=2), s.Wait(then=900.0), s.AskAgain()),
    ),
    "steam_denies_and_delivers_a_line_and_its_history_lags": History(
        bots=1,
        players=(Temperament.NEVER,),
        steps=(
            s.AddBot(),
            s.Create(),
            s.Fault(kind=FaultKind.HISTORY_LAGS, during=1_800.0, late=600.0),
            s.Fault(kind=FaultKind.CHAT_LIES, during=1_800.0),
            s.Player(then=900.0),
        ),
    ),
    "a_person_says_again_what_an_agent_had_said_before": History(
        bots=1,
        players=(Temperament.EAGER,),
        steps=(s.AddBot(), s.Create(then=3.0), s.Write(), s.Toggle(on=True), s.Wait(then=61.0), s.Retry()),
    ),
    "a_player_declines_while_the_invite_is_being_taken_back": History(
        bots=1,
        players=(Temperament.NEVER,),
        steps=(s.AddBot(), s.Create(), s.Player(then=0.0, does=Deed.DECLINE), s.Dispose(), s.Create()),
    ),
    "a_person_allows_an_invite_beside_that_of_a_bot_that_was_removed": History(
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.Create(player=1),
            s.Create(),
            s.Fault(),
            s.RemoveBot(bot=1),
            s.AllowInvite(),
            s.Create(),
        ),
    ),
    "a_player_accepts_an_invite_that_was_left_behind_and_removes_the_bot": History(
        players=(Temperament.BLOCKER, Temperament.DECLINER, Temperament.LATE),
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.Create(),
            s.Create(player=2),
            s.Fault(bot=1, during=200.0),
            s.LeaveAlone(player=2),
            s.Create(then=30.0),
            s.AllowContact(then=200.0, player=2),
            s.Player(player=2, does=Deed.REMOVE),
            s.Create(player=2),
        ),
    ),
    "a_player_says_stop_to_a_session_that_ends_before_it_has_caught_up": History(
        bots=1,
        players=(Temperament.NEVER,),
        steps=(
            s.AddBot(),
            s.Create(),
            s.Player(),
            s.Fault(kind=FaultKind.HISTORY_LAGS, late=600.0),
            s.Drop(),
            s.Fault(kind=FaultKind.LATE_ANSWERS, times=1),
            s.Create(then=5.0),
            s.Player(then=900.0, does=Deed.STOP),
        ),
    ),
    "a_crash_cuts_off_a_stop_in_a_chat_that_is_closed": History(
        players=(Temperament.NEVER, Temperament.TIRELESS),
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.Create(then=200.0, player=1),
            s.Crash(passes=11, torn=50),
            s.Create(player=1),
            s.Player(player=1, does=Deed.STOP),
        ),
    ),
    "a_flood_of_which_steam_denies_and_hides_a_line_that_it_delivers": History(
        players=(Temperament.NEVER,),
        hour=2,
        steps=(
            s.AddBot(),
            s.Fault(kind=FaultKind.HISTORY_LAGS),
            s.Fault(kind=FaultKind.CHAT_LIES, times=1),
            s.Agent(temper=Temper.FLOODS),
            s.Create(),
            s.Player(then=900.0, lines=3),
        ),
    ),
    "players_whom_steam_refuses_come_again_before_one_who_has_had_no_try": History(
        bots=1,
        players=(Temperament.NEVER, Temperament.NEVER, Temperament.NEVER, Temperament.NEVER),
        hour=5,
        steps=(
            s.AddBot(),
            s.Create(),
            s.Answer(),
            s.Create(player=2),
            s.Create(player=1),
            s.Create(then=900.0, player=3),
        ),
    ),
    "a_person_allows_an_invite_before_one_that_was_left_behind_is_declined": History(
        bots=3,
        players=(Temperament.NEVER, Temperament.NEVER, Temperament.NEVER),
        hour=5,
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.AddBot(bot=2),
            s.Create(player=1),
            s.Create(),
            s.Fault(bot=1, during=1800.0),
            s.Drop(then=61.0, bot=1),
            s.RemoveBot(bot=1),
            s.Create(then=3.0, player=2),
            s.Player(then=61.0, player=2),
            s.Crash(then=0.0, passes=11, torn=100, down=0.0),
            s.Drop(then=0.0, bot=2),
            s.AllowInvite(),
            s.Create(then=5.0),
            s.Player(then=200.0, does=Deed.DECLINE),
        ),
    ),
    "steam_denies_a_line_that_it_delivers_to_a_run_that_began_under_a_wrong_clock": History(
        bots=1,
        players=(Temperament.EAGER,),
        steps=(s.AddBot(), s.Fault(kind=FaultKind.CHAT_LIES), s.Clock(during=0.0), s.Restart(), s.Create(then=30.0)),
    ),
    "steam_takes_none_of_an_accounts_messages_for_hours": History(
        bots=1,
        players=(Temperament.TIRELESS,),
        steps=(
            s.AddBot(),
            s.Create(),
            s.Answer(to=FaultKind.CHAT_RESULT, with_=EResult.COMMUNITY_COOLDOWN),
            s.Resume(then=200.0),
        ),
    ),
    "a_stop_in_a_session_that_never_catches_up": History(
        players=(Temperament.EAGER,),
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.Create(then=30.0),
            s.Dispose(),
            s.Fault(kind=FaultKind.LATE_ANSWERS, during=300.0, late=25.0),
            s.Create(),
            s.Restart(),
            s.Fault(kind=FaultKind.LATE_ANSWERS, late=25.0),
            s.Player(then=200.0, does=Deed.STOP),
        ),
    ),
    "a_person_allows_an_invite_after_a_friendship_that_nobody_heard_of": History(
        bots=1,
        players=(Temperament.NEVER, Temperament.HAGGLER),
        steps=(
            s.AddBot(),
            s.Crash(passes=3, down=20.0),
            s.Create(player=1),
            s.Player(player=1, does=Deed.REMOVE),
            s.AllowInvite(player=1),
            s.Create(player=1),
        ),
    ),
    "a_player_taken_off_the_list_while_the_bot_is_off_blocks_it": History(
        bots=3,
        players=(Temperament.STOPPER,),
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.AddBot(bot=2),
            s.Create(then=61.0),
            s.Kill(),
            s.Fault(),
            s.AllowContact(),
            s.Create(),
            s.Player(does=Deed.BLOCK),
        ),
    ),
    "a_player_taken_off_the_list_while_the_bot_is_off_removes_it": History(
        bots=1,
        players=(Temperament.TIRELESS, Temperament.NEVER, Temperament.REFUSER, Temperament.EAGER),
        steps=(
            s.AddBot(),
            s.Create(player=1),
            s.Player(player=1),
            s.Fault(),
            s.Drop(),
            s.Crash(then=0.0, passes=10, torn=50),
            s.LeaveAlone(then=3.0, player=1),
            s.AllowContact(player=1),
            s.Create(player=1),
            s.Player(then=0.03, player=1, does=Deed.REMOVE),
        ),
    ),
    "a_chat_ends_while_what_a_person_wrote_in_it_waits_for_the_agents_line": History(
        bots=1,
        steps=(
            s.AddBot(),
            s.Create(player=1),
            s.Fault(kind=FaultKind.LATE_ANSWERS),
            s.Player(then=8.0, player=1),
            s.Write(player=1),
            s.Dispose(player=1),
            s.Create(player=1),
        ),
    ),
    "a_session_dies_before_it_has_its_list_of_friends": History(
        players=(Temperament.HAGGLER,),
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.Create(then=0.2),
            s.Pause(then=0.0, by=1, named=False),
            s.Create(then=900.0),
            s.Fault(then=0.2, kind=FaultKind.STALL, during=300.0, late=25.0),
            s.AllowContact(),
            s.Create(then=0.05),
            s.Player(then=61.0, does=Deed.DECLINE),
            s.Disk(then=61.0, mood=Mood.STALLED, during=5.0),
            s.Crash(then=0.0, passes=9, down=120.0),
            s.Dispose(),
            s.Create(then=0.2),
            s.Player(then=0.2, does=Deed.REMOVE),
            s.Crash(then=0.0, passes=12, torn=100, down=0.0),
        ),
    ),
    "a_run_without_a_disk_hears_of_a_removal_and_is_killed": History(
        players=(Temperament.SKEPTIC,),
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.Create(then=10.0),
            s.Fault(kind=FaultKind.LATE_ANSWERS, during=5.0, late=25.0),
            s.Create(then=5.0),
            s.Player(then=900.0, does=Deed.DECLINE),
            s.Dispose(),
            s.Create(then=30.0),
            s.Create(then=3.0),
            s.Player(then=0.03),
            s.Disk(during=1800.0),
            s.Write(then=5.0, lines=3),
            s.Wait(then=10.0),
            s.Player(then=0.2, does=Deed.REMOVE, bot=1),
            s.Agent(then=0.2, temper=Temper.WELL, during=1800.0),
            s.Kill(),
            s.Disk(during=1800.0),
            s.Write(then=5.0, lines=3),
            s.Wait(then=10.0),
            s.Create(then=3.0),
            s.Player(then=3.0),
        ),
    ),
    "a_line_from_before_the_clock_was_set_leaves_after_it": History(
        bots=1,
        players=(Temperament.EAGER,),
        steps=(s.AddBot(), s.Create(), s.Clock(during=0.0), s.Kill(), s.Agent(then=200.0, temper=Temper.FLOODS)),
    ),
    "an_invite_is_in_doubt_with_a_bot_whose_account_is_disabled": History(
        players=(Temperament.NEVER,),
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.Fault(kind=FaultKind.LOGGED_OFF, with_=EResult.ACCOUNT_DISABLED),
            s.Create(),
        ),
    ),
    "steam_shows_an_invite_that_it_refuses_and_whose_task_has_ended_meanwhile": History(
        players=(Temperament.NEVER,),
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.Fault(kind=FaultKind.INVITE_LIES),
            s.Create(then=0.03),
            s.Dispose(),
            s.Create(),
        ),
    ),
    "an_agent_begins_anew_with_words_that_a_person_has_said_again": History(
        bots=1,
        players=(Temperament.TIRELESS,),
        steps=(s.AddBot(), s.Create(then=3.0), s.Write(), s.Retry(), s.Toggle(on=True)),
    ),
    "a_person_says_an_agents_line_again_and_steam_denies_it": History(
        bots=1,
        players=(Temperament.NEVER,),
        steps=(
            s.AddBot(),
            s.Create(),
            s.Player(),
            s.Fault(kind=FaultKind.HISTORY_LAGS),
            s.Fault(kind=FaultKind.CHAT_LIES),
            s.Toggle(),
            s.Retry(),
            s.Reload(then=200.0),
        ),
    ),
    "a_player_accepts_an_invite_of_an_ended_task_while_the_bot_is_off_and_removes_it": History(
        players=(Temperament.EAGER, Temperament.LATE),
        steps=(
            s.AddBot(bot=1),
            s.Create(then=200.0, player=1),
            s.Fault(),
            s.Drop(bot=1),
            s.Dispose(player=1),
            s.Reload(then=200.0),
            s.Player(player=1, does=Deed.REMOVE),
            s.Create(player=1),
        ),
    ),
    "contact_is_resumed_after_a_chat_that_waited_for_it_has_left_the_state": History(
        bots=1,
        players=(Temperament.NEVER, Temperament.TALKATIVE),
        leaving=True,
        steps=(
            s.AddBot(),
            s.Create(then=3.0, player=1),
            s.Crash(),
            s.Pause(),
            s.Dispose(player=1),
            s.Create(then=900.0),
        ),
    ),
    "the_clock_is_set_back_after_a_chat_has_left_the_state": History(
        bots=1,
        players=(Temperament.STOPPER, Temperament.NEVER, Temperament.EAGER, Temperament.TIRELESS),
        hour=5,
        leaving=True,
        steps=(
            s.AddBot(),
            s.Create(),
            s.Player(then=30.0),
            s.Kill(),
            s.Toggle(then=900.0, player=3, on=True),
            s.Clock(by=-3600.0, during=0.0),
            s.Wait(then=900.0),
            s.Drop(then=0.0),
        ),
    ),
    "a_line_is_looked_for_after_the_clock_was_put_back_and_the_chat_before_has_left": History(
        players=(Temperament.NEVER, Temperament.EAGER),
        hour=2,
        leaving=True,
        steps=(
            s.AddBot(),
            s.AddBot(bot=1),
            s.Create(then=61.0, player=1),
            s.Create(then=200.0),
            s.Create(then=900.0),
            s.Create(then=3.0, player=1),
            s.Clock(then=0.05, by=-3600.0, during=0.0),
            s.Fault(then=0.05, times=1, during=1800.0, late=25.0),
            s.Write(then=0.03, player=1),
            s.Wait(then=900.0),
        ),
    ),
    "a_chat_leaves_the_state_while_a_line_of_it_is_looked_for": History(
        bots=1,
        players=(Temperament.SILENT,),
        leaving=True,
        steps=(s.AddBot(), s.Create(then=3.0), s.Fault(), s.Write(), s.Dispose()),
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
