"""A stage for looking at the page without a system behind it: `python -m webui.tools.scene --help`."""

from __future__ import annotations

import argparse
import asyncio
import socket

import uvicorn

from webui.tools.scene import extremes, team, week
from webui.tools.scene.script import Script
from webui.tools.scene.stage import ME, Stage


async def run(options: argparse.Namespace) -> None:
    script = Script(options.seed)
    if options.week:
        began = script.now
        week.live(script, options.seed)
        script.stand_at(began)
    team.arrive(script, ME)
    script.open(options.bots, options.tasks, options.chats)
    team.open_shop(script)
    if options.extremes:
        extremes.pile_up(script)
    stage = Stage(script, events_a_second=options.rate)
    server = uvicorn.Server(
        uvicorn.Config(
            stage,
            log_level="critical",  # it would complain of the streams that it cuts off
            lifespan="off",
            timeout_graceful_shutdown=1,  # an open stream never ends by itself
        )
    )
    playing = asyncio.create_task(stage.play(), name="play the scene")
    listener = socket.create_server(("127.0.0.1", options.port))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/ stands at seq {script.state.seq}", flush=True)
    try:
        await server.serve([listener])
    finally:
        playing.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8140, help="0 takes any that is free")
    parser.add_argument("--bots", type=int, default=40)
    parser.add_argument("--tasks", type=int, default=260)
    parser.add_argument("--chats", type=int, default=90, help="how many of the tasks have come to a chat")
    parser.add_argument("--rate", type=float, default=2.0, help="events a second while it plays; 0 stands still")
    parser.add_argument("--extremes", action="store_true", help="with the longest and strangest of everything")
    parser.add_argument("--week", action="store_true", help="with a week before it, in the archive")
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(run(parser.parse_args()))
