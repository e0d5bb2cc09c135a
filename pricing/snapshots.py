"""The rates that somebody was told last, to say later what moved since."""
