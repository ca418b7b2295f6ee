"""HTTP: commands in, the state and its events out, for browsers, notebooks and curl alike."""

from plugins.api.plugin import Api as Api
