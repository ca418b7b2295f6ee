"""Passkeys and security keys (WebAuthn): what a browser is to sign, and whether it has, by the library `webauthn`.

The library is loaded when the first key is used: it takes half a second, and most never need it.
"""

from __future__ import annotations

import base64
import ipaddress
import struct
from typing import Final, NamedTuple

import msgspec

from kernel.errors import Conflict, Forbidden
from plugins.api.auth.second_factor import SecurityKey
from plugins.api.codes import ApiRefusal

TIMEOUT_MS: Final = 120_000
RP_NAME: Final = "Switchboard"


class Site(NamedTuple):
    """Where the page is, as the browser knows it: a key is good at one name alone, so no other site can use it."""

    host: str
    origin: str

    @classmethod
    def at(cls, url: str) -> Site:
        """Raises Conflict where no key can be used: at an address in numbers, or without encryption."""
        scheme, _, rest = url.rstrip("/").partition("://")
        host = rest.partition("/")[0].rpartition("@")[2]
        name = host.lower() if host.startswith("[") else host.partition(":")[0].lower()
        if _is_address(name.strip("[]")) or not name or (scheme != "https" and not _is_local(name)):
            text = "Keys work at a name by https, or at localhost: browsers give none to any other page."
            raise Conflict(ApiRefusal.KEYS_NOT_HERE, text)
        return cls(name, f"{scheme}://{host}")


def _is_local(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Challenge(NamedTuple):
    """What was sent to a browser: random bytes to sign, and the options in which they stand."""

    bytes: bytes
    options: msgspec.Raw


def to_register(site: Site, name: str, user_id: bytes, keys: tuple[SecurityKey, ...]) -> Challenge:
    """The options for a new key; those that the person has are not taken again."""
    import webauthn
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=RP_NAME,
        user_name=name,
        user_id=user_id,
        timeout=TIMEOUT_MS,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=_bytes(key.id)) for key in keys],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.DISCOURAGED,
        ),
    )
    return Challenge(options.challenge, msgspec.Raw(webauthn.options_to_json(options).encode()))


def to_sign(site: Site, keys: tuple[SecurityKey, ...]) -> Challenge:
    """The options by which one of these keys signs. Raises Conflict where none of them is for this name."""
    import webauthn
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    here = [PublicKeyCredentialDescriptor(id=_bytes(key.id)) for key in keys if key.host == site.host]
    if not here:
        text = f"No key was set up at {site.host}. Open the page by the name at which it was, or give a code."
        raise Conflict(ApiRefusal.KEYS_NOT_HERE, text)
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        allow_credentials=here,
        timeout=TIMEOUT_MS,
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )
    return Challenge(options.challenge, msgspec.Raw(webauthn.options_to_json(options).encode()))


def registered(site: Site, challenge: Challenge, credential: msgspec.Raw, name: str, now: int) -> SecurityKey:
    """The key that has signed. Raises Forbidden."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        found = webauthn.verify_registration_response(
            credential=bytes(credential).decode(),
            expected_challenge=challenge.bytes,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except (WebAuthnException, *_MALFORMED) as error:
        raise _refused() from error
    return SecurityKey(
        id=_text(found.credential_id),
        name=name,
        public_key=_text(found.credential_public_key),
        count=found.sign_count,
        host=site.host,
        created_at=now,
    )


def signed(site: Site, challenge: Challenge, credential: msgspec.Raw, keys: tuple[SecurityKey, ...]) -> SecurityKey:
    """Which of the keys has signed, with its new count. Raises Forbidden, also for a key that was copied."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        given = msgspec.json.decode(credential, type=_Named).id
        key = next((one for one in keys if one.id == given and one.host == site.host), None)
        if key is None:
            raise _refused()
        found = webauthn.verify_authentication_response(
            credential=bytes(credential).decode(),
            expected_challenge=challenge.bytes,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=_bytes(key.public_key),
            credential_current_sign_count=key.count,
        )
    except (WebAuthnException, *_MALFORMED) as error:
        raise _refused() from error
    return msgspec.structs.replace(key, count=found.new_sign_count)


class _Named(msgspec.Struct):
    id: str


_MALFORMED: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, struct.error, RecursionError)
"""What the library and those below it raise for bytes that are no credential."""


def _refused() -> Forbidden:
    return Forbidden(ApiRefusal.KEY_REFUSED, "This key is not known here, or what it signed is not what was asked for.")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
