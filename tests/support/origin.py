"""Where the pages stand that Flask's test client is thought to show."""

from __future__ import annotations

OWN = {"Origin": "http://localhost"}  # headers of a form of one's own
