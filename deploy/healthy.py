"""Whether the Porch of this container answers: ends with an error where it does not.

The container asks every few seconds, so the program is not loaded for it.
"""

import os
import ssl
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

context = ssl.create_default_context()
context.check_hostname = False  # the certificate is for the names by which visitors come
context.verify_mode = ssl.CERT_NONE

has_tls = os.environ.get("PORCH_TLS") == "on" or bool(os.environ.get("PORCH_CERT"))
scheme, port = "https" if has_tls else "http", os.environ.get("PORCH_PORT", "5000")
opener = build_opener(ProxyHandler({}), HTTPSHandler(context=context))
opener.open(f"{scheme}://127.0.0.1:{port}/healthz", timeout=4).close()
