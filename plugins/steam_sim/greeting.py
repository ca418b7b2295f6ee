"""What Steam tells an account after a logon, between its friends list and its own persona.

The kinds and their order are what logs of real sessions show (ValvePython/steam#198, #439; ValvePython/dota2#4). This
product needs the standing alone; node-steam-user and steamio wait for licenses, wallet and emoticons, and steamio is
not ready without them (`SteamWebSocket.dispatch_ready`).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from google.protobuf.message import Message

from plugins.steam_protocol import frames, steam_id
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.messages import (
    CMsgClientEmoticonList,
    CMsgClientFriendsGroupsList,
    CMsgClientGameConnectTokens,
    CMsgClientLicenseList,
    CMsgClientPlayerNicknameList,
    CMsgClientPlayingSessionState,
    CMsgClientRequestedClientStats,
    CMsgClientSessionToken,
    CMsgClientWalletInfoUpdate,
)
from plugins.steam_sim.session import LogonSession

FREE_PACKAGE, SINGLE_PURCHASE = 0, 1
"""The package that every account has, and its ELicenseType."""
TOKENS_KEPT = 10
EMOTICON = ":steamhappy:"
"""One that every account has."""

_GUEST_PASSES = struct.Struct("<III")
_CONNECT_TOKEN = struct.Struct("<QQI")


def messages(session: LogonSession, now: int) -> Sequence[tuple[int, Message | bytes]]:
    """Numbers and bodies, bytes where Steam sends a struct; `now` in unix seconds."""
    license_ = CMsgClientLicenseList.License(
        package_id=FREE_PACKAGE,
        time_created=now,
        license_type=SINGLE_PURCHASE,
        purchase_country_code="XX",
        owner_id=steam_id.to_account_id(session.steam_id64),
    )
    # u64 token, u64 whose, u32 when: SteamKit's `MsgClientGameConnectTokens` hands them on as they are
    tokens = [_CONNECT_TOKEN.pack(number, session.steam_id64, now) for number in range(1, TOKENS_KEPT + 1)]
    return (
        (EMsg.CLIENT_FRIENDS_GROUPS_LIST, CMsgClientFriendsGroupsList(bremoval=False, bincremental=False)),
        (EMsg.CLIENT_PLAYER_NICKNAME_LIST, CMsgClientPlayerNicknameList(removal=False, incremental=False)),
        (EMsg.CLIENT_LICENSE_LIST, CMsgClientLicenseList(eresult=EResult.OK, licenses=[license_])),
        # eresult, passes to give, passes to redeem
        (EMsg.CLIENT_UPDATE_GUEST_PASSES_LIST, _GUEST_PASSES.pack(EResult.OK, 0, 0)),
        (EMsg.CLIENT_WALLET_INFO_UPDATE, CMsgClientWalletInfoUpdate(has_wallet=False)),
        (EMsg.CLIENT_GAME_CONNECT_TOKENS, CMsgClientGameConnectTokens(max_tokens_to_keep=TOKENS_KEPT, tokens=tokens)),
        (EMsg.CLIENT_SESSION_TOKEN, CMsgClientSessionToken(token=session.session_id)),
        (EMsg.CLIENT_IS_LIMITED_ACCOUNT, session.standing.limits()),
        (EMsg.CLIENT_REQUESTED_CLIENT_STATS, CMsgClientRequestedClientStats()),
        (EMsg.CLIENT_PLAYING_SESSION_STATE, CMsgClientPlayingSessionState(playing_blocked=False, playing_app=0)),
        (EMsg.CLIENT_VAC_BAN_STATUS, session.standing.vac_bans()),
    )


def frame(session: LogonSession, emsg: int, body: Message | bytes) -> bytes:
    """One of them as it is sent: a struct for bytes, protobuf for everything else."""
    if isinstance(body, bytes):
        return frames.encode_struct(emsg, body, session.header())
    return frames.encode(emsg, body, session.header())


def emoticons() -> CMsgClientEmoticonList:
    """The answer to ClientGetEmoticonList."""
    return CMsgClientEmoticonList(emoticons=[CMsgClientEmoticonList.Emoticon(name=EMOTICON, count=1)])
