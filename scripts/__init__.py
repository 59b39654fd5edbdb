"""What `make` runs: the environment, the browser, the consoles for the tests, the locks."""
