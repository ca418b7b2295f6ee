"""What listens, and how its connections end."""

from __future__ import annotations

import asyncio

from plugins.steam_sim.listener import Listener


async def test_a_process_that_is_stopped_at_once_leaves_no_traceback() -> None:
    """As the end of `asyncio.run` does it: every task is cancelled, whatever it waits for."""
    loop = asyncio.get_running_loop()
    wrong: list[str] = []
    loop.set_exception_handler(lambda _, context: wrong.append(context["message"]))
    served = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.set()
        await reader.read()

    listener = Listener("a listener", serve)
    _, writer = await asyncio.open_connection("127.0.0.1", await listener.start("127.0.0.1", 0))
    await served.wait()
    running = asyncio.all_tasks() - {asyncio.current_task()}
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await asyncio.sleep(0)
    assert wrong == []
    writer.close()
    await listener.stop()
