"""What a bot does in one shop's console: read, decide, guard, send, hand over."""
