"""Who works when and where: settings, browser, worker, jobs, and the command line."""
