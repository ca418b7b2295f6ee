"""The routes of second factors: the second step of a sign-in, a person's own, and fresh proofs."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from msgspec import Struct

from kernel.errors import Conflict, Forbidden, NotFound, Rejected, Unavailable
from kernel.roles import Role
from kernel.routes import Method, Nothing
from plugins.api.auth.enrolment import Enrolled, Enrolment
from plugins.api.auth.own_factor import FactorSeen, GivenCode, KeyProof, OwnFactor, Proof
from plugins.api.auth.own_keys import KeyAdded, KeyNamed, KeyOptions, NewKey, OwnKeys
from plugins.api.auth.second_step import SecondStep, Ticket, TicketCode, TicketKey
from plugins.api.errors import Unauthorized
from plugins.api.http.answers import Answer
from plugins.api.http.endpoints import Handler, HttpEndpoint, always, done

T = TypeVar("T", bound=Struct)
GET: Final = Method.GET
POST: Final = Method.POST
KEY_BYTES: Final = 16 * 1024
"""What a key signs may bring its maker's certificates along."""


def endpoints(step: SecondStep, own: OwnFactor, keys: OwnKeys) -> tuple[HttpEndpoint[Any], ...]:
    """Those of `/api/sign-in/…`, `/api/second-factor…` and `/api/proof`."""
    return (
        _step("/api/sign-in/code", "A code by time, or a recovery code", TicketCode, Answer, step.code),
        _step("/api/sign-in/enrol", "A new secret, where the role takes one", Ticket, Enrolment, step.enrol),
        _step("/api/sign-in/enrolled", "A code of that secret", TicketCode, Enrolled, step.enrolled),
        HttpEndpoint(
            method=GET,
            path="/api/second-factor",
            summary="The second factor of the person who asks",
            role=Role.VIEWER,
            takes=Nothing,
            answers=done(FactorSeen, "What there is."),
            serve=own.seen,
        ),
        _own("/begin", "A new secret, also in the place of the present one", Nothing, Enrolment, own.begin, proof=True),
        _own("/confirm", "A code of that secret, which counts from now on", GivenCode, Enrolled, own.confirm),
        _own("/recovery-codes", "Ten new recovery codes", Nothing, Enrolled, own.renew, proof=True),
        _own("/remove", "Have none any more", Nothing, Answer, own.remove, proof=True),
        _step("/api/sign-in/key/options", "What a key is to sign", Ticket, KeyOptions, step.key_options),
        _step("/api/sign-in/key", "What a key has signed", TicketKey, Answer, step.key),
        _own("/keys/options", "What a new key is to sign", Nothing, KeyOptions, keys.to_register, proof=True),
        _own("/keys/add", "Add a key", NewKey, KeyAdded, keys.add),
        _own("/keys/remove", "Remove a key", KeyNamed, Answer, keys.remove, proof=True),
        HttpEndpoint(
            method=POST,
            path="/api/proof/key-options",
            summary="What a key is to sign for a fresh proof",
            role=Role.VIEWER,
            takes=Nothing,
            answers=done(KeyOptions),
            raises=(Conflict,),
            serve=keys.to_prove,
        ),
        HttpEndpoint(
            method=POST,
            path="/api/proof/key",
            summary="A fresh proof by a key",
            role=Role.VIEWER,
            takes=KeyProof,
            answers=done(description="As with `/api/proof`."),
            raises=(NotFound, Conflict, Rejected, Unavailable),
            serve=own.prove_by_key,
            body_bytes=KEY_BYTES,
        ),
        HttpEndpoint(
            method=POST,
            path="/api/proof",
            summary="A fresh proof: a code of the second factor; the password where there is none",
            role=Role.VIEWER,
            takes=Proof,
            answers=done(description="For some minutes now, what cannot be taken back is open."),
            raises=(NotFound, Rejected, Unavailable),
            serve=own.prove,
        ),
    )


def _step(path: str, summary: str, takes: type[T], answers: type[Struct], serve: Handler[T]) -> HttpEndpoint[T]:
    """A step of a sign-in after the password, by its ticket."""
    return HttpEndpoint(
        method=POST,
        path=path,
        summary=summary,
        role=None,
        takes=takes,
        answers=done(answers),
        raises=(Unauthorized, Forbidden, NotFound, Conflict, Rejected, Unavailable),
        serve=serve,
        body_bytes=KEY_BYTES,
    )


def _own(
    path: str, summary: str, takes: type[T], answers: type[Struct], serve: Handler[T], *, proof: bool = False
) -> HttpEndpoint[T]:
    """A change that a person makes to their own second factor."""
    return HttpEndpoint(
        method=POST,
        path=f"/api/second-factor{path}",
        summary=summary,
        role=Role.VIEWER,
        takes=takes,
        answers=done(answers),
        raises=(NotFound, Conflict),
        serve=serve,
        body_bytes=KEY_BYTES,
        proof=always if proof else None,
    )
