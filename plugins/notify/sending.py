"""Has a notification sent by a process of its own (`courier.py`), which is ended at its deadline."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from plugins.notify.codes import SendFault, Severity
from plugins.notify.courier import SendOrder, SendResult
from plugins.notify.wording import Notice

COURIER: Final = Path(__file__).with_name("courier.py")
KEPT: Final = ("PATH", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
"""Of the environment; not the rest, which may hold secrets, or name a proxy that would hide where a request goes."""
ANSWER_MOST: Final = 4_096


class Courier:
    """Sends; one at a time is the caller's business."""

    def __init__(self, allowed_networks: Sequence[str], timeout_s: float) -> None:
        self._networks = tuple(allowed_networks)
        self._timeout_s = timeout_s

    async def send(self, url: str, notice: Notice, severity: Severity) -> SendFault | None:
        """None: the service took it. The URL is given by a pipe: arguments and environments can be read by others."""
        order = SendOrder(url, notice.title, notice.body, severity.value, self._networks, self._timeout_s)
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", str(COURIER)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        except OSError:
            return SendFault.BROKEN
        try:
            async with asyncio.timeout(self._timeout_s):
                answer, _ = await process.communicate(msgspec.json.encode(order))
        except TimeoutError:
            return SendFault.LATE
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        try:
            fault = msgspec.json.decode(answer[:ANSWER_MOST], type=SendResult).fault
            return SendFault(fault) if fault is not None else None
        except (msgspec.MsgspecError, ValueError):
            return SendFault.BROKEN
