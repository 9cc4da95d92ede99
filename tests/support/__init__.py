"""What the tests stand on: servers that they start, people who talk to them."""
