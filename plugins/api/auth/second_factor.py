"""A person's second factor: what is kept of it, and what a code that they give does to it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from kernel.clock import MINUTE, SECOND
from kernel.errors import Forbidden
from kernel.roles import Role
from plugins.api.auth import recovery_codes, totp
from plugins.api.codes import ApiRefusal

SKEW: Final = 1
"""Time steps by which a phone's clock may be off, either way: RFC 6238, 5.2."""
TOLD: Final = 20
"""Time steps within which a code tells that the clock is off: ten minutes."""
REMEMBERED: Final = 10
"""Used time steps that are remembered; three are good at a time, and more may be after a step of our own clock."""
Mode = Literal["off", "optional", "required"]


class Way(StrEnum):
    """By what a second factor is proved."""

    CODE = "code"
    """A code by time, of an authenticator app."""
    KEY = "key"
    """A passkey or security key (WebAuthn)."""


class SecurityKey(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """A passkey or security key, which holds the secret itself. Times are UTC milliseconds, bytes are base64url."""

    id: str
    name: str
    public_key: str
    count: int
    """How often it has signed, by its own counting: one that goes back was copied."""
    host: str
    """The name of the site that it is good for."""
    created_at: int
    used_at: int | None = None


class SecondFactor(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """What is kept in `operators.json`. Times are UTC milliseconds."""

    secret: str | None = None
    """That of the codes by time, sealed (`sealing.py`)."""
    since: int
    used: tuple[int, ...] = ()
    """The newest time steps whose code was given: each is good once, also across a restart."""
    recovery: tuple[str, ...] = ()
    """The hashes of the recovery codes that are left."""
    keys: tuple[SecurityKey, ...] = ()

    @property
    def ways(self) -> tuple[Way, ...]:
        return (*((Way.CODE,) if self.secret is not None else ()), *((Way.KEY,) if self.keys else ()))

    def __repr__(self) -> str:
        return f"SecondFactor({', '.join(self.ways)}, {len(self.recovery)} recovery codes)"


class FactorPolicy(Struct, frozen=True):
    """The settings `second_factor` and `second_factor_role` of `[api]`."""

    mode: Mode = "optional"
    role: Role = Role.DEVELOPER
    """From which role on it is required, where it is."""

    def is_required_of(self, role: Role) -> bool:
        return self.mode == "required" and role.may(self.role)

    def asked(self, factor: SecondFactor | None) -> bool:
        """Whether a person with this factor is asked for it."""
        return self.mode != "off" and factor is not None and bool(factor.ways)


def with_code_used(factor: SecondFactor, opened: Callable[[], bytes | None], given: str, now: int) -> SecondFactor:
    """The factor once that code is used: one by time, or a recovery code. Raises Forbidden, and what `opened` raises.

    `opened` unseals the secret; recovery codes need none, and so are good without the key.
    """
    code = recovery_codes.plain(given)
    if len(code) == totp.DIGITS and code.isdecimal():
        secret = opened()
        if secret is None:
            raise _wrong()
        step = _unused_step(factor, secret, code, now)
        return replace(factor, used=(*factor.used, step)[-REMEMBERED:])
    left = recovery_codes.without(factor.recovery, given)
    if len(left) == len(factor.recovery):
        raise _wrong()
    return replace(factor, recovery=left)


def _unused_step(factor: SecondFactor, secret: bytes, code: str, now: int) -> int:
    step = totp.step_of(now)
    fitting = totp.matching(secret, code, range(step - SKEW, step + SKEW + 1))
    unused = [one for one in fitting if one not in factor.used]
    if unused:
        return unused[0]
    # of the past alone: whoever guesses is not told that a code is going to be good
    past = totp.matching(secret, code, range(step - TOLD, step - SKEW))
    if fitting or any(one in factor.used for one in past):
        text = "This code was used already. Wait until the app shows the next one."
        raise Forbidden(ApiRefusal.CODE_USED, text, field="code")
    if past:
        raise _clock_off("behind")
    raise _wrong()


def expect_code_of(secret: bytes, given: str, now: int) -> int:
    """The time step of the code by which a new secret is confirmed. Raises Forbidden."""
    step, code = totp.step_of(now), recovery_codes.plain(given)
    fitting = totp.matching(secret, code, range(step - SKEW, step + SKEW + 1))
    if fitting:
        return fitting[0]
    for side, steps in (
        ("behind", range(step - TOLD, step - SKEW)),
        ("ahead", range(step + SKEW + 1, step + TOLD + 1)),
    ):
        if totp.matching(secret, code, steps):
            raise _clock_off(side)
    raise _wrong()


def _clock_off(side: str) -> Forbidden:
    text = (
        f"The clock of the phone is {side} by more than {(SKEW * totp.STEP) // SECOND} s and less than "
        f"{TOLD * totp.STEP // MINUTE} minutes. Let the phone set it by the network, and give a new code."
    )
    return Forbidden(ApiRefusal.CLOCK_OFF, text, field="code")


def _wrong() -> Forbidden:
    text = "This code is wrong. Give the six digits that the app shows now, or a recovery code that was not used yet."
    return Forbidden(ApiRefusal.BAD_CODE, text, field="code")
