"""The owner’s site, writing it, and the pages and files that are the same for everybody."""

from __future__ import annotations

import io
import shutil
import uuid
from pathlib import Path

from porch.actions.site import digest, files_now, overview
from porch.pages.site_forms import front_values
from porch.site.folder import SAMPLE
from porch.site.history import History
from porch.site.reading import read_site
from tests.authorization.scenes import AN_IMAGE, Bodies, Scene, another_name
from tests.support.people import Json

ROUTES = """
                                    stranger guest member creator admin removed revoked gone

GET    /healthz                     200      200   200    200     200   200     200     -
GET    /readyz                      200      200   200    200     200   200     200     -
GET    /metrics                     200      200   200    200     200   200     200     -
GET    /                            200      200   200    200     200   200     200     -
GET    /static/<path:filename>      200      200   200    200     200   200     200     -
GET    /projects/                   200      200   200    200     200   200     200     -
GET    /projects/<slug>/            200      200   200    200     200   200     200     -
GET    /projects/tagged/<tag>/      200      200   200    200     200   200     200     -
GET    /media/<key>/<name>          404      404   404    404     404   404     404     -
GET    /palette.css                 200      200   200    200     200   200     200     -
GET    /custom.css                  404      404   404    404     404   404     404     -
GET    /manifest.webmanifest        200      200   200    200     200   200     200     -
GET    /sw.js                       200      200   200    200     200   200     200     -
GET    /offline/                    200      200   200    200     200   200     200     -
GET    /favicon.svg                 200      200   200    200     200   200     200     -
GET    /feed.xml                    200      200   200    200     200   200     200     -
GET    /sitemap.xml                 200      200   200    200     200   200     200     -
GET    /robots.txt                  200      200   200    200     200   200     200     -
GET    /talk/                       200      200   200    200     200   200     200     -
POST   /talk/                       303      303   303    303     303   303     303     -
GET    /site/                       login    403   403    403     200   403     login   -
GET    /site/front/                 login    403   403    403     200   403     login   -
POST   /site/front/                 login    403   403    403     303   403     login   -
GET    /site/files/<path:path>/     login    403   403    403     200   403     login   -
POST   /site/files/<path:path>/     login    403   403    403     303   403     login   -
GET    /site/new/                   302      302   302    302     302   302     302     -
POST   /site/new/                   login    403   403    403     303   403     login   -
GET    /site/order/                 302      302   302    302     302   302     302     -
POST   /site/order/                 login    403   403    403     303   403     login   -
GET    /site/delete/                302      302   302    302     302   302     302     -
POST   /site/delete/                login    403   403    403     303   403     login   -
GET    /site/undo/                  302      302   302    302     302   302     302     -
POST   /site/undo/                  login    403   403    403     303   403     login   -
GET    /site/preview/               302      302   302    302     302   302     302     -
POST   /site/preview/               login    403   403    403     200   403     login   -
GET    /site/images/                login    403   403    403     200   403     login   -
POST   /site/images/                login    403   403    403     303   403     login   -
GET    /site/images/<name>/         login    403   403    403     302   403     login   -
POST   /site/images/<name>/         login    403   403    403     303   403     login   -
POST   /theme/                      303      303   303    303     303   303     303     -
POST   /language/                   303      303   303    303     303   303     303     -
GET    /protected/                  200      200   200    200     200   200     200     -
GET    /protected/tls/              404      404   404    404     404   404     404     -
GET    /protected/tls/authority.crt 404      404   404    404     404   404     404     -
"""


def the_front(scene: Scene) -> Json:
    files = site_files(scene)
    return front_values(read_site(files).front) | {"seen": digest(files["site.toml"])}


def a_text(scene: Scene) -> Json:
    return {
        "path": "about.md",
        "title": "Who lives here",
        "body": f"{another_name()}.",
        "seen": digest(site_files(scene).get("about.md")),
    }


def a_place(scene: Scene) -> Json:
    seen = overview(site_files(scene))
    return {"list": "sections", "name": "hero", "place": 0, "move": "down", "seen": seen}


def a_file_to_delete(scene: Scene) -> Json:
    path = f"interests/spare-{uuid.uuid4()}.md"
    place = scene.site.folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    if not (scene.site.folder / "site.toml").exists():
        write_sample_over(scene.site.folder)
    place.write_text('+++\ntitle = "Spare"\ndraft = true\n+++\n')
    return {"path": path, "seen": overview(site_files(scene))}


def write_sample_over(folder: Path) -> None:
    shutil.copytree(SAMPLE, folder, dirs_exist_ok=True)


def a_version(scene: Scene) -> Json:
    files = site_files(scene)
    kept = History(scene.site.data / "site-history")
    name = kept.keep(files, "before")
    place = scene.site.data / "site" / "history"
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(scene.site.data / "site-history" / name, place)
    return {"version": name, "seen": overview(files)}


def an_image(scene: Scene) -> Json:
    return {"image": (io.BytesIO(AN_IMAGE), "photo.png")}


def a_spare_image(scene: Scene) -> Json:
    media = scene.site.folder / "media"
    write_sample_over(scene.site.folder)
    media.mkdir(parents=True, exist_ok=True)
    (media / "spare.jpg").write_bytes(AN_IMAGE)
    return {}


def site_files(scene: Scene) -> dict[str, bytes]:
    return files_now(scene.site.app.extensions["porch_engines"])


SENT: Bodies = {
    "POST /theme/": lambda scene: {"theme": "dark"},
    "POST /language/": lambda scene: {"language": "en"},
    "POST /site/front/": the_front,
    "POST /site/files/<path:path>/": a_text,
    "POST /site/new/": lambda scene: {"kind": "interest", "title": another_name()},
    "POST /site/order/": a_place,
    "POST /site/delete/": a_file_to_delete,
    "POST /site/undo/": a_version,
    "POST /site/preview/": a_text,
    "POST /site/images/": an_image,
    "POST /site/images/<name>/": a_spare_image,
}
