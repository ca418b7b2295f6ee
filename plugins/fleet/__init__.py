"""Who is online: gradual connecting, rotation, and the removal of a bot."""

from plugins.fleet.plugin import Fleet as Fleet
