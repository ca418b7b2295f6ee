"""Secrets in their real forms and the places that take one, a row each: the next one is a line.

`{}` stands for the secret. Each row has one of its own, plain to recognise; all are made up.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final, NamedTuple

_LETTERS: Final = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def word(chance: Random) -> str:
    return "".join(chance.choices(_LETTERS, k=24))


def key(chance: Random) -> str:
    """The 20 bytes of a maFile's keys."""
    return base64.b64encode(chance.randbytes(20)).decode()


def jwt(chance: Random) -> str:
    """As Steam makes them: its header begins with a blank, so it reads `eyAi`."""
    parts = [b'{ "typ": "JWT", "alg": "EdDSA" }', json.dumps({"iss": "steam", "sub": word(chance)}).encode()]
    return ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in (*parts, chance.randbytes(64)))


Kind = Callable[[Random], str]


class Asked(NamedTuple):
    """A request with a secret in it. `signed`: with anna's token, else by a stranger."""

    path: str
    body: Any = None
    headers: Mapping[str, str] = {}
    kind: Kind = word
    signed: bool = False
    told_back: bool = False
    """The answer says to whoever sent it what there is none of."""
    method: str = ""
    """Left out: POST where there is a body."""


SIGN_IN: Final = "/api/sign-in"
COMMAND: Final = "/api/command"
STEAM: Final = "/api/plugins/steam"


def command(kind: str, **payload: Any) -> Asked:
    return Asked(COMMAND, {"kind": kind, "payload": payload}, signed=True)


def mafile(field: Any, kind: Kind = word, **more: Any) -> Asked:
    """A maFile with the secret in one field, and nothing else wrong than that it is alone."""
    fields = {"maFile": field, "proxyUrl": "socks5h://127.0.0.1:9", "password": "x"} | more
    return Asked(COMMAND, {"kind": "AddBotFromMaFile", "payload": fields}, kind=kind, signed=True)


