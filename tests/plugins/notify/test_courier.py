"""The process that sends reaches a service over HTTP, at an address that may be, within its time, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

from plugins.notify.codes import SendFault, Severity
from plugins.notify.sending import Courier
from plugins.notify.wording import Notice
from tests.plugins.webhooks.receivers import Receiver, hang, receiver, status

NOTICE = Notice("Switchboard: Test", "Switchboard can reach you here. Ждёт.")
LOOPBACK = ("127.0.0.1",)


async def sent(url: str, networks: tuple[str, ...] = LOOPBACK, timeout: float = 100) -> SendFault | None:
    return await Courier(networks, timeout).send(url, NOTICE, Severity.WARNING)


async def test_what_a_url_leads_to_decides_and_a_failure_has_a_name(tmp_path: Path) -> None:
    """All at once: each is a process of its own that loads apprise."""
    async with receiver() as good, receiver() as bad, receiver() as private, receiver() as slow, receiver() as inside:
        bad.answers = [status(500)]
        slow.answers = [hang]
        away = Receiver()
        server = await asyncio.start_server(away.serve, "127.0.0.2", 0)
        port = server.sockets[0].getsockname()[1]
        away.answers = [status(307, f"location: http://127.0.0.1:{inside.port}/inside")]
        results = await asyncio.gather(
            sent(f"json://127.0.0.1:{good.port}/hook/SECRETPATH"),
            sent(f"json://127.0.0.1:{bad.port}/"),
            sent(f"json://localhost:{private.port}/", ()),
            sent(f"json://127.0.0.2:{port}/", ("127.0.0.2",)),
            sent("syslog://", ("0.0.0.0/0", "::/0")),
            sent("nosuchservice://SECRETKEY/"),
            sent(f"json://127.0.0.1:{slow.port}/", timeout=4),
        )
        server.close()

    assert results == [
        None, SendFault.REFUSED, SendFault.PRIVATE_ADDRESS, SendFault.PRIVATE_ADDRESS, SendFault.NOT_HTTP,
        SendFault.INVALID_URL, SendFault.LATE,
    ]  # fmt: skip
    assert (good.got[0].content["title"], good.got[0].content["message"]) == NOTICE
    assert private.connections == inside.connections == 0, "neither directly nor by a redirect"
    assert len(away.got) == 1
