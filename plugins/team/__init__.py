"""What operators share with one another beside the chats: notes, what was read, canned replies."""

from plugins.team.plugin import Team as Team
