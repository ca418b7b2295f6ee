"""Bad days of the disk, of the clock and of Steam, under load, and whether everything moves again after them."""

from __future__ import annotations

import asyncio

from tests.chaos.checks import Report
from tests.chaos.clocks import WrongClock
from tests.chaos.disks import Disk
from tests.chaos.evidence import Span
from tests.chaos.ground import Ground
from tests.chaos.moving import moves_again
from tests.chaos.steam import now

BUSY = 20
"""EResult ServiceUnavailable."""


async def disk_full(ground: Ground, disk: Disk, seconds: float, before_s: float = 15) -> Report:
    """Full for so long and free again; then full again, killed meanwhile, and started once there is room."""
    await ground.begin()
    async with ground.load.running():
        await asyncio.sleep(before_s)
        await _full_for(ground, disk, seconds)
        await moves_again(ground, "a full disk", now())
        disk.fill(_pid(ground))
        await asyncio.sleep(min(seconds, 10))
        await ground.product.kill()
        disk.free(0)
        ground.compare_disk_and_steam()
        await ground.product.start()
        await moves_again(ground, "a full disk and a kill", now())
    await ground.settle()
    return await _judged(ground, {"seconds of a full disk": int(seconds)})


async def _full_for(ground: Ground, disk: Disk, seconds: float) -> None:
    disk.fill(_pid(ground))
    ground.tell(f"{disk.what} is full")
    begin = now()
    await asyncio.sleep(seconds / 2)
    if await ground.product.is_ready():
        ground.report.find("a full disk is told", f"/readyz says that all is well {seconds / 2:.0f} s into it")
    await asyncio.sleep(seconds / 2)
    done = sum(begin + 2_000 < answer.at for _, answer in ground.driver.ledger.acknowledged())
    if done:
        ground.report.find("nothing is acknowledged that is not on disk", f"{done} commands were, on a full disk")
    pause = await ground.driver.give("PauseContact")
    if pause.holds_since is None:
        ground.report.find("a pause holds on a full disk", f"it was answered {pause.answers}")
    disk.free(_pid(ground))
    await asyncio.sleep(5)
    await ground.driver.give("ResumeContact", tries=50)


async def disk_readonly(ground: Ground, disk: Disk, seconds: float, before_s: float = 15) -> Report:
    """It fails and is read-only from then on, as ext4 is after an error; it is mended, and the system started again."""
    await ground.begin()
    async with ground.load.running():
        await asyncio.sleep(before_s)
        disk.fail(_pid(ground))
        ground.tell(f"{disk.what} takes no writes")
        await asyncio.sleep(seconds)
        if await ground.product.is_ready():
            ground.report.find("a failed disk is told", f"/readyz says that all is well {seconds:.0f} s into it")
        await ground.product.kill()
        disk.mend()
        ground.compare_disk_and_steam()
        if disk.real:
            await _no_start_on_it(ground, disk)
        await ground.product.start()
        await moves_again(ground, "a read-only disk", now())
    await ground.settle()
    return await _judged(ground, {"seconds of a read-only disk": int(seconds)})


async def disk_stalled(ground: Ground, disk: Disk, seconds: float, before_s: float = 15) -> Report:
    """Writes and syncs neither fail nor end for so long."""
    if not disk.real:
        ground.report.counts["stalled disks left out, because nothing can be mounted here"] = 1
        return ground.report
    await ground.begin()
    async with ground.load.running():
        await asyncio.sleep(before_s)
        disk.stall()
        ground.tell(f"{disk.what} has stalled")
        await asyncio.sleep(seconds)
        if await ground.product.is_ready():
            ground.report.find("a stalled disk is told", f"/readyz says that all is well {seconds:.0f} s into it")
        disk.go_on()
        await moves_again(ground, "a stalled disk", now())
    await ground.settle()
    return await _judged(ground, {"seconds of a stalled disk": int(seconds)})


async def _no_start_on_it(ground: Ground, disk: Disk) -> None:
    """On a disk that is mounted read-only it does not start, and says why."""
    disk.lock()
    child = ground.product.launch()
    try:
        await child.ended(30)
    except TimeoutError:
        ground.report.find("no start on a read-only disk", "it neither started nor ended within 30 s")
        await child.kill()
    ground.product.child = None
    words = ground.product.last_words(3)
    if "read-only" not in words.lower():
        ground.report.find("no start on a read-only disk", f"its last words do not say why: {words}")
    disk.unlock()


