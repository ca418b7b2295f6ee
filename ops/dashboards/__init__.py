"""The Grafana dashboards, made by code: `python -m ops.dashboards` writes them to `ops/grafana/dashboards`."""
