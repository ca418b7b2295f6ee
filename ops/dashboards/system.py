"""Is the process well: its disk, its loop, its plugins, its clients?"""

from __future__ import annotations

from ops.dashboards.panels import Board, Chart, Number, Query, Section, Unit
from ops.dashboards.promql import HOUR, MINUTE, quantile, rare, rate


def quantiles(name: str) -> tuple[Query, ...]:
    """Half and 99 % of a histogram."""
    return (Query(quantile(0.5, name), "half within"), Query(quantile(0.99, name), "99 % within"))


SYSTEM = Board(
    name="system",
    title="system",
    description="The process: journal, commands, event loop, plugins, streams.",
    sections=[
        Section(
            "Now",
            [
                Number(
                    title="Up for",
                    description="Since the last start.",
                    queries=(Query("time() - process_start_time_seconds"),),
                    unit=Unit.SECONDS,
                ),
                Number(
                    title="Journal failing",
                    description="While it does, no command is answered ok and nothing goes out.",
                    queries=(Query("switchboard_journal_failing"),),
                    unit=Unit.YES_NO,
                    bad_at=1,
                ),
                Number(
                    title="Events not on disk yet",
                    description="What a crash at this moment would take back; nobody has been told of it.",
                    queries=(Query("switchboard_journal_lag_events"),),
                    warn_at=5_000,
                    bad_at=50_000,
                ),
                Number(
                    title="Plugins switched off",
                    description="Switched off for failing; the event log says of each why.",
                    queries=(Query('sum(switchboard_plugins{status="quarantined"})'),),
                    warn_at=1,
                ),
                Number(
                    title="Memory",
                    description="Resident.",
                    queries=(Query("process_resident_memory_bytes"),),
                    unit=Unit.BYTES,
                ),
                Number(
                    title="Processor",
                    description="Of one core.",
                    queries=(Query(rate("process_cpu_seconds_total")),),
                    unit=Unit.SHARE,
                    warn_at=0.7,
                    bad_at=0.9,
                ),
            ],
        ),
        Section(
            "Work",
            [
                Chart(
                    title="Events a second",
                    description="All kinds.",
                    queries=(Query(rate("switchboard_events_total"), "events"),),
                    unit=Unit.PER_SECOND,
                ),
                Chart(
                    title="Commands a minute, by result",
                    description="`ok`, or the code of the refusal.",
                    queries=(Query(rate("switchboard_commands_total", by="result", per=MINUTE), "{{result}}"),),
                    unit=Unit.PER_MINUTE,
                ),
                Chart(
                    title="Commands, to their answer",
                    description="Their events are on disk by then.",
                    queries=quantiles("switchboard_command_seconds"),
                    unit=Unit.SECONDS,
                ),
            ],
        ),
        Section(
            "Disk and loop",
            [
                Chart(
                    title="Commits, hand-over to durable",
                    description="The disk's own time, and what waits behind it.",
                    queries=quantiles("switchboard_journal_commit_seconds"),
                    unit=Unit.SECONDS,
                ),
                Chart(
                    title="Journal written",
                    description="Bytes a second that come to disk.",
                    queries=(Query(rate("switchboard_journal_written_bytes_total"), "written"),),
                    unit=Unit.BYTES_PER_SECOND,
                ),
                Chart(
                    title="How late the loop wakes a sleeper",
                    description="Late by much: something holds the loop up, and everybody waits.",
                    queries=quantiles("switchboard_loop_late_seconds"),
                    unit=Unit.SECONDS,
                ),
                Chart(
                    title="Size of the journal",
                    description="events.ndjson, until it is sealed and begins anew.",
                    queries=(Query("switchboard_journal_size_bytes", "events.ndjson"),),
                    unit=Unit.BYTES,
                    width=6,
                ),
                Chart(
                    title="Events for the next start to fold",
                    description="Since the last snapshot on disk.",
                    queries=(Query("switchboard_journal_unfolded_events", "events"),),
                    width=6,
                ),
                Chart(
                    title="Garbage collections a minute",
                    description="By generation.",
                    queries=(
                        Query(
                            rate("python_gc_collections_total", by="generation", per=MINUTE),
                            "generation {{generation}}",
                        ),
                    ),
                    unit=Unit.PER_MINUTE,
                    width=6,
                ),
                Chart(
                    title="Stops by the garbage collector",
                    description="Everything waits meanwhile. A long one of generation 2 is a thaw, once an hour.",
                    queries=(
                        Query(
                            quantile(0.99, "switchboard_gc_pause_seconds", by="generation"),
                            "generation {{generation}}, 99 % within",
                        ),
                    ),
                    unit=Unit.SECONDS,
                    width=6,
                ),
            ],
        ),
        Section(
            "Clock",
            [
                Chart(
                    title="The machine's clock against the system's",
                    description="Far from 0: somebody has set it. The system's follows once it has stayed for 15 s.",
                    queries=(Query("switchboard_clock_offset_seconds", "ahead by"),),
                    unit=Unit.SECONDS,
                    width=12,
                ),
                Chart(
                    title="Times that the clock was set",
                    description="Since the start: followed, or right again before that.",
                    queries=(
                        Query("switchboard_clock_steps_total", "followed"),
                        Query("switchboard_clock_glitches_total", "passed"),
                    ),
                    width=12,
                ),
            ],
        ),
        Section(
            "Plugins and clients",
            [
                Chart(
                    title="Errors a minute, by plugin",
                    description="What was contained and logged.",
                    queries=(
                        Query(
                            rare("switchboard_errors_total", by="source", per=MINUTE),
                            "{{source}}",
                        ),
                    ),
                    unit=Unit.PER_MINUTE,
                ),
                Chart(
                    title="Event streams",
                    description="Clients, and by how many batches the slowest of them is behind.",
                    queries=(
                        Query("switchboard_api_streams", "streams"),
                        Query("switchboard_api_stream_lag_batches", "batches behind"),
                    ),
                ),
                Chart(
                    title="Streams in trouble, an hour",
                    description="Fallen so far behind that they got a new snapshot, or cut off.",
                    queries=(
                        Query(rate("switchboard_api_stream_resets_total", per=HOUR), "new snapshot"),
                        Query(rate("switchboard_api_stream_cut_offs_total", per=HOUR), "cut off"),
                    ),
                ),
            ],
        ),
    ],
)
