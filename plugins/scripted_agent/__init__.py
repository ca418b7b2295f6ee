"""The short dialogue about a trade, led by a script file."""

from plugins.scripted_agent.plugin import ScriptedAgent as ScriptedAgent
