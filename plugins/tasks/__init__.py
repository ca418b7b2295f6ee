"""The life of a task: made, moved on by what happens to its invite and its dialogue, put away."""

from plugins.tasks.plugin import Tasks as Tasks
