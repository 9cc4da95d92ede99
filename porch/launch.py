"""Where every way of starting Porch begins. Standard library only, until it is clear that the rest is
there and how it shall wait: gevent must patch the library before anything else is imported.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parent.parent

# What is imported stays: to look through it again after every 700 objects takes a sixth of a start.
gc.set_threshold(50_000)


def create_app() -> Flask:
    """For `flask`: the application, waiting in threads. `flask run` also gets what runs beside it."""
    with explained():
        import click

        from porch.app import create_app
        from porch.background import start_background

        read_dotenv()
        app = create_app(mode="threading")
        context = click.get_current_context(silent=True)
        if context is not None and context.info_name == "run":
            start_background(app)
        return app


def serve() -> NoReturn:
    """For `python3 app.py`: the same as `porch run`."""
    main(["run", *sys.argv[1:]])


def main(arguments: list[str] | None = None) -> NoReturn:
    """The command line: `porch run` and everything that `flask` can do here."""
    arguments = sys.argv[1:] if arguments is None else arguments
    with explained():
        if "run" in arguments:
            from gevent import monkey

            monkey.patch_all()
        from flask.cli import FlaskGroup

        read_dotenv()

        group = FlaskGroup(
            name="porch",
            create_app=create_app,
            add_version_option=False,
            help="Porch, from the command line.",
        )
        group.add_command(_run_command())
        sys.exit(group.main(arguments, prog_name="porch"))


def _run_command() -> Any:
    import click

    from porch.app import create_app
    from porch.config import environment_name, settings_from
    from porch.server import Handed, serve
    from porch.supervisor import supervise

    @click.command("run")
    @click.option("--host", help="Address to listen on (PORCH_HOST).")
    @click.option("--port", help="Port to listen on (PORCH_PORT).")
    @click.option("--cert", help="File with the certificate chain, for HTTPS (PORCH_CERT).")
    @click.option("--key", help="File with the certificate's private key (PORCH_KEY).")
    @click.option("--tls", flag_value="on", help="HTTPS with an authority of its own (PORCH_TLS).")
    @click.option("--data", help="Folder that holds all state (PORCH_DATA).")
    @click.option("--workers", help="Processes that serve (PORCH_WORKERS).")
    @click.option("--handed", hidden=True, help="What a supervisor hands to a worker.")
    def run(handed: str | None, **options: str | None) -> None:
        """Serve Porch."""
        given = {environment_name(name): value for name, value in options.items() if value is not None}
        environ = os.environ | given
        settings = settings_from(environ)
        if handed is not None:
            serve(create_app(mode="gevent", settings=settings), settings, Handed.read(handed))
        elif settings.workers > 1:
            sys.exit(supervise(settings, environ))
        else:
            serve(create_app(mode="gevent", settings=settings), settings)

    return run


def read_dotenv() -> None:
    """Take settings from the file `.env` beside `app.py`; the environment goes before it."""
    from dotenv import load_dotenv

    load_dotenv(ROOT / ".env")


@contextmanager
def explained() -> Iterator[None]:
    """End the program with one sentence when something fails that a person can mend."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] == "porch":
            raise
        sys.exit(
            f"Error: Porch needs the package {error.name}. Install it with: pip3 install -r requirements.txt"
        )
    except ValueError as error:
        if type(error).__name__ != "SettingError":  # its module may not be importable
            raise
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main()
