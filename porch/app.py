"""Puts everything together: the only module that knows all the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from flask import Flask, request
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError
from werkzeug.utils import import_string

from porch import api, cli, pages, sockets
from porch.access.actors import Actor
from porch.access.chats import member_head
from porch.actions.messages.previews import keep_preview, wants_preview
from porch.actions.notifications.notices import notices
from porch.actions.notifications.push import forget_subscription, push_sendings
from porch.actions.rooms import lobby
from porch.actions.rooms.direct_list import direct_changes, waiting
from porch.api.polls import EmptyPolls
from porch.config import MEGABYTE, ROOT, SettingError, Settings, settings_from
from porch.engines import Engines
from porch.engines.alone import Alone
from porch.engines.files.images import Images
from porch.engines.files.site_pictures import SitePictures
from porch.engines.files.uploads import Uploads
from porch.engines.limits.passwords import Passwords
from porch.engines.live.delivery import Delivery
from porch.engines.live.directs import DirectNews, Rows
from porch.engines.live.lobby import Changes, LobbyNews, Pairs
from porch.engines.live.notices import Notices, PersonalNotices
from porch.engines.meters import Meters
from porch.engines.outside.fetching import Fetching
from porch.engines.outside.previews import Fetch, Place, Previews
from porch.engines.outside.push import Push
from porch.engines.outside.push_news import PushNews, Sending
from porch.engines.postgres.committer import PostgresCommitter
from porch.engines.postgres.connection import reading_options, wait_by_loop
from porch.engines.postgres.search import PostgresSearch
from porch.engines.readiness import Readiness
from porch.engines.reading.memory import LATELY, Memory
from porch.engines.search.index import SearchIndex
from porch.engines.writing.bridge import Bridge, GeventBridge, ThreadBridge
from porch.engines.writing.committer import SqliteCommitter
from porch.engines.writing.writer import Writer
from porch.engines.writing.writes import Committer
from porch.errors import Invalid
from porch.extensions import BEGIN, db, migrate, reading, socketio
from porch.languages import LANGUAGES
from porch.metrics import Metrics
from porch.models import Chat
from porch.realtime.setup import init_sockets
from porch.realtime.sockets import SocketRooms
from porch.secret_key import FILE as SECRET_KEY
from porch.secret_key import secret_key
from porch.site.folder import SiteFolder
from porch.texts import lazy_gettext
from porch.web.assets import init_assets
from porch.web.bodies import BoundedRequest
from porch.web.errors import init_errors
from porch.web.guard import SocketGuard
from porch.web.headers import init_headers, nonce
from porch.web.hosts import is_host
from porch.web.identity import current_actor, init_identity
from porch.web.kept import init_kept
from porch.web.language import current_language, init_language
from porch.web.logs import hide_links
from porch.web.origin import SAFE_METHODS, refuse_foreign_origin
from porch.web.proxies import TrustedProxies
from porch.web.requests import init_requests
from porch.web.site import palette_address, site_palette
from porch.web.templates import init_templates
from porch.web.theme import current_theme

if TYPE_CHECKING:
    from porch.engines.cluster.cluster import Cluster

Mode = Literal["gevent", "threading"]

LARGEST_BODY = 256 * 1024  # bytes


def create_app(mode: Mode, settings: Settings | None = None, *, fetch: Fetch | None = None) -> Flask:
    """Make the application.

    `mode` says what waits: greenlets in a monkey-patched process, or threads. `fetch` looks at the pages that
    messages link to, in place of the network. Raises SettingError.
    """
    settings = settings or settings_from(os.environ)
    _make_data_folder(settings.data)
    is_first_start = not (settings.data / SECRET_KEY).exists()
    app = Flask("porch")
    app.request_class = BoundedRequest
    app.config.update(
        SECRET_KEY=secret_key(settings.data),
        SQLALCHEMY_DATABASE_URI=settings.database_address,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
    )
    _init_database(app, mode)
    engines = _init_engines(app, mode, settings)
    app.extensions["porch_previews"] = (
        _init_previews(app, engines, fetch or Fetching()) if settings.link_previews else None
    )
    _init_web(app, engines)
    app.extensions["porch_connections"] = sockets.register(app, socketio.server, engines)
    app.extensions["porch_is_first_start"] = is_first_start
    app.extensions["porch_metrics"] = Metrics(engines, socketio.server)
    cli.register(app)
    return app


def _make_data_folder(folder: Path) -> None:
    """Raises SettingError where it cannot be, or not be written in, as a folder of root's in a container."""
    wrong = f"PORCH_DATA={folder} cannot be the data folder"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds what people wrote
    except OSError as error:
        raise SettingError(f"{wrong}: {error.strerror}.") from None
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise SettingError(f"{wrong}: user {os.geteuid()}, who runs Porch, may not write there.")


