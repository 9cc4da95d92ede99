"""Real faults: servers that are killed, disks that fail, connections that break, clocks that jump."""
