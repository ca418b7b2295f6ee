"""Chats, turns and take-over: who may speak in a chat, and how what they say gets to the player."""

from plugins.dialogue.plugin import Dialogue as Dialogue
