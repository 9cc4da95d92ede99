"""`porch site ...`: the owner's site as files: a sample to begin with, what is wrong, a static copy."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import AppGroup

from porch.cli.export import export_site
from porch.site.checking import warnings
from porch.site.colour import palette
from porch.site.folder import read_folder
from porch.site.own_media import missing
from porch.site.problems import ContentError
from porch.site.writing import write_sample
from porch.web.identity import engines
from porch.web.site import share_card

site = AppGroup("site", help="The front page: write a sample, check it, export it.")


@site.command("init")
def init() -> None:
    """Write the sample site into the site's folder, to be edited."""
    folder = engines().settings.site
    try:
        write_sample(folder)
    except OSError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Wrote a sample to {folder}. Begin with site.toml: changes are shown at once.")


@site.command("check")
def check() -> None:
    """Say what is wrong in the site's folder.

    Also what in it browsers will be told to block.
    """
    folder = engines().settings.site
    try:
        state = read_folder(folder)
    except ContentError as error:
        click.echo(str(error))
        sys.exit(1)
    except OSError as error:
        raise click.ClickException(str(error)) from None
    if state.origin == "sample":
        raise click.ClickException(f"There is no site in {folder}; the sample is shown. See: porch site init")
    engines().pictures.finish(state)
    wrong = [str(problem) for problem in warnings(state.files, state.media)]
    wrong += [f"media/{name}: {words}" for name, words in engines().pictures.problems(state).items()]
    for note in state.notes:
        click.echo(f"Note: {note}", err=True)
    for line in wrong:
        click.echo(line)
    if wrong:
        sys.exit(1)
    count = len(state.site.projects), len(state.site.interests), len(state.media)
    click.echo("All is well: {} projects, {} interests, {} images.".format(*count))


@site.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--url", default="", help="Where the exported site will be, for what needs whole addresses (PORCH_URL)."
)
@click.option("--chat", default="", help="Where the rooms are (PORCH_URL); without either there are none.")
def export(folder: Path, url: str, chat: str) -> None:
    """Write the site as static files, which any file server can serve."""
    if folder.is_dir() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is there already, and not empty.")
    state = engines().site.state()
    if state.error is not None:
        raise click.ClickException(str(state.error))
    broken = [str(problem) for problem in missing(state.files, state.media)]
    if broken:
        raise click.ClickException("\n".join([*broken, "Nothing was written."]))
    front = state.site.front
    engines().pictures.finish(state, share_card(state.site, palette(front.accent, front.theme)))
    public = engines().settings.url
    base = _address(url, "--url") or public
    try:
        count = export_site(current_app, folder, base=base, chat=_address(chat, "--chat") or public)
    except OSError as error:
        raise click.ClickException(str(error)) from None
    if not base:
        click.echo(
            "Without --url there is no sitemap, no feed, and nothing that says where the pages are.", err=True
        )
    click.echo(f"Wrote {count} files to {folder}.")


def _address(value: str, option: str) -> str:
    value = value.rstrip("/")
    if value and not _is_address(value):
        raise click.BadParameter("an address such as https://example.org", param_hint=option)
    return value


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    is_plain = not parts.query and not parts.fragment
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_plain
