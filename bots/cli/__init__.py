"""The command `nightdesk`: what people at a terminal ask of the bots."""

from bots.cli.root import main

__all__ = ["main"]
