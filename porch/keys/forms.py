"""The forms that fields of records may have."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

LARGEST_NUMBER = 2**53 - 1  # what every client counts exactly

Number = Annotated[int, Meta(ge=0, le=LARGEST_NUMBER)]
Id = Annotated[int, Meta(ge=1, le=LARGEST_NUMBER)]
# So many bytes in base64url without padding; the bits of the last letter that no byte has are zero, so that
# there is one way to write them.
Bytes12 = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{16}\Z")]
Bytes32 = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")]
Bytes48 = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{64}\Z")]
Bytes64 = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{85}[AQgw]\Z")]


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly its fields, in the order in which they are signed."""
