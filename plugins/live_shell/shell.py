"""An ipykernel in a thread of its own: what of the process it leaves alone, and how it is ended."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar, Final

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell

from plugins.live_shell.streams import Divider

SWITCH_S: Final = 0.0005
"""While a shell is open, a thread that computes gives the interpreter up ten times as often as Python's own 5 ms."""
START_S: Final = 20.0
END_S: Final = 5.0
ANSWER_S: Final = 0.1
"""So soon does a loop answer that no cell keeps."""
ENDINGS: Final = 20
"""How often it is tried meanwhile."""

Ran = Callable[[str], None]
"""Told, in the shell's thread, of every cell that is run."""


class _Kernel(IPythonKernel):
    """Interrupts its own thread; the stock one sends the whole process a SIGINT, which would stop the system."""

    interrupt: Callable[[], None] = staticmethod(lambda: None)
    awaited: ClassVar[asyncio.Future[Any] | None] = None
    """The cell that is under way."""

    def _send_interrupt_children(self) -> None:
        type(self).interrupt()

    async def shutdown_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Whoever shuts their kernel down has left, as JupyterLab does at its own end; a command closes the shell."""
        content = {"status": "ok", "restart": bool(parent["content"].get("restart"))}
        assert self.session is not None
        self.session.send(stream, "shutdown_reply", content, parent, ident=ident)

    @contextmanager
    def _cancel_on_sigint(self, future: Any) -> Iterator[None]:
        """Ctrl-C is the system's, and belongs to the main thread; a cell that awaits is called off by `interrupt`."""
        type(self).awaited = future
        try:
            yield
        finally:
            type(self).awaited = None

    def pre_handler_hook(self) -> None:
        """As above."""

    def post_handler_hook(self) -> None:
        """As above."""


class _App(IPKernelApp):
    """The kernel's application, without what it does to a process that is not its own."""

    kernel_class = _Kernel

    def init_signal(self) -> None:
        """Signals are the system's."""

    def init_crash_handler(self) -> None:
        """So is what happens to errors that nobody caught."""

    def log_connection_info(self) -> None:
        """Whoever opened it is told."""

    def init_path(self) -> None:
        """So is where modules are looked for."""

    def init_kernel(self) -> None:
        """Cells are kept in the plugin's folder alone; IPython's history is a file in the home folder, open to all."""
        self.config.HistoryManager.enabled = False
        self.config.HistoryManager.hist_file = ":memory:"
        super().init_kernel()  # type: ignore[no-untyped-call]

    def init_io(self) -> None:
        """Take in what this thread prints, and no more."""
        from ipykernel.iostream import OutStream

        self.divider = Divider()
        make: Any = OutStream  # which is not typed
        stdout = make(self.session, self.iopub_thread, "stdout", watchfd=False)
        stderr = make(self.session, self.iopub_thread, "stderr", watchfd=False)
        self.divider.divide(stdout, stderr, threading.get_ident())
        self.displayhook = self.displayhook_class and _imported(self.displayhook_class)(self.session, self.iopub_socket)
        self._displayhook_before = sys.displayhook

    def reset_io(self) -> None:
        self.divider.put_back()
        sys.displayhook = self._displayhook_before


def _imported(name: Any) -> Any:
    from traitlets.utils.importstring import import_item

    return import_item(str(name))


@contextmanager
def _environment_kept() -> Iterator[None]:
    """ipykernel asks for colours, and for `cat` as a pager, in the environment of the whole process."""
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)


def _cancel_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """End every task of another thread's loop: ipykernel stops its loops with tasks in them, which are then destroyed
    pending, with an error in the log for each.
    """

    async def cancel() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    if loop.is_running():
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(cancel(), loop).result(1.0)


class Shell:
    """One ipykernel, from its thread's start to its end."""

    def __init__(self, file: Path, names: dict[str, Any], ran: Ran) -> None:
        self._file = file
        self._names = names
        self._ran = ran
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._busy = False
        self._ending = threading.Lock()
        self._starting = threading.Lock()
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._switch = sys.getswitchinterval()
        self._thread = threading.Thread(target=self._run, name="live shell", daemon=True)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def open(self) -> None:
        """Blocks until it can be connected to; called in a thread that may. Raises what kept it from starting."""
        with self._starting:
            if self._is_closed:
                raise RuntimeError("it was closed before it had started")
            self._thread.start()
        if not self._ready.wait(START_S):
            raise TimeoutError(f"the kernel did not start within {START_S:.0f} s")
        if self._failure is not None:
            raise RuntimeError(str(self._failure) or type(self._failure).__name__) from self._failure

    def close(self) -> bool:
        """Interrupt what runs and end the thread; blocks. False when a cell does not let itself be interrupted.

        One that is only being started does not start.
        """
        with self._starting:
            self._is_closed = True
        if not self.alive:
            return True
        for _ in range(ENDINGS):
            if self._busy:
                self.interrupt()
            with suppress(RuntimeError):  # it may have closed its loop meanwhile
                if self._loop is not None and not self._busy:
                    self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(END_S / ENDINGS - ANSWER_S)
            if not self.alive:
                break
        return not self.alive

    def interrupt(self) -> None:
        """End the running cell: at once where it awaits something, else at its next step of Python. Blocks a moment."""
        reached = threading.Event()

        def call_off() -> None:
            reached.set()
            if _Kernel.awaited is not None:
                _Kernel.awaited.cancel()

        with suppress(RuntimeError):  # it may have closed its loop meanwhile
            if self._loop is not None:
                self._loop.call_soon_threadsafe(call_off)
        if reached.wait(ANSWER_S):
            return
        with self._ending:
            if self._busy and self._thread.ident is not None and self.alive:
                number = ctypes.c_ulong(self._thread.ident)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(number, ctypes.py_object(KeyboardInterrupt))

    def _run(self) -> None:
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        main = sys.modules["__main__"]
        app: Any = None
        try:
            _Kernel.interrupt = staticmethod(self.interrupt)
            self._file.unlink(missing_ok=True)  # an old key; the new one is written for its owner's eyes only
            app = _App.instance(connection_file=str(self._file), user_ns=self._names, quiet=True)
            app.log_level = 40
            with _environment_kept():
                app.initialize([])
            sys.modules["__main__"] = main  # the shell puts a module of its own there
            app.shell.events.register("pre_run_cell", self._begin)
            app.shell.events.register("post_run_cell", self._done)
            sys.setswitchinterval(SWITCH_S)
            self._loop.call_soon(self._ready.set)
            app.start()
        except BaseException as error:  # noqa: BLE001 - it ends with its thread; whoever opens it is told
            self._failure = error
        finally:
            self._ready.set()
            self._end(app)
            self._loop.close()

    def _begin(self, info: Any) -> None:
        self._busy = True
        self._ran(info.raw_cell)

    def _done(self, _: Any) -> None:
        with self._ending:  # what is raised hereafter would hit the kernel itself
            self._busy = False

    def _end(self, app: Any) -> None:
        loop = self._loop
        assert loop is not None
        pending = asyncio.all_tasks(loop)
        for task in pending:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        sys.setswitchinterval(self._switch)
        self._file.unlink(missing_ok=True)
        if app is not None:
            for thread in (app.control_thread, app.iopub_thread):
                if thread is not None:
                    _cancel_tasks(thread.io_loop.asyncio_loop)
            app.close()
        for one in (_App, _Kernel, ZMQInteractiveShell):
            one.clear_instance()
