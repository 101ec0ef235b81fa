"""Use cases over many accounts: select, run, report."""
