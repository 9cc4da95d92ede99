"""What a browser says it is, in words."""

from __future__ import annotations

import pytest

from porch.actions.people.sessions import LONGEST_DEVICE
from porch.web.device import PROGRAMS, SYSTEMS, device

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT}"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0", "Firefox on Android"),
        (f"{WINDOWS} Chrome/128.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{WINDOWS} Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} Chrome/128.0.0.0 Safari/537.36 OPR/114.0.0.0", "Opera on Windows"),
        (f"{WINDOWS} Chrome/128.0.0.0 Safari/537.36 Vivaldi/6.9", "Vivaldi on Windows"),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-S918B) {WEBKIT} SamsungBrowser/26.0 Chrome/122.0.0.0",
            "Samsung Internet on Android",
        ),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/128.0.0.0", "Chrome on ChromeOS"),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) {WEBKIT} Version/17.6 Safari/605.1",
            "Safari on macOS",
        ),
        (f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} CriOS/128.0.6613.98 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{IPHONE} FxiOS/130.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone"),
        (IPHONE.replace("iPhone; CPU iPhone", "iPad; CPU") + " Version/17.5 Safari/604.1", "Safari on iPad"),
        ("curl/8.5.0", "curl"),
        ("python-requests/2.32.3", "Python"),
        ("Something (Windows NT 10.0)", "Windows"),
        ("Something of somebody's own", ""),
        ("", ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_a_browser_is_named_by_what_people_call_it(user_agent: str, words: str) -> None:
    assert device(user_agent) == words


def test_every_name_fits_where_it_is_kept() -> None:
    for _, program in PROGRAMS:
        for _, system in SYSTEMS:
            assert len(f"{program} on {system}") <= LONGEST_DEVICE
