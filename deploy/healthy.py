"""Whether the Porch of this container answers: ends with an error where it does not.

The container asks every few seconds, so the program is not loaded for it.
"""

import os
import ssl
from urllib.request import urlopen

context = ssl.create_default_context()
context.check_hostname = False  # the certificate is for the names by which visitors come
context.verify_mode = ssl.CERT_NONE

has_tls = os.environ.get("PORCH_TLS") == "on" or bool(os.environ.get("PORCH_CERT"))
scheme, port = "https" if has_tls else "http", os.environ.get("PORCH_PORT", "5000")
urlopen(f"{scheme}://127.0.0.1:{port}/healthz", timeout=4, context=context).close()  # noqa: S310
