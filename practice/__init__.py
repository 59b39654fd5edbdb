"""A merchant's chat console with seeded buyers: an outside system for the demo, tests and benchmarks."""
