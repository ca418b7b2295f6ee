"""The HTTP client, made as the environment wants it: proxies and certificates, or a sentence on what is wrong there."""

from __future__ import annotations

import os
from typing import Final

import httpx

from switchboard.errors import Unreachable

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
UNREACHABLE: Final = (httpx.TransportError, httpx.InvalidURL, ExceptionGroup)
"""What a request ends with that gets no answer. The group is anyio's, of what failed at each address."""
PROXIES: Final = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
NO_PROXY: Final = "NO_PROXY"
CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""The first that is set is used."""


def client(base: httpx.URL, token: str) -> httpx.AsyncClient:
    """Raises Unreachable."""
    try:
        return httpx.AsyncClient(
            base_url=base,
            headers={"authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(60.0, connect=10.0),
            trust_env=base.host not in LOOPBACK,  # a proxy has no way to this machine itself
        )
    except OSError as error:  # an ssl.SSLError is one
        named = next(filter(_value, CERTIFICATES), "The machine's store")
        text = f"{named}: no certificates can be read there ({error.strerror or error})"
        raise Unreachable(f"{text}; name a file that has them, or unset it.") from error
    except ImportError as error:
        named = " or ".join(filter(_value, PROXIES)) or "The machine's proxy"
        text = f"{named}: a SOCKS proxy needs the package socksio; pip install socksio, or unset it."
        raise Unreachable(text) from error
    except (httpx.InvalidURL, ValueError):
        raise Unreachable(_wrong_proxy()) from None  # its text may hold a proxy's password


def why(error: Exception) -> str:
    """What one of `UNREACHABLE` says."""
    first = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
    return str(first) or type(first).__name__


def _wrong_proxy() -> str:
    wrong = [name for name in PROXIES if (value := _value(name)) and not _is_proxy(value)]
    if wrong:
        how = "write http://, https://, socks5:// or socks5h:// with host and port"
        return f"{' and '.join(wrong)} in the environment: no proxy that can be used; {how}, or unset it."
    how = "write names and addresses with commas between them, IPv6 without brackets"
    return f"{NO_PROXY} in the environment cannot be read; {how}, or unset it."


def _value(name: str) -> str:
    return os.environ.get(name) or os.environ.get(name.lower(), "")


def _is_proxy(value: str) -> bool:
    try:
        httpx.Proxy(value if "://" in value else f"http://{value}")
    except (httpx.InvalidURL, ValueError):
        return False
    return True
