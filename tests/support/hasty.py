"""A server with another patience than `porch run`, and room for few: `python -m tests.support.hasty BOUNDS`.

BOUNDS is JSON: values for the constants of `porch.serving.connections`, `signing_in`, the seconds in which a
socket has to, and `files`, how many may be open.
"""

import json
import resource
import sys

from gevent import monkey

monkey.patch_all()

from porch.launch import main  # noqa: E402
from porch.serving import body, connections, handler  # noqa: E402
from porch.sockets import connections as sockets  # noqa: E402

if __name__ == "__main__":
    bounds = json.loads(sys.argv[1])
    files = bounds.pop("files", None)
    if files is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    sockets.PATIENCE = bounds.pop("signing_in", sockets.PATIENCE)
    for module in (connections, body, handler):
        for name in bounds.keys() & vars(module).keys():
            setattr(module, name, bounds[name])
    main(["run"])
