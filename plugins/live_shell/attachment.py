"""How JupyterLab comes to the shell that is open in the running process: it attaches, and starts and ends nothing."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any, Final, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase

FILE_VARIABLE: Final = "SWITCHBOARD_LIVE_SHELL"
"""Names the connection file of the shell; `switchboard jupyter --data DIR` sets it for JupyterLab."""
KERNEL: Final = "switchboard-live"
LOOK_S: Final = 0.5
"""How often it is seen whether the shell is still open, by whoever waits for its end."""


class Kernels(KernelSpecManager):
    """The kernels that JupyterLab offers: that of the shell among them only while one is open.

    Were it offered always, its start would fail; a Jupyter server whose kernel failed to start does not stop any more.
    """

    def find_kernel_specs(self) -> dict[str, str]:
        found: dict[str, str] = super().find_kernel_specs()
        return {name: folder for name, folder in found.items() if name != KERNEL or _is_open()}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        if kernel_name == KERNEL and not _is_open():
            raise NoSuchKernel(kernel_name)
        return super().get_kernel_spec(kernel_name)


class Attachment(KernelProvisionerBase):
    """The kernel `switchboard-live`. Jupyter's words for it are launch and kill; it is attached to, and left."""

    _attached = False

    @property
    def has_process(self) -> bool:
        return self._attached

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Raises RuntimeError when no shell is open. One that has closed meanwhile is dead: nobody starts it again."""
        try:
            self.connection_info = _read(_file())
        except RuntimeError:
            if not self.connection_info:
                raise
        self._attached = True
        return self.connection_info

    async def poll(self) -> int | None:
        """None as long as the shell that was attached to is there; another may have been opened in its place."""
        try:
            return None if self._attached and _read(_file()) == self.connection_info else 0
        except RuntimeError:
            return 0

    async def wait(self) -> int | None:
        while await self.poll() is None:  # noqa: ASYNC110 - another process ends it
            await asyncio.sleep(LOOK_S)
        return 0

    async def send_signal(self, signum: int) -> None:
        """An interrupt goes as a message; no signal reaches the process, which is the system's."""

    async def shutdown_requested(self, restart: bool = False) -> None:
        self._attached = False

    async def kill(self, restart: bool = False) -> None:
        self._attached = False

    async def terminate(self, restart: bool = False) -> None:
        self._attached = False

    async def cleanup(self, restart: bool = False) -> None:
        self._attached = False


def _file() -> Path | None:
    name = os.environ.get(FILE_VARIABLE)
    return Path(name) if name else None


def _is_open() -> bool:
    file = _file()
    return file is not None and file.exists()


def _read(file: Path | None) -> KernelConnectionInfo:
    if file is None:
        raise RuntimeError("It is not known where the shell would be: start with switchboard jupyter --data DIR.")
    try:
        info: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        text = "There is no shell open in the process: an admin opens one with the command OpenLiveShell."
        raise RuntimeError(text) from error
    except (OSError, ValueError) as error:
        raise RuntimeError(f"{file} cannot be read: {error}") from error
    return cast("KernelConnectionInfo", {**info, "key": str(info.get("key", "")).encode()})
