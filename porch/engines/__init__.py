"""What a bigger site replaces, and what waits in its own way in each mode; `create_app` chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from porch.config import Settings
from porch.engines.alone import Alone
from porch.engines.files.images import Images
from porch.engines.files.site_pictures import SitePictures
from porch.engines.files.uploads import Uploads
from porch.engines.limits.limiter import Limiter
from porch.engines.limits.passwords import Passwords
from porch.engines.limits.throttle import Throttle
from porch.engines.live.activity import Activity
from porch.engines.live.delivery import Delivery
from porch.engines.live.presence import Presence
from porch.engines.meters import Meters
from porch.engines.outside.push import Push
from porch.engines.readiness import Readiness
from porch.engines.search.index import SearchIndex
from porch.engines.writing.writer import Writer
from porch.site.folder import SiteFolder

if TYPE_CHECKING:
    from porch.engines.cluster.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Engines:
    """Passed to every action by the doors; lives as long as the application."""

    settings: Settings
    writer: Writer
    delivery: Delivery
    limiter: Limiter
    throttle: Throttle
    passwords: Passwords
    presence: Presence
    activity: Activity
    push: Push
    site: SiteFolder
    images: Images  # of the site
    pictures: SitePictures
    search: SearchIndex
    uploads: Uploads
    readiness: Readiness
    meters: Meters
    cluster: Cluster | Alone

    @property
    def site_name(self) -> str:
        return self.site.name
