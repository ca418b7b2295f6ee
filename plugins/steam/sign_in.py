"""A sign-in carried out: what `auth` and `approval` ask for next is sent, asked of the web, or waited for."""

from __future__ import annotations

import asyncio

from plugins.steam import fetch
from plugins.steam.approval import Approval
from plugins.steam.auth import (
    Action,
    AskTime,
    AuthSession,
    Call,
    SignIn,
    Tokens,
    WebCall,
    clock_in_doubt,
    mobile_token,
)
from plugins.steam.errors import SignInDeferred
from plugins.steam.link import Link
from plugins.steam.network import Network
from plugins.steam.policy import SECOND
from plugins.steam.proxy import Proxy
from plugins.steam.secrets import BotSecrets
from plugins.steam_protocol import messages as m
from plugins.steam_protocol.emsg import EMsg
from plugins.steam_protocol.frames import Frame


async def way_in(secrets: BotSecrets, proxy: Proxy, network: Network) -> AuthSession:
    """By password where there is one; else by the mobile token of the maFile.

    Raises `SignInRejected`, and `SignInDeferred` where the code would be as wrong as the last ones.
    """
    token = mobile_token(secrets, network.time.now_ms()) if not secrets.password else None
    if token is not None:
        return Approval(secrets, token)
    sign_in = SignIn(secrets, network.time, network.steps)
    if network.steps.waits(secrets.account_name, network.time):
        await network.ask_time(proxy)
        if not network.time.known:
            raise SignInDeferred(clock_in_doubt())
    return sign_in


async def carry_out(sign_in: AuthSession, link: Link, network: Network, proxy: Proxy) -> Tokens:
    """From its first step to its tokens. Raises what the steps do, and a `RequestFailed` of the link's."""
    action: Action = sign_in.begin()
    while not isinstance(action, Tokens):
        if isinstance(action, Call):
            answer = await link.call(action.method, action.request, lambda answer: answer)
            action = sign_in.answered(answer.result, answer.frame, network.time.now_ms())
        elif isinstance(action, WebCall):
            url = network.directory.method_url(action.method.name)
            result, body = await fetch.call(
                url, action.request, action.access_token, proxy, network.tls, network.dial_timeout
            )
            frame = Frame(EMsg.SERVICE_METHOD_RESPONSE, m.CMsgProtoBufHeader(), body)
            action = sign_in.answered(result, frame, network.time.now_ms())
        elif isinstance(action, AskTime):
            await network.ask_time(proxy)
            action = sign_in.woken(network.time.now_ms())
        else:
            await asyncio.sleep(max(0, action.until_ms - network.time.now_ms()) / SECOND)
            action = sign_in.woken(max(action.until_ms, network.time.now_ms()))
    return action
