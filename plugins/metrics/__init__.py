"""Prometheus: what an on-call engineer has to know of the fleet, its work and this process."""

from plugins.metrics.plugin import Metrics as Metrics
