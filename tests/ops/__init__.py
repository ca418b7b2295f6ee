"""Rules, dashboards and units that run Switchboard on a server."""
