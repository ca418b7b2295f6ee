"""Round-robin: which bot takes which task."""

from plugins.assigner.plugin import Assigner as Assigner
