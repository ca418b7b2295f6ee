"""The simulated Steam's certificates: a CA of its own, a server certificate signed by it, and the key for passwords."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from plugins.steam_sim.files import write_private

NAMES = ("localhost", "cm.localhost")
ADDRESSES = ("127.0.0.1", "::1")
VALID = timedelta(days=365)


class Certificates:
    """The files `ca.pem` and `server.pem` of a folder, made where they are missing or no longer hold."""

    def __init__(self, folder: Path) -> None:
        self.ca_file = folder / "ca.pem"
        self._server_file = folder / "server.pem"

    def server_context(self) -> ssl.SSLContext:
        """TLS for the CM server, with new certificates where there are no good ones."""
        if not self._hold():
            self._make()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self._server_file)
        return context

    def _hold(self) -> bool:
        try:
            certificate = x509.load_pem_x509_certificate(self.ca_file.read_bytes())
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self._server_file)
        except (OSError, ValueError):  # an SSLError is an OSError
            return False
        return certificate.not_valid_after_utc > datetime.now(UTC) + VALID / 2

    def _make(self) -> None:
        """A CA whose key is forgotten at once, so that nobody can sign anything else with it."""
        ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        ca_name = _name("Simulated Steam CA")
        authority = (
            _builder(ca_name, ca_name, ca_key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
            .sign(ca_key, hashes.SHA256())
        )
        names = [x509.DNSName(name) for name in NAMES]
        addresses = [x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES]
        server = (
            _builder(_name("localhost"), ca_name, server_key.public_key())
            .add_extension(x509.SubjectAlternativeName([*names, *addresses]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
            .sign(ca_key, hashes.SHA256())
        )
        chain = _pem(server_key) + _certificate(server) + _certificate(authority)
        write_private(self._server_file, chain)
        write_private(self.ca_file, _certificate(authority))


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Modulus and exponent as hexadecimal texts, and the timestamp that clients send back with a password."""

    modulus: str
    exponent: str
    timestamp: int


class PasswordKey:
    """The RSA key that clients encrypt passwords with, of 2048 bits, one for all accounts, kept in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def prepare(self) -> None:
        """Read the key, or make one, which takes a tenth of a second; else the first sign-in has to wait for it."""
        _ = self.public

    @cached_property
    def public(self) -> PublicKey:
        """What clients get of the key."""
        numbers = self._key.public_key().public_numbers()
        return PublicKey(f"{numbers.n:0512x}", f"{numbers.e:06x}", numbers.n & 0xFFFF_FFFF_FFFF)

    def decrypt(self, encrypted_password: str) -> str | None:
        """The password in base64 of its cipher text; None where it was not encrypted with this key.

        Cipher texts are numbers to some clients, steam-user among them: one in 256 comes without its leading zero.
        """
        try:
            cipher_text = base64.b64decode(encrypted_password, validate=True).rjust(self._key.key_size // 8, b"\0")
            return self._key.decrypt(cipher_text, padding.PKCS1v15()).decode()
        except (binascii.Error, ValueError):
            return None

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        try:
            loaded = serialization.load_pem_private_key(self._file.read_bytes(), None)
            if isinstance(loaded, rsa.RSAPrivateKey):
                return loaded
        except (FileNotFoundError, ValueError):
            pass  # clients ask for the key before each use, so another does as well
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        write_private(self._file, _pem(made))
        return made


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
