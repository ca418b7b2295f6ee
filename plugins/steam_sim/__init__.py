"""A simulated Steam: the real protocol on loopback, with accounts, players, proxies and bad days."""
