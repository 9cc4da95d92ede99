"""What goes with a write: the audit log, the index, tallies, and work that is done in pieces afterwards."""
