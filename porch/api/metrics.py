"""For Prometheus: the numbers of this process, told to the machine itself and to whoever has the token."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from flask import Response, current_app, request

from porch.api import blueprint
from porch.errors import NotFound
from porch.metrics import Metrics
from porch.networks import is_loopback
from porch.web.headers import LOCAL_HOSTS
from porch.web.identity import bearer_token, engines
from porch.web.proxies import PROXIED


@blueprint.get("/metrics")
def metrics() -> Response:
    """To others it is not there."""
    if not (_is_from_here() or _has_token()):
        raise NotFound
    known: Metrics = current_app.extensions["porch_metrics"]
    content, media_type = known.encoded(request.headers.get("Accept", ""))
    return Response(content, content_type=media_type)


def _is_from_here() -> bool:
    """Whether a program on this machine asks, and means this machine: a browser can be led here by a name
    that is somebody else's.
    """
    return (
        is_loopback(request.remote_addr or "")
        and not request.environ.get(PROXIED, True)
        and urlsplit(request.host_url).hostname in LOCAL_HOSTS
    )


def _has_token() -> bool:
    token, given = engines().settings.metrics_token, bearer_token(request)
    return bool(token and given) and hmac.compare_digest(token.encode(), (given or "").encode())
