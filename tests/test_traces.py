"""What looks for traces of a word finds them, whatever form they have."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path

import pytest

from tests.support.traces import files_of, traces

WORD = "zwiebelkuchen"
LOOKS = {
    "text": WORD.encode(),
    "UTF-16": f"a{WORD}b".encode("utf-16"),
    "hexadecimal": f"say {WORD}".encode().hex().encode(),
    **{
        f"base64, {shift} before": base64.b64encode(b"x" * shift + WORD.encode() + b"yz")
        for shift in range(3)
    },
    **{
        f"base64url of UTF-16, {shift} before": base64.urlsafe_b64encode(
            b"\xff" * shift + WORD.encode("utf-16-le") + b"\xff\xfe"
        )
        for shift in range(3)
    },
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_word_is_found_in_whatever_form(look: bytes) -> None:
    assert traces([WORD, "marmalade"], {"here": b"before" + look + b"behind"}) == {"here": {WORD}}


def test_what_is_compressed_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "kept.gz").write_bytes(gzip.compress(WORD.encode() * 9))
    assert traces([WORD], files_of(tmp_path)) == {"kept.gz unpacked": {WORD}}
