"""What a browser says it is, in words: for the list of one's sessions, not for deciding anything."""

from __future__ import annotations

from porch.texts import gettext

# The first that is found counts: most browsers also name those that they want to be taken for.
PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Vivaldi", "Vivaldi"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python-requests", "Python"),
    ("python-socketio", "Python"),
    ("node", "Node.js"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_words(device: str | None) -> str:
    """What `device` has said, in the language of whoever reads; empty when it could not tell."""
    program, on, system = (device or "").partition(" on ")
    # L10n: "Firefox on Linux"
    return gettext("%(program)s on %(system)s", program=program, system=system) if on else program


def device(user_agent: str) -> str:
    """`Firefox on Linux`, or the part of it that can be told; empty when nothing can."""
    program = next((name for mark, name in PROGRAMS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{program} on {system}" if program and system else program or system
