"""Sends one notification with apprise: the program of a process of its own, `python -P courier.py`.

It is no part of the server: apprise takes half a second to load, keeps a request open for as long as a service likes,
and connects to whatever a URL says. Here it can be ended at its deadline, and an audit hook, which nothing can take
away again, judges every address that a socket is connected to, so that neither a name that changes its address nor a
redirect leads inside. It reads a SendOrder from stdin and writes a SendResult to stdout; its stderr is dropped, for it
may hold the URL.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import msgspec
from msgspec import Struct

from kernel.public_addresses import AllowedNetworks

REFUSED_EVENTS = frozenset(
    {
        *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn"),
        *("socket.bind", "socket.sendto", "socket.sendmsg", "os.remove", "os.rename", "os.mkdir", "shutil.rmtree"),
    }
)
"""What no outgoing HTTP request needs."""


class SendOrder(Struct, frozen=True):
    """What is to be sent where."""

    url: str
    title: str
    body: str
    severity: str
    allowed_networks: tuple[str, ...]
    timeout_s: float


class SendResult(Struct, frozen=True):
    """`fault`: a value of `plugins.notify.codes.SendFault`; None: the service took it."""

    fault: str | None


class _Guard:
    """What the process may do, as an audit hook."""

    def __init__(self, networks: AllowedNetworks) -> None:
        self._networks = networks
        self.blocked = False

    def watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            address = arguments[1]
            if not isinstance(address, tuple) or not self._networks.permits(str(address[0])):
                self.blocked = True
                raise PermissionError("this address may not be connected to")
        elif event in REFUSED_EVENTS:
            raise PermissionError(f"{event} is nothing that a request needs")


def deliver(order: SendOrder) -> SendResult:
    """Send it. Loads apprise, and watches this process from then on."""
    import apprise

    guard = _Guard(AllowedNetworks(order.allowed_networks))
    sys.addaudithook(guard.watch)
    asset = apprise.AppriseAsset(app_id="Switchboard", app_desc="Switchboard", async_mode=False)
    service = apprise.Apprise.instantiate(order.url, asset=asset, suppress_exceptions=True)
    if service is None:
        return SendResult("invalidUrl")
    if not isinstance(getattr(sys.modules.get(type(service).__module__), "requests", None), ModuleType):
        return SendResult("notHttp")
    service.socket_connect_timeout = min(order.timeout_s, 10.0)
    service.socket_read_timeout = order.timeout_s
    kinds = {"info": apprise.NotifyType.INFO, "warning": apprise.NotifyType.WARNING}
    kind = kinds.get(order.severity, apprise.NotifyType.FAILURE)
    taken = service.notify(body=order.body, title=order.title, notify_type=kind)
    if taken:
        return SendResult(None)
    return SendResult("privateAddress" if guard.blocked else "refused")


def main() -> None:
    """One order, one result."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=SendOrder)
    answer, sys.stdout = sys.stdout, sys.stderr  # whatever a service's module prints is no part of the answer
    result = deliver(order)
    answer.write(msgspec.json.encode(result).decode())
    answer.flush()


if __name__ == "__main__":
    main()
