"""A week of 53 shops on a clock run fast: all is real but the pages, the clock, the buyers and the people."""
