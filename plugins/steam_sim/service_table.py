"""Which service method ("unified message") is answered by what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.message import Message

from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.frames import Frame
from plugins.steam_protocol.services import Method
from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.session import LogonSession

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)

# Asked by independent clients after a logon; an empty answer is true here, and without one steamio falls over.
_EMPTY_ANSWERS = frozenset(
    {
        "ChatRoom.GetMyChatRoomGroups#1",
        "SteamNotification.GetSteamNotifications#1",
        "SteamNotification.MarkNotificationsRead#1",
        "SteamNotification.GetPreferences#1",
        "FriendsList.GetCategories#1",
        "Player.GetNicknameList#1",
        "Player.GetEmoticonList#1",
    }
)


@dataclass(frozen=True, slots=True)
class ServiceCaller:
    """Who calls: the public address they come from, and their session once they are logged on."""

    address: str
    session: LogonSession | None = None

    def logged_on(self) -> LogonSession:
        """The caller's session; `SteamRefused` where a method that needs one is called without."""
        if self.session is None:
            raise SteamRefused(EResult.NOT_LOGGED_ON, "this method is for accounts that are logged on")
        return self.session


class ServiceTable:
    """The methods that the simulated Steam knows."""

    def __init__(self) -> None:
        self._answers: dict[str, Callable[[ServiceCaller, Frame], bytes]] = {}

    def answer(self, method: Method[Request, Response], function: Callable[[ServiceCaller, Request], Response]) -> None:
        """Have calls of `method` answered by `function`, which raises `SteamRefused` to answer with another result."""

        def parsed(caller: ServiceCaller, frame: Frame) -> bytes:
            return function(caller, frame.parse(method.request_class)).SerializeToString()

        self._answers[method.name] = parsed

    def call(self, caller: ServiceCaller, frame: Frame) -> bytes:
        """The body of the answer to a call; raises `SteamRefused`, or `FrameError` for a body that is no request."""
        name = frame.header.target_job_name
        answer = self._answers.get(name)
        if answer is not None:
            return answer(caller, frame)
        if name in _EMPTY_ANSWERS:
            return b""
        raise SteamRefused(EResult.FAIL, f"no method {name!r}")
