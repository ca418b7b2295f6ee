"""Time that passes only when nobody has anything to do: a loop that jumps to its next timer, and our clock on it.

Everything of one history runs on one such loop, in one thread, so that the same history twice goes the same way. What
would be a thread is a `Strand`: a thread that runs only while the loop waits for it.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty
from types import ModuleType, SimpleNamespace
from typing import Any, Final, TypeVar

T = TypeVar("T")

NOON: Final = 1_767_268_800.0
"""2026-01-01 12:00 UTC, unix seconds: where the time of a history begins."""
THREAD_S: Final = 0.001
"""What a job takes that is given to a thread."""
NOBODY: Final = object()
OWNER: Final[contextvars.ContextVar[Any]] = contextvars.ContextVar("owner", default=NOBODY)
"""Whose code is running: a process's, which may die, or nobody's (Steam, the players and the test)."""
OURS: Final = ("kernel.", "plugins.")


class Stuck(Exception):
    """Nothing is due and nobody can go on: whoever waits would wait for ever."""


class Timeline(asyncio.BaseEventLoop):
    """The loop. `time()` is what has passed since the history began, in seconds; `jump` sets the machine's clock."""

    def __init__(self) -> None:
        super().__init__()
        self._passed = 0.0
        self._clock_resolution = 1e-9
        self._selector = SimpleNamespace(select=self._select, close=lambda: None)
        self.off_by = 0.0
        """How wrong the machine's clock is, in seconds."""
        self._clock_set = self.create_future()
        self._tasks: dict[Any, dict[asyncio.Task[Any], None]] = {}
        self.accidents: list[str] = []
        self.set_task_factory(self._make_task)
        self.set_exception_handler(self._note_accident)

    def time(self) -> float:
        return self._passed

    def wall(self) -> float:
        """Unix seconds, as they truly are: Steam's clock."""
        return NOON + self._passed

    def set_clock(self, off_by: float) -> None:
        """Set the machine's clock, so that it is off by so much."""
        self.off_by = off_by
        self._clock_set.set_result(None)
        self._clock_set = self.create_future()

    async def calm(self, seconds: float) -> None:
        """Return when somebody sets the machine's clock, or after so long."""
        await asyncio.wait((self._clock_set,), timeout=seconds)

    def let_die(self, owner: Any) -> list[asyncio.Task[Any]]:
        """Nothing that `owner` has planned happens any more. Returns those of its tasks that have not ended."""
        handles: list[asyncio.Handle] = [*self._ready, *self._scheduled]  # type: ignore[attr-defined]
        for handle in handles:
            context: contextvars.Context = handle._context  # type: ignore[attr-defined]
            if isinstance(handle, asyncio.TimerHandle) and context.get(OWNER, NOBODY) is owner:
                handle.cancel()
        return [task for task in self._tasks.get(owner, {}) if not task.done()]

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """A job for a thread: done at once, and known a moment later."""
        future: asyncio.Future[T] = self.create_future()
        self.call_later(THREAD_S, _settle, future, func, args)
        return future

    def _select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise Stuck("nobody has anything to do, now or later")
        if timeout > 0:
            self._passed = max(self._passed, self._scheduled[0].when())  # type: ignore[attr-defined]
        return []

    def _process_events(self, events: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def _make_task(self, loop: Any, work: Any, **options: Any) -> asyncio.Task[Any]:
        context: contextvars.Context | None = options.get("context")
        owner = OWNER.get() if context is None else context.get(OWNER, NOBODY)
        task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **options)
        if owner is not NOBODY:
            own = self._tasks.setdefault(owner, {})
            own[task] = None
            task.add_done_callback(lambda done: own.pop(done, None))
        return task

    def _note_accident(self, loop: Any, about: dict[str, Any]) -> None:
        error = about.get("exception")
        self.accidents.append(f"{about.get('message')}: {error!r}" if error else str(about.get("message")))


def _settle(future: asyncio.Future[T], func: Callable[..., T], args: tuple[Any, ...]) -> None:
    if future.done():
        return
    try:
        future.set_result(func(*args))
    except Exception as error:  # noqa: BLE001 - whoever gave the job gets it
        future.set_exception(error)


class Killed(BaseException):
    """Ends a strand whose process has died, wherever it stands."""


