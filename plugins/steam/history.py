"""What Steam remembers of conversations: who wrote lately, and what was said, for catching up after an absence."""

from __future__ import annotations

from typing import NamedTuple

from plugins.steam.errors import RequestInDoubt, RequestRefused
from plugins.steam.events import Answered, Said, Talked
from plugins.steam.policy import Context, judge
from plugins.steam.session import MAX_TEXT
from plugins.steam_protocol import messages as m
from plugins.steam_protocol import steam_id
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.errors import FrameError

PAGE = 100  # messages asked for at once
MAX_PAGES = 20
_LAST = 2**31 - 1  # the end of time, as Steam's clients write it


class Page(NamedTuple):
    """A part of a history, oldest first."""

    messages: list[Said]
    more: bool  # there are older ones


def page_request(own: int, friend: int, since: int, before: Said | None) -> m.CFriendMessages_GetRecentMessages_Request:
    """Ask for messages from `since` (unix seconds) on: the newest, or those up to `before`."""
    return m.CFriendMessages_GetRecentMessages_Request(
        steamid1=own,
        steamid2=friend,
        count=PAGE,
        most_recent_conversation=False,
        rtime32_start_time=since,
        bbcode_format=False,
        time_last=_LAST if before is None else before.timestamp,
        ordinal_last=0 if before is None else before.ordinal,
    )


def page(answer: Answered) -> Page:
    """The answer's messages, in order: Steam's own order is not documented."""
    if answer.result != EResult.OK:
        raise RequestRefused(judge(Context.REQUEST, answer.result))
    try:
        response = answer.frame.parse(m.CFriendMessages_GetRecentMessages_Response)
    except FrameError as error:
        raise RequestInDoubt("Steam's answer with a chat's history cannot be read") from error
    messages = [
        Said(said.timestamp, said.ordinal, steam_id.to_steam_id64(said.accountid), said.message[:MAX_TEXT])
        for said in response.messages
        if said.accountid
    ]
    return Page(sorted(messages), response.more_available)


def talks(answer: Answered) -> list[Talked]:
    """The conversations in the answer to GetActiveMessageSessions."""
    if answer.result != EResult.OK:
        raise RequestRefused(judge(Context.REQUEST, answer.result))
    try:
        response = answer.frame.parse(m.CFriendsMessages_GetActiveMessageSessions_Response)
    except FrameError as error:
        raise RequestInDoubt("Steam's answer with the active chats cannot be read") from error
    return [
        Talked(
            steam_id.to_steam_id64(talk.accountid_friend), talk.last_message, talk.last_view, talk.unread_message_count
        )
        for talk in response.message_sessions
        if talk.accountid_friend
    ]
