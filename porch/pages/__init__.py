"""The HTML door: pages, and forms that work without JavaScript."""

from flask import Blueprint

blueprint = Blueprint("pages", __name__)

from porch.pages import (  # noqa: E402  # they register their routes on the blueprint
    account,  # noqa: F401
    accounts,  # noqa: F401
    audit,  # noqa: F401
    chatrooms,  # noqa: F401
    claim,  # noqa: F401
    direct,  # noqa: F401
    home,  # noqa: F401
    installing,  # noqa: F401
    invitations,  # noqa: F401
    language,  # noqa: F401
    levels,  # noqa: F401
    mentions,  # noqa: F401
    messages,  # noqa: F401
    order,  # noqa: F401
    protected,  # noqa: F401
    reports,  # noqa: F401
    rooms,  # noqa: F401
    search,  # noqa: F401
    sessions,  # noqa: F401
    site_editing,  # noqa: F401
    site_files,  # noqa: F401
    site_images,  # noqa: F401
    site_overview,  # noqa: F401
    site_preview,  # noqa: F401
    talk,  # noqa: F401
    theme,  # noqa: F401
    trust,  # noqa: F401
)