async def clock_wrong(ground: Ground, clock: WrongClock, offset: int, seconds: float, before_s: float = 15) -> Report:
    """Wrong for so long, a kill and a start while it is wrong, right again, a kill and a start once more."""
    await ground.begin()
    async with ground.load.running():
        await asyncio.sleep(before_s)
        for name, new in (("the clock's step", offset), ("the clock's step back", 0)):
            clock.set(new)
            begin = now()
            ground.tell(f"the clock is {new / 3_600_000:+.0f} h from the truth")
            await moves_again(ground, name, begin)
            await asyncio.sleep(max(0.0, seconds - (now() - begin) / 1_000))
            await ground.product.kill()
            ground.compare_disk_and_steam()
            await ground.product.start()
            await moves_again(ground, f"a start after {name}", now())
    await ground.settle()
    _nobody_is_barred_without_a_cause(ground)
    return await _judged(ground, {"hours that the clock was wrong by": offset // 3_600_000})


def _nobody_is_barred_without_a_cause(ground: Ground) -> None:
    """A wrong clock makes no invite lapse."""
    for player in ground.driver.state.players.values():
        if player.invite_refusal == "lapsed":
            ground.report.find("no invite lapses by a wrong clock", f"{player.steam_id64} let one, it says")


async def steam_busy(ground: Ground, seconds: float, before_s: float = 15) -> Report:
    """Steam answers 20 to every invite and every message."""
    await ground.begin()
    async with ground.load.running():
        await asyncio.sleep(before_s)
        await ground.steam.fault_on("invite_result", eresult=BUSY)
        await ground.steam.fault_on("chat_result", eresult=BUSY)
        await _for(ground, seconds, "Steam is busy")
        await moves_again(ground, "a busy Steam", await ground.steam.faults_off())
    await ground.settle()
    return await _judged(ground, {"seconds of a busy Steam": int(seconds)})


async def steam_frozen(ground: Ground, seconds: float, before_s: float = 15) -> Report:
    """Connections stay open, and nothing is answered on them; then Steam does what it is asked, and does not say so."""
    await ground.begin()
    async with ground.load.running():
        await asyncio.sleep(before_s)
        for fault, rule in (("stall", {}), ("late_answers", {"delay_ms": 3_600_000})):
            await ground.steam.fault_on(fault, **rule)
            await _for(ground, seconds, f"Steam is frozen: {fault}")
            await moves_again(ground, f"a frozen Steam ({fault})", await ground.steam.faults_off())
    await ground.settle()
    return await _judged(ground, {"seconds of a frozen Steam": int(2 * seconds)})


async def steam_lying(ground: Ground, seconds: float, before_s: float = 15) -> Report:
    """Does what it says it refused; says OK and does nothing; loses answers while its history lags half a minute."""
    lies: tuple[tuple[str, dict[str, dict[str, object]]], ...] = (
        ("does and denies", {"invite_lies": {"eresult": BUSY}, "chat_lies": {"eresult": BUSY}}),
        ("says OK and does nothing", {"invite_lost": {}, "chat_lost": {}}),
        ("lags", {"history_lags": {"delay_ms": 30_000}, "late_answers": {"delay_ms": 3_600_000, "chance": 0.3}}),
    )
    await ground.begin()
    async with ground.load.running():
        await asyncio.sleep(before_s)
        for name, faults in lies:
            begin = now()
            for fault, rule in faults.items():
                await ground.steam.fault_on(fault, **rule)
            await _for(ground, seconds, f"Steam {name}")
            end = await ground.steam.faults_off()
            if name == "says OK and does nothing":
                ground.lies.append(Span(begin - 30_000, end))
            await moves_again(ground, f"a Steam that {name}", end)
    await ground.settle()
    return await _judged(ground, {"seconds of a lying Steam": int(len(lies) * seconds)})


async def _for(ground: Ground, seconds: float, what: str) -> None:
    end = now() + seconds * 1_000
    while now() < end:
        ground.tell(f"{what}; {ground.progress()}")
        await asyncio.sleep(1)


async def _judged(ground: Ground, counts: dict[str, int]) -> Report:
    report = await ground.judge()
    report.counts |= counts
    return report


def _pid(ground: Ground) -> int:
    assert ground.product.child is not None
    return ground.product.child.pid
