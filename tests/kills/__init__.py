"""`make history-kills`: what rewrites the past is killed in its midst, and a start has to find all of it.

A scenario is one module here with four names, which `SCENARIOS` lists; `sealing` is a short one to begin from.

- `prepare(folder)`: the data folder that each kill begins with; called once.
- `work(folder, tell)`: what is to be killed. `tell(number)` notes what has been promised until then.
- `check(folder, told)`: a start on what the kill has left; AssertionError where something is lost, in two places or
  half gone. `told` is the last number that was noted, or 0.
- `STEPS_AT_LEAST`: how many changes of the disk the work makes at least, so that there is something to be killed in.
"""

from __future__ import annotations

from typing import Final

SCENARIOS: Final = ("sealing", "pruning", "forgetting")
