"""The past as a query: an archive that follows the journal, and what is asked of it."""

from plugins.history.plugin import History as History