WHOLE: Final = {"account_name": "trader", "shared_secret": "", "Session": {"SteamID": 76561199000000042}}
REQUESTS: Final = (
    # maFiles of all makes
    mafile({**WHOLE, "shared_secret": "{}"}, key),
    mafile({**WHOLE, "shared_secret": "{}!"}, key),
    mafile({**WHOLE, "shared_secret": "{}", "SteamID": "7656"}, key),
    mafile({**WHOLE, "SharedSecret": "{}"}, key),
    mafile({**WHOLE, "identity_secret": "{}"}, key),
    mafile({**WHOLE, "secret_1": "{}"}, key),
    mafile({**WHOLE, "token_gid": "x", "revocation_code": "R{}"}),
    mafile({**WHOLE, "uri": "otpauth://totp/Steam:trader?secret={}&issuer=Steam"}),
    mafile({**WHOLE, "Session": {"RefreshToken": "{}", "SteamID": "x"}}, jwt),
    mafile({**WHOLE, "Session": {"AccessToken": "{}"}}, jwt),
    mafile({**WHOLE, "Session": {"OAuthToken": "{}"}}, jwt),
    mafile({**WHOLE, "Session": {"SteamLoginSecure": "76561199000000042%7C%7C{}"}}, jwt),
    mafile({**WHOLE, "Session": {"SessionID": "{}"}}),
    mafile({**WHOLE, "tokens": {"refresh_token": "{}"}}, jwt),
    mafile({"SessionData": {"RefreshToken": {"Token": "{}", "SteamId": "1"}}}, jwt),
    mafile({"response": {"shared_secret": "{}", "x": []}}, key),
    mafile([{"shared_secret": "{}"}], key),
    mafile('{"shared_secret": "{}", "account_name": "x"', key),
    mafile('shared_secret = "{}"', key),
    mafile("{}", key),
    mafile({**WHOLE, "guard_data": "{}"}, jwt),
    mafile({**WHOLE, "device_id": "android:{}"}),
    mafile({**WHOLE, "Password": "{}"}),
    # passwords and proxies of bots
    mafile(WHOLE, password="{}"),
    mafile(WHOLE, password={"is": "{}"}),
    mafile(WHOLE, password=["{}"]),
    mafile(WHOLE, label=["{}"]),
    mafile(WHOLE, extra="{}"),
    *(
        mafile(WHOLE, proxyUrl=form)
        for form in (
            *("socks5h://user:{}@127.0.0.1:9", "http://user:{}@h:1", "ftp://user:{}@h:1", "socks5://{}@h:1"),
            *("http://:{}@h:1", "user:{}@10.0.0.1:8080", "10.0.0.1:8080:user:{}", "user:{}:10.0.0.1:8080"),
            *("10.0.0.1:8080@user:{}", "http://u:a/{}@h:1", "http://u:a@{}@h:1", "http://u:a%2F{}@h:1"),
            *("http://u:{}@h:99999", "http://u:{}@[::1", "http://u:{}", "u:{}", "10.0.0.1|8080|user|{}"),
        )
    ),
    Asked(f"{STEAM}/proxies/check", {"proxies": ["http://user:{}@127.0.0.1:9", "user:{}"]}, signed=True),
    Asked(f"{STEAM}/imports/files", {"files": [{"name": "a.maFile", "content": "{}"}]}, signed=True),
    Asked(f"{STEAM}/imports/plan", {"importId": "x", "passwords": "{}", "passkey": "{}"}, signed=True),
    # commands' wrong fields
    command("RemoveBot", botId="{}"),
    command("SendMessage", chatId="{}", text="x")._replace(told_back=True),
    command("CreateTask", password="{}"),
    command("CreateTask", playerSteamId64="{}", item="x", priceMin="1", priceMax="2", currency="USD"),
    command("AddNote", chatId=["{}"], text="x"),
    command("ToggleAgent", chatId="chat_1", enabled="{}"),
    Asked(COMMAND, {"kind": "PauseContact", "payload": {}, "token": "{}"}, signed=True),
    Asked(COMMAND, {"kind": "PauseContact", "payload": "{}"}, signed=True),
    Asked(COMMAND, '{"kind": "PauseContact", "payload": {"password": "{}"', signed=True),
    # people's passwords, links and tokens
    Asked(SIGN_IN, {"name": "anna", "password": "{}"}),
    Asked(SIGN_IN, {"name": "{}", "password": "x"}),
    Asked(SIGN_IN, {"name": "anna", "password": ["{}"]}),
    Asked(SIGN_IN, {"user": "anna", "{}": "x"}),
    Asked(SIGN_IN, '{"name": "anna", "password": "{}'),
    Asked(SIGN_IN, "name=anna&password={}"),
    Asked("/api/welcome", {"link": "{}", "password": "{}"}),
    Asked("/api/sign-in/code", {"ticket": "{}", "code": "{}"}),
    Asked("/api/sign-in/enrol", {"ticket": "{}"}),
    Asked("/api/sign-in/enrolled", {"ticket": "{}", "code": ["{}"]}),
    Asked("/api/proof", {"code": "{}", "password": "{}"}, signed=True),
    Asked("/api/second-factor", {"code": "{}"}, signed=True),
    Asked("/api/password", {"current": "{}", "password": "{}"}, signed=True),
    Asked("/api/tokens/revoke", {"name": "{}"}, signed=True, told_back=True),
    Asked("/api/operators/disable", {"name": "{}"}, signed=True, told_back=True),
    Asked("/api/operators/add", {"name": ["{}"], "role": "admin"}, signed=True),
    # in queries and paths
    *(
        Asked(path)
        for path in (
            *("/sign-in?token=swb_{}", "/sign-in?token={}", "/api/session?token={}", "/api/event-stream?token={}"),
            *("/metrics?key={}", "/healthz?x=1&access_token={}", "/?welcome={}", "/nowhere/{}", "/assets/{}"),
            *("/api/plugins/steam/{}", "/sign-in?token[]={}", "/sign-in?token={}&token={}", "/api/audit?actor={}"),
        )
    ),
    Asked("/api/session?token={}", kind=jwt),
    Asked("/api/audit?actor={}", signed=True),
    Asked("/api/audit?limit={}", signed=True),
    # in heads
    *(
        Asked("/api/session", headers={name: form})
        for name, form in (
            *(("Authorization", "Bearer swb_{}"), ("Authorization", "bearer {}"), ("Authorization", "Basic {}")),
            *(("Authorization", "{}"), ("Cookie", "switchboard=sws_{}"), ("Cookie", "a={}; switchboard={}")),
            *(("Proxy-Authorization", "Basic {}"), ("X-Api-Key", "{}"), ("Referer", "http://h/?token={}")),
            *(("User-Agent", "x {}"), ("Origin", "http://{}"), ("X-Forwarded-For", "{}"), ("Accept-Encoding", "{}")),
            *(("Last-Event-ID", "{}"), ("Content-Type", "{}"), ("Sec-Fetch-Site", "{}"), ("Host", "{}")),
        )
    ),
    Asked("/api/session", headers={"Authorization": "Bearer {}"}, kind=jwt),
    Asked("/api/session", headers={"Host": "user:{}@localhost"}),
    Asked("/api/session", method="{}"),
)
FILES: Final = {
    "SWITCHBOARD_LLM_AGENT__INSTRUCTIONS_FILE": "be kind; password={}",
}
"""Settings by a variable that names a file."""
ENVIRONMENT: Final = {"MODEL_KEY": "sk-{}", "BOTS_KEY": "{}", "SWITCHBOARD_PASSKEY": "{}"}
"""Variables of the process: it holds them for its owner alone, and hands them to nobody."""


def filled(shape: Any, secret: str) -> Any:
    """The same with the secret in each `{}`."""
    if isinstance(shape, str):
        return shape.replace("{}", secret)
    if isinstance(shape, Mapping):
        return {filled(name, secret): filled(value, secret) for name, value in shape.items()}
    return [filled(one, secret) for one in shape] if isinstance(shape, list) else shape
