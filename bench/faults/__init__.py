"""The campaign of faults: what a bad night brings, at every state of a reply, judged by the consoles."""
