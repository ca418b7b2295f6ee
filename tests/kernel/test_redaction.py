"""Secrets in the forms that Steam, proxies, libraries and this system give them, and what is none."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from random import Random
from typing import Final

import pytest

from kernel.containment import wording
from kernel.events import ErrorLogged
from kernel.redaction import LONGEST, REDACTED, cleaned, redacted

HEADERS: Final = (
    '{"typ":"JWT","alg":"EdDSA"}',
    '{ "typ": "JWT", "alg": "EdDSA" }',
    '{\n  "typ": "JWT",\n  "alg": "EdDSA"\n}',
    '{\r\n\t"typ": "JWT"}',
)
NAMES: Final = (
    *(
        "shared_secret",
        "sharedSecret",
        "SharedSecret",
        "SHARED_SECRET",
        "identity_secret",
        "IdentitySecret",
        "secret_1",
    ),
    *("revocation_code", "revocationCode", "RevocationCode", "guard_data", "guardData", "GuardData", "password"),
    *(
        "steamPassword",
        "proxy_password",
        "SWITCHBOARD_LLM_AGENT__API_KEY",
        "api-key",
        "apiKey",
        "passkey",
        "access_token",
    ),
    *("RefreshToken", "refreshToken", "OAuthToken", "session_id", "SessionID", "steamLoginSecure", "new_password"),
)
FORMS: Final = (
    '{{"{name}": "{secret}"}}',
    '{{\\"{name}\\":\\"{secret}\\"}}',
    "{{'{name}': '{secret}'}}",
    "Session({name}='{secret}', other=1)",
    '{name} = "{secret}"',
    "{name}: {secret}",
    "{name}=b'{secret}'",
    "x=1&{name}={secret}&y=2",
    "oops: {name}={secret}",
)


def made(chance: Random, length: int = 24) -> str:
    return "".join(chance.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=length))


def token(chance: Random, header: str) -> str:
    parts = [header.encode(), json.dumps({"iss": "steam", "sub": made(chance)}).encode(), chance.randbytes(64)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def seeded() -> Iterator[tuple[str, str]]:
    """Three hundred secrets, each in a sentence that holds it in one of its real forms."""
    chance = Random(20260203)
    for name in NAMES:
        for form in FORMS:
            secret = made(chance)
            yield secret, form.format(name=name, secret=secret)
    for header in HEADERS:
        for form in (
            "{}",
            "steamLoginSecure=76561199000000042%7C%7C{}",
            "76561199000000042||{}",
            "at {}: denied",
            "x={};",
        ):
            secret = token(chance, header)
            yield secret, form.format(secret)
            yield secret.partition(".")[2].partition(".")[0], form.format(secret)
    for form in (
        *("swb_{}", "sws_{}", "switchboard=sws_{}; Path=/", "http://h:1/#welcome={}&name=anna", "/sign-in?token={}"),
        *("Authorization: Bearer {}", "bearer {}", "'authorization': 'Bearer {}'", "whsec_{}", "sk-{}"),
        *(
            "http://user:{}@proxy.example:1080",
            "socks5://{}@proxy.example:1080",
            "https://{}@relay.example/",
            "http://:{}@h:1",
        ),
        *("socks5h://user:a/{}@h:1", "http://user:a@{}@h:1", "user:{}@10.0.0.1:8080", "10.0.0.1:8080@user:{}"),
        *("10.0.0.1:8080:user:{}", "proxy.example:8080:user:{}", "user:{}:10.0.0.1:8080", "10.0.0.1|8080|user|{}"),
        "$argon2id$v=19$m=65536,t=3,p=4${}",
    ):
        secret = made(chance)
        yield secret, f"it failed: {form.format(secret)}"
    for scheme in ("Basic", "basic", "BASIC"):
        secret = base64.b64encode(f"user:{made(chance)}".encode()).decode()
        yield secret, f"Proxy-Authorization: {scheme} {secret}"
    for _ in range(8):
        secret = base64.b64encode(chance.randbytes(20)).decode()
        yield secret, f"cannot decode {secret}"


SEEDED: Final = tuple(seeded())


def test_three_hundred_secrets_in_their_real_forms_are_not_written() -> None:
    assert len({secret for secret, _ in SEEDED}) >= 300
    assert [said for secret, said in SEEDED if secret in redacted(said)] == []
    assert [said for secret, said in SEEDED if secret in wording(ValueError(said))] == []
    assert [said for secret, said in SEEDED if secret in repr(ErrorLogged(source="a", message=said, detail=said))] == []


@pytest.mark.parametrize(
    "harmless",
    [
        "the basic settings of proxies are in [steam]",
        "plugins.api.auth.tokens is not what monkeyJungle.py.example holds",
        "http://proxy.example:8080 does not answer; see https://example.org/a:b/c",
        "at 12:34:56 player 76561199000000042 wrote to bot_01h455vb4pex5vsknk084sn02q",
        "tests/x.py:12:34: E501 line too long",
        "password: None",
        "the key=value pairs of [journal] folder=/var/lib/switchboard",
        "[::1]:8040 is taken by another program",
        "operator:anna disabled the plugin llm_agent at kernel.hosting.operations",
    ],
)
def test_what_is_no_secret_stays(harmless: str) -> None:
    assert redacted(harmless) == harmless


@pytest.mark.parametrize("mark", ["\x1b]0;x\x07", "\u202e", "\u2066", "\u200f", "\x00", "\r", "\n", "\x85", "\ufeff"])
def test_no_mark_that_moves_a_cursor_or_turns_a_line_around_is_kept(mark: str) -> None:
    kept = cleaned(f"all is well {mark} llew si lla")

    assert kept.isprintable()
    assert wording(ValueError(f"a{mark}b")).isprintable()
    assert (ErrorLogged(source="a", message=f"a{mark}b").message).isprintable()


def test_half_a_character_is_written_out_and_what_has_no_end_is_cut() -> None:
    assert cleaned("a\ud800b") == "a\\ud800b"
    assert len(cleaned("x" * 10 * LONGEST)) == LONGEST
    assert REDACTED in redacted("password=" + "x" * 3 * LONGEST)
