"""What people and their programs see: health, figures, pages. It reads the ledger and never a flow."""