class Strand:
    """Takes the place of `threading.Thread`. It runs while the loop stands still, and the loop while it waits."""

    def __init__(self, target: Callable[[], None], name: str = "", daemon: bool = True) -> None:
        self._loop = _loop()
        self._context = contextvars.copy_context()
        self._target = target
        self._go = threading.Semaphore(0)
        self._waits = threading.Semaphore(0)
        self._wait_number = 0
        self._over = False
        self._killed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        owner = OWNER.get()
        if owner is not NOBODY:
            owner.strands.append(self)

    def start(self) -> None:
        self._thread.start()
        self.wake()

    def wake(self) -> None:
        """Have it go on in the loop's next turn, if it still waits then for what it waits for now."""
        self._loop.call_soon(self._resume, self._wait_number, context=self._context)

    def wait(self, seconds: float | None = None) -> None:
        """Called by the strand itself: let the loop go on, until `wake` or so many seconds have passed."""
        self._wait_number += 1
        timer = None
        if seconds is not None:
            timer = self._loop.call_later(seconds, self._resume, self._wait_number, context=self._context)
        self._waits.release()
        self._go.acquire()
        if timer is not None:
            timer.cancel()
        if self._killed:
            raise Killed

    def kill(self) -> None:
        """End it where it waits."""
        self._killed = True
        self._resume(self._wait_number)

    def _resume(self, number: int) -> None:
        if self._over or number != self._wait_number:
            return
        self._wait_number += 1
        self._go.release()
        self._waits.acquire()

    def _run(self) -> None:
        _HERE.strand = self
        self._go.acquire()
        try:
            if not self._killed:
                self._target()
        except Killed:
            pass
        finally:
            self._over = True
            self._waits.release()


_HERE = threading.local()


def here() -> Strand:
    """The strand whose code is running."""
    strand: Strand = _HERE.strand
    return strand


class StrandQueue:
    """Takes the place of `queue.SimpleQueue`, for one strand that takes what the loop puts in."""

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._taker: Strand | None = None

    @property
    def is_waited_at(self) -> bool:
        return self._taker is not None

    def put(self, item: Any) -> None:
        self._items.append(item)
        if self._taker is not None:
            self._taker.wake()

    def get(self, timeout: float | None = None) -> Any:
        if not self._items:
            self._taker = here()
            try:
                self._taker.wait(timeout)
            finally:
                self._taker = None
        return self.get_nowait()

    def get_nowait(self) -> Any:
        if not self._items:
            raise Empty
        return self._items.popleft()


class StrandEvent:
    """Takes the place of `threading.Event`, for one strand that waits."""

    def __init__(self) -> None:
        self._set = False
        self._waiter: Strand | None = None

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True
        if self._waiter is not None:
            self._waiter.wake()

    def wait(self, timeout: float | None = None) -> bool:
        if not self._set:
            self._waiter = here()
            self._waiter.wait(timeout)
            self._waiter = None
        return self._set


def _loop() -> Timeline:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Timeline)
    return loop


class MachineTime(ModuleType):
    """Takes the place of the module `time` in our code: the machine's wall clock can be wrong, its others cannot."""

    def __init__(self, loop: Timeline) -> None:
        super().__init__("time")
        vars(self).update({name: value for name, value in vars(time).items() if name.startswith("CLOCK_")})
        self._loop = loop

    def time(self) -> float:
        return self._loop.wall() + self._loop.off_by

    def time_ns(self) -> int:
        return int(self.time() * 1e9)

    def monotonic(self) -> float:
        return 1_000.0 + self._loop.time()

    def monotonic_ns(self) -> int:
        return int(self.monotonic() * 1e9)

    def clock_gettime(self, clock_id: int) -> float:
        return self.time() if clock_id == time.CLOCK_REALTIME else self.monotonic()

    perf_counter, perf_counter_ns = monotonic, monotonic_ns

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


@contextmanager
def machine(loop: Timeline) -> Iterator[None]:
    """During the block all our modules ask this loop what time it is."""
    clock = MachineTime(loop)
    asking = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(OURS) and vars(module).get("time") is time
    ]
    for module in asking:
        module.time = clock  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module in asking:
            module.time = time  # type: ignore[attr-defined]
