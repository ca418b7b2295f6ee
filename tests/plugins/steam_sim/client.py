"""A Steam client for tests: as little as a whole session needs, on steam_protocol and websockets alone."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.protobuf.message import Message
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from plugins.steam_protocol import frames, services
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.frames import Frame
from plugins.steam_protocol.messages import (
    CAuthentication_BeginAuthSessionViaCredentials_Request,
    CAuthentication_BeginAuthSessionViaCredentials_Response,
    CAuthentication_DeviceDetails,
    CAuthentication_GetPasswordRSAPublicKey_Request,
    CAuthentication_PollAuthSessionStatus_Request,
    CAuthentication_UpdateAuthSessionWithSteamGuardCode_Request,
    CFriendMessages_IncomingMessage_Notification,
    CFriendMessages_SendMessage_Request,
    CFriendMessages_SendMessage_Response,
    CMsgClientAddFriend,
    CMsgClientAddFriendResponse,
    CMsgClientFriendsList,
    CMsgClientHello,
    CMsgClientLogon,
    CMsgClientLogonResponse,
    CMsgIPAddress,
    CMsgProtoBufHeader,
)
from plugins.steam_protocol.services import Method

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)

PATIENCE = 10.0
"""Seconds that anything may take before the test has failed."""


class SteamError(Exception):
    """Steam answered with another result than OK."""

    def __init__(self, eresult: int, text: str = "") -> None:
        super().__init__(f"EResult {eresult} {text}")
        self.eresult = eresult


class SteamClient:
    """One connection to the CM. Frames that nobody asked for wait in `unasked` until `expect` takes them."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.steam_id64 = 0
        self.session_id = 0
        self.unasked: deque[Frame] = deque()
        self.batches: list[list[Frame]] = []
        self._jobs = 0
        self._waiting: deque[Frame] = deque()

    @classmethod
    async def open(cls, url: str, ca_file: str, proxy: str | None = None) -> Self:
        context = ssl.create_default_context(cafile=ca_file)
        client = cls(
            await connect(url, ssl=context, compression=None, proxy=proxy, ping_interval=None, open_timeout=PATIENCE)
        )
        await client.send(EMsg.CLIENT_HELLO, CMsgClientHello(protocol_version=65580))
        return client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.socket.close()

    async def send(self, emsg: int, body: Message | bytes, **header: int | str) -> None:
        head = CMsgProtoBufHeader(steamid=self.steam_id64, client_sessionid=self.session_id)
        for name, value in header.items():
            setattr(head, name, value)
        await self.socket.send(frames.encode(emsg, body, head))

    async def _next(self) -> Frame:
        if not self._waiting:
            async with asyncio.timeout(PATIENCE):
                data = await self.socket.recv()
            assert isinstance(data, bytes)
            batch = list(frames.unpack(data))
            self.batches.append(batch)
            self._waiting.extend(batch)
        return self._waiting.popleft()

    def forget(self) -> None:
        """Pass over everything that has come in and was not asked for."""
        self.unasked.clear()
        self._waiting.clear()

    async def expect(self, emsg: int, fits: Callable[[Frame], bool] = lambda _: True) -> Frame:
        """The first message of this kind, now or soon; others stay for later."""
        for frame in self.unasked:
            if frame.emsg == emsg and fits(frame):
                self.unasked.remove(frame)
                return frame
        while True:
            frame = await self._next()
            if frame.emsg == emsg and fits(frame):
                return frame
            self.unasked.append(frame)

    async def call(self, method: Method[Request, Response], request: Request) -> Response:
        """Call a service method; raises `SteamError` for any result but OK."""
        self._jobs += 1
        job = self._jobs
        kind = (
            EMsg.SERVICE_METHOD_CALL_FROM_CLIENT if self.session_id else EMsg.SERVICE_METHOD_CALL_FROM_CLIENT_NON_AUTHED
        )
        await self.send(kind, request, jobid_source=job, target_job_name=method.name, realm=1)
        reply = await self.expect(EMsg.SERVICE_METHOD_RESPONSE, lambda frame: frame.header.jobid_target == job)
        assert reply.header.target_job_name == method.name
        assert (reply.header.steamid, reply.header.client_sessionid) == (self.steam_id64, self.session_id)
        if reply.header.eresult != 1:
            raise SteamError(reply.header.eresult, reply.header.error_message)
        return reply.parse(method.response_class)

    async def begin(
        self, login: str, password: str, platform: int = 1
    ) -> CAuthentication_BeginAuthSessionViaCredentials_Response:
        key = await self.call(
            services.GET_PASSWORD_RSA_PUBLIC_KEY,
            CAuthentication_GetPasswordRSAPublicKey_Request(account_name=login),
        )
        public = rsa.RSAPublicNumbers(int(key.publickey_exp, 16), int(key.publickey_mod, 16)).public_key()
        encrypted = public.encrypt(password.encode(), padding.PKCS1v15())
        return await self.call(
            services.BEGIN_AUTH_SESSION_VIA_CREDENTIALS,
            CAuthentication_BeginAuthSessionViaCredentials_Request(
                account_name=login,
                encrypted_password=base64.b64encode(encrypted).decode(),
                encryption_timestamp=key.timestamp,
                persistence=1,
                website_id="Client",
                device_details=CAuthentication_DeviceDetails(platform_type=platform, os_type=16),
            ),
        )

    async def give_code(self, begun: CAuthentication_BeginAuthSessionViaCredentials_Response, code: str) -> None:
        await self.call(
            services.UPDATE_AUTH_SESSION_WITH_STEAM_GUARD_CODE,
            CAuthentication_UpdateAuthSessionWithSteamGuardCode_Request(
                client_id=begun.client_id, steamid=begun.steamid, code=code, code_type=3
            ),
        )

    async def poll(self, begun: CAuthentication_BeginAuthSessionViaCredentials_Response) -> str:
        """The refresh token, empty while Steam waits for the code."""
        polled = await self.call(
            services.POLL_AUTH_SESSION_STATUS,
            CAuthentication_PollAuthSessionStatus_Request(client_id=begun.client_id, request_id=begun.request_id),
        )
        return polled.refresh_token

    async def sign_in(self, login: str, password: str, code: str) -> str:
        """A refresh token for this password and code."""
        begun = await self.begin(login, password)
        await self.give_code(begun, code)
        return await self.poll(begun)

    async def log_on(self, steam_id64: int, token: str, login_id: int = 7) -> CMsgClientLogonResponse:
        """Log on by a refresh token; raises `SteamError` where the CM does not take it."""
        request = CMsgClientLogon(
            protocol_version=65580,
            chat_mode=2,
            access_token=token,
            obfuscated_private_ip=CMsgIPAddress(v4=login_id),
            supports_rate_limit_response=True,
        )
        self.steam_id64 = steam_id64
        await self.send(EMsg.CLIENT_LOGON, request)
        frame = await self.expect(EMsg.CLIENT_LOG_ON_RESPONSE)
        response = frame.parse(CMsgClientLogonResponse)
        if response.eresult != 1:
            raise SteamError(response.eresult)
        self.steam_id64, self.session_id = frame.header.steamid, frame.header.client_sessionid
        return response

    async def friends_list(self) -> CMsgClientFriendsList:
        """The next friends list, whole or incremental."""
        return (await self.expect(EMsg.CLIENT_FRIENDS_LIST)).parse(CMsgClientFriendsList)

    async def becomes(self, friend: int, relationship: int) -> None:
        """Wait until Steam says that we see `friend` like this."""
        while True:
            for entry in (await self.friends_list()).friends:
                if (entry.ulfriendid, entry.efriendrelationship) == (friend, relationship):
                    return

    async def add_friend(self, friend: int) -> CMsgClientAddFriendResponse:
        self._jobs += 1
        job = self._jobs
        await self.send(EMsg.CLIENT_ADD_FRIEND, CMsgClientAddFriend(steamid_to_add=friend), jobid_source=job)
        frame = await self.expect(EMsg.CLIENT_ADD_FRIEND_RESPONSE, lambda frame: frame.header.jobid_target == job)
        return frame.parse(CMsgClientAddFriendResponse)

    async def say(self, friend: int, text: str) -> CFriendMessages_SendMessage_Response:
        request = CFriendMessages_SendMessage_Request(steamid=friend, chat_entry_type=1, message=text)
        return await self.call(services.SEND_MESSAGE, request)

    async def hears(self) -> CFriendMessages_IncomingMessage_Notification:
        """The next chat message, echo or typing notice."""
        name = services.INCOMING_MESSAGE.name
        frame = await self.expect(EMsg.SERVICE_METHOD, lambda frame: frame.header.target_job_name == name)
        return frame.parse(CFriendMessages_IncomingMessage_Notification)

    async def is_closed(self) -> None:
        """Wait until the server has closed the connection."""
        try:
            while True:
                self.unasked.append(await self._next())
        except ConnectionClosed:
            return
