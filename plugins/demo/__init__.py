"""The demonstration: a simulated Steam, bots from its maFiles, tasks that keep arriving, and a screen to watch."""

from plugins.demo.plugin import Demo as Demo
