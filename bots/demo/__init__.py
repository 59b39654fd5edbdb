"""The demo: a practice console with its buyers, bots that serve it, and a verdict by the console's own record."""
