"""Switchboard from a notebook or a script: the live state, every command, events, and cards that show themselves.

sb = await switchboard.connect(url, token)      # or connect_sync, where nothing can be awaited
sb.tasks.filter(status="invited").to_pandas()
await sb.create_task(player="7656…", item="AK-47 | Redline", price_min="10", price_max="12.50", currency="USD")
"""

from kernel.errors import CommandError as CommandError
from kernel.errors import Refused as Refused
from kernel.errors import Unconfirmed as Unconfirmed
from kernel.errors import Unfinished as Unfinished
from switchboard import display
from switchboard.cards import Card as Card
from switchboard.client import BlockingSwitchboard as BlockingSwitchboard
from switchboard.client import Switchboard as Switchboard
from switchboard.client import connect as connect
from switchboard.client import connect_sync as connect_sync
from switchboard.collection import Collection as Collection
from switchboard.errors import ClientError as ClientError
from switchboard.errors import Closed as Closed
from switchboard.errors import Incompatible as Incompatible
from switchboard.errors import Interrupted as Interrupted
from switchboard.errors import JournalUnreadable as JournalUnreadable
from switchboard.errors import Missed as Missed
from switchboard.errors import NothingToAsk as NothingToAsk
from switchboard.errors import NotInstalled as NotInstalled
from switchboard.errors import SignInRefused as SignInRefused
from switchboard.errors import TimedOut as TimedOut
from switchboard.errors import Unreachable as Unreachable
from switchboard.extension import load_ipython_extension as load_ipython_extension
from switchboard.journal import Journal as Journal
from switchboard.journal import Past as Past
from switchboard.requests import Verdict as Verdict
from switchboard.sandbox import Sandbox as Sandbox
from switchboard.scrubber import scrub as scrub

display.install()
