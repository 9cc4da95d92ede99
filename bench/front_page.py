"""What the front page costs the server: microseconds of CPU time of a whole request, through Flask.

Medians of rounds, of the sample and of a site of 60 projects and 24 interests. `nothing changed` is a browser
that has the page and asks whether it still holds; `kept` a new visitor; `signed in` is made anew each time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from flask.testing import FlaskClient  # noqa: E402

from porch.app import create_app  # noqa: E402
from porch.cli import upgrade  # noqa: E402
from porch.config import Settings  # noqa: E402
from porch.site.folder import look_at, read_folder  # noqa: E402
from porch.site.writing import write_sample  # noqa: E402

EACH = 300
MOST = 400  # microseconds that an answer may take when nothing has changed
OWN = {"Origin": "http://localhost"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="of each; 9 if not given")
    rounds = parser.parse_args().rounds
    slow = False
    with tempfile.TemporaryDirectory(prefix="porch-bench-") as folder:
        for name, site in (("sample", Path(folder) / "none"), ("large", Path(folder) / "large")):
            if name == "large":
                fill(site)
            slow |= measure(name, site, Path(folder) / name, rounds)
    if slow:
        sys.exit(f"Slower than {MOST} us when nothing has changed.")


def fill(folder: Path) -> None:
    write_sample(folder)
    project = (folder / "projects" / "isobar.md").read_text()
    interest = (folder / "interests" / "rye-bread.md").read_text()
    for number in range(56):
        (folder / "projects" / f"project-{number}.md").write_text(
            project.replace("Isobar", f"Project {number}")
        )
    for number in range(18):
        (folder / "interests" / f"door-{number}.md").write_text(interest)


def measure(name: str, site: Path, data: Path, rounds: int) -> bool:
    """Print what each kind of request takes; returns whether it is slower than it should be."""
    app = create_app("threading", Settings(data=data, site=site))
    with app.app_context():
        upgrade()
    stranger, person = app.test_client(), app.test_client()
    person.post("/sessions/new/", data={"username": "Bench"}, headers=OWN)
    zipped = {"Accept-Encoding": "gzip"}
    stranger.get("/")
    while app.extensions["porch_engines"].pictures.card is None:  # the page names it once it is ready
        time.sleep(0.05)
    tag = stranger.get("/", headers=zipped).headers["ETag"]
    nothing = median(stranger, zipped | {"If-None-Match": tag}, 304, rounds)
    print(f"{name:8}nothing changed, 304   {nothing:9.0f}  (at most {MOST})")
    print(f"{name:8}kept, 200              {median(stranger, zipped, 200, rounds):9.0f}")
    print(f"{name:8}signed in, 200         {median(person, {}, 200, rounds, each=20):9.0f}")
    if site.is_dir():
        print(
            f"{name:8}a look at the folder   {cost(lambda: look_at(site), 50):9.0f}  (twice a second at most)"
        )
        print(f"{name:8}reading all of it      {cost(lambda: read_folder(site), 5):9.0f}  (after a change)")
    app.extensions["porch_engines"].writer.stop()
    return nothing > MOST


def median(
    client: FlaskClient, headers: dict[str, str], status: int, rounds: int, *, each: int = EACH
) -> float:
    def ask() -> None:
        with client.get("/", headers=headers) as answer:
            assert answer.status_code == status

    ask()
    return statistics.median(cost(ask, each) for _ in range(rounds))


def cost(call: object, times: int) -> float:
    """Microseconds of CPU of one call."""
    assert callable(call)
    before = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - before) / times * 1e6


if __name__ == "__main__":
    main()
