"""A simulated Steam: the real protocol on loopback, with accounts, players, proxies and bad days."""

from plugins.steam_sim.plugin import SteamSim as SteamSim
