"""The language that `steam` and `steam_sim` both speak: Steam's schema, frames and numbers; no I/O."""
