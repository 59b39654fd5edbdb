"""The ledger (SQLite), its migrations and the meter."""