def _init_database(app: Flask, mode: Mode) -> None:
    db.init_app(app)
    # The end of each context would look for a session of the extension's own, which nothing here ever opens.
    app.teardown_appcontext_funcs.remove(db._teardown_session)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), compare_type=True, render_as_batch=True)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _read_only)
        elif mode == "gevent":
            event.listen(db.engine, "connect", wait_by_loop)
        event.listen(db.engine, "begin", _begin)


def _engine_options(settings: Settings) -> dict[str, Any]:
    """Of the connections that only read. AUTOCOMMIT leaves BEGIN to `_begin`."""
    if settings.is_postgres:
        return reading_options(settings.lock_timeout)
    return {"pool_size": 64, "max_overflow": 256, "hide_parameters": True}


def _read_only(driver: Any, _record: object) -> None:
    driver.isolation_level = None  # else SELECT runs outside any transaction, without a snapshot
    driver.execute("PRAGMA query_only=ON")


def _begin(connection: Any) -> None:
    connection.exec_driver_sql(BEGIN[connection.dialect.name])


def _committer(settings: Settings) -> Callable[[Memory], Committer]:
    if settings.is_postgres:
        return partial(PostgresCommitter, settings.database_url, settings.lock_timeout)
    # Who hears that another process has written looks at once, and not again.
    good_for = 0.0 if settings.redis_url else LATELY
    return partial(SqliteCommitter, settings.database, settings.lock_timeout, good_for=good_for)


def _init_engines(app: Flask, mode: Mode, settings: Settings) -> Engines:
    init_sockets(app, socketio, mode, event_rate=settings.event_rate)

    def heads(chat_ids: Sequence[int]) -> dict[int, int]:
        with app.app_context(), reading() as session:
            rows = session.execute(select(Chat.id, Chat.rev).where(Chat.id.in_(chat_ids)))
            return {row.id: row.rev for row in rows}

    def changes(chat_ids: Sequence[int], watching: Collection[int], own: Pairs) -> Changes:
        with app.app_context():
            return lobby.changes(presence, chat_ids, watching, own)

    def directs(chat_ids: Collection[int], user_ids: Collection[int], watching: Collection[int]) -> Rows:
        with app.app_context():
            return direct_changes(presence, chat_ids, user_ids, watching)

    def told(messages: Iterable[Mapping[str, Any]], watching: Collection[int]) -> PersonalNotices:
        with app.app_context():
            return notices(messages, watching, there=presence.user_ids)

    def pushed(messages: Sequence[Mapping[str, Any]]) -> list[Sending]:
        with app.app_context():
            return push_sendings(engines, messages)

    def someone_moved(chat_id: int) -> None:
        lobby_news.changed(chat_id)
        direct_news.changed(chat_id)

    def outside_write() -> None:
        if cluster.is_alone:  # else it is another process, which tells of it
            delivery.outside_write()
            app.extensions["porch_connections"].check()

    bridge: Bridge = GeventBridge() if mode == "gevent" else ThreadBridge()
    cluster = _cluster(settings.redis_url, bridge) if settings.redis_url else Alone()
    rooms = SocketRooms(socketio.server)
    delivery = Delivery(rooms, heads=heads, max_waiting=settings.max_waiting)
    lobby_news = LobbyNews(rooms, changes)
    direct_news = DirectNews(rooms, directs)
    message_news = Notices(rooms, told)
    presence = cluster.presence(rooms, one_room=settings.one_room, changed=someone_moved, wake=delivery.wake)
    uploads = Uploads(settings.data / "uploads", mode, space=settings.upload_space * MEGABYTE)
    for observer in (presence, lobby_news, direct_news):
        delivery.observed_by(observer.observe, also_others=True)
    delivery.observed_by(message_news.observe)
    delivery.observed_by(uploads.observe)
    memory = app.extensions["porch_memory"] = Memory(hears_messages=not settings.is_postgres)
    writer = Writer(
        _committer(settings),
        bridge=bridge,
        announce=delivery.announce,
        outside_write=outside_write,
        queue_limit=settings.write_queue,
        memory=memory,
    )
    push = Push(
        settings.data / "push_key.pem",
        services=settings.push_services,
        contact=settings.push_contact or _contact(settings),
    )
    push_news = PushNews(push, read=pushed, ended=lambda id_: forget_subscription(engines, id_))
    delivery.observed_by(push_news.observe)
    site = SiteFolder(settings.site, settings.data / "site", name=settings.name)
    images = Images(settings.data / "site" / "images")
    engines = Engines(
        settings=settings,
        writer=writer,
        delivery=delivery,
        limiter=cluster.limiter(settings.rates),
        throttle=cluster.throttle(),
        passwords=Passwords(mode),
        presence=presence,
        activity=cluster.activity(),
        push=push,
        site=site,
        images=images,
        pictures=SitePictures(images, settings.site / "media", settings.data / "site"),
        search=PostgresSearch() if settings.is_postgres else SearchIndex(),
        uploads=uploads,
        readiness=Readiness(writer),
        meters=Meters(),
        cluster=cluster,
    )
    cluster.join(
        delivery,
        wants=presence.is_typed_in,
        observe=presence.observe,
        changed=lobby_news.changed,
        said=message_news.observe,
    )
    app.extensions["porch_engines"] = engines
    app.extensions["porch_news"] = (lobby_news, direct_news, message_news)
    app.extensions["porch_push_news"] = push_news
    return engines


