"""One field solved for: how many episodes, from how many turns on, how many GPUs."""

from bot.solving.answer import solved

__all__ = ["solved"]
