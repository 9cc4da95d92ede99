"""Whether the Porch of this container answers: ends with an error where it does not.

The container asks every few seconds, so the program is not loaded for it: of its settings are read those that
say where it answers, as it reads them itself.
"""

import os
import ssl
from pathlib import Path
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

from dotenv import load_dotenv

load_dotenv(Path(__file__).with_name(".env"))  # beside app.py; the environment goes before it
context = ssl.create_default_context()
context.check_hostname = False  # the certificate is for the names by which visitors come
context.verify_mode = ssl.CERT_NONE

has_tls = os.environ.get("PORCH_TLS", "").strip() == "on" or bool(os.environ.get("PORCH_CERT", "").strip())
scheme, port = "https" if has_tls else "http", os.environ.get("PORCH_PORT", "5000")
host = os.environ.get("PORCH_HOST", "127.0.0.1").strip()
host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
opener = build_opener(ProxyHandler({}), HTTPSHandler(context=context))
opener.open(f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/healthz", timeout=4).close()