def _cluster(url: str, bridge: Bridge) -> Cluster:
    """Imported where it is wanted: the client of Redis takes 0.3 s and 23 MB of every process that has it."""
    cluster: Cluster = import_string("porch.engines.cluster.cluster:Cluster")(url, bridge)
    return cluster


def _init_previews(app: Flask, engines: Engines, fetch: Fetch) -> Previews:
    def wanted(place: Place, url: str) -> bool:
        with app.app_context():
            return wants_preview(*place, url)

    previews = Previews(fetch, wanted=wanted, keep=lambda place, told: keep_preview(engines, *place, told))
    engines.delivery.observed_by(previews.observe)
    return previews


def _contact(settings: Settings) -> str:
    """Whom push services may write to: the site itself, when it has an address that others can reach."""
    return settings.url if settings.url.startswith("https:") else "mailto:porch@example.org"


def _init_web(app: Flask, engines: Engines) -> None:
    settings = engines.settings
    init_requests(app, engines.meters)
    init_identity(app)
    init_headers(app)
    init_assets(app)
    init_kept(app)
    init_templates(app)
    init_language(app, settings.language)
    init_errors(app)
    hide_links()
    app.before_request(_refuse_bad_requests)
    app.context_processor(
        lambda: {
            "site_name": engines.site.name,
            "site_style": palette_address(),
            "site_palette": site_palette(),
            "theme": current_theme(),
            "language": current_language(),
            "languages": LANGUAGES,
            "live": settings.live,
            "guests_allowed": settings.guests,
            "sign_up_allowed": settings.sign_up,
            "name_lease_days": settings.name_lease_days,
            "strangers_allowed": settings.open_to_strangers,
            "me": current_actor(),
            "waiting": _waiting,
            "nonce": nonce(),
            "here": request.full_path.rstrip("?"),
        }
    )
    app.register_blueprint(api.blueprint)
    app.register_blueprint(pages.blueprint)
    app.wsgi_app = SocketGuard(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way
    # Within what believes proxies, as far out as that lets it be: what it answers is to go the shortest way.
    app.wsgi_app = EmptyPolls(  # type: ignore[method-assign]
        app.wsgi_app,
        engines,
        app.extensions["porch_memory"],
        partial(_asked_head, app) if settings.is_postgres else None,
    )
    app.wsgi_app = TrustedProxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]


def _asked_head(app: Flask, actor: Actor, chat_id: int) -> int | None:
    """Where memory does not hold what is said, the database is asked, and nothing else."""
    with app.app_context():
        return member_head(actor, chat_id)


def _waiting() -> int:
    """In how many direct chats something waits for whoever asks. A page that says that the database cannot be
    had can do without.
    """
    try:
        actor = current_actor()
        return 0 if actor is None or actor.username is None else sum(waiting(actor).values())
    except DBAPIError:
        return 0


def _refuse_bad_requests() -> None:
    if not is_host(request.host):
        raise Invalid(lazy_gettext("The Host header is not a host name."))
    if request.method not in SAFE_METHODS:
        refuse_foreign_origin(request.environ)
