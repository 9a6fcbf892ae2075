"""The desk as a web application: routes, each a plain function, behind a guard that none of them can forget."""

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from pipeline.errors import ClausewiseError
from pipeline.review import (
    routes_audit,
    routes_draft,
    routes_login,
    routes_publish,
    routes_queue,
    routes_review,
    routes_stats,
    static_files,
)
from pipeline.review.desk import Desk
from pipeline.review.faults import Faults, show_fault
from pipeline.review.guard import LARGEST_BODY, Guard
from pipeline.review.headers import SafeHeaders
from pipeline.review.login import Doorkeeper
from pipeline.review.people import People
from pipeline.review.sessions import Sessions
from pipeline.review.site import SiteSettings


def _now() -> datetime:
    return datetime.now(UTC)


def make_app(desk: Desk, site: SiteSettings, *, clock: Callable[[], datetime] = _now) -> Starlette:
    """The application over a desk. ``clock`` gives the time in UTC by which sessions and tries to sign in are told."""
    sessions = Sessions(desk.store, site.secret, clock)
    people = People(site, desk.store, sessions)
    app = Starlette(
        routes=[
            *routes_queue.ROUTES,
            *routes_review.ROUTES,
            *routes_publish.ROUTES,
            *routes_draft.ROUTES,
            *routes_stats.ROUTES,
            *routes_audit.ROUTES,
            *routes_login.ROUTES,
            *static_files.ROUTES,
        ],
        # From the outside in.
        middleware=[
            Middleware(SafeHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=site.allowed_hosts, www_redirect=False),
            Middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY),
            Middleware(Faults, details=site.fault_details),
            Middleware(Guard, site=site, people=people),
        ],
        exception_handlers={HTTPException: show_fault, ClausewiseError: show_fault},
    )
    app.router.redirect_slashes = False
    app.state.desk, app.state.site, app.state.clock = desk, site, clock
    app.state.sessions, app.state.people = sessions, people
    app.state.doorkeeper = Doorkeeper(desk.store, site.secret, clock)
    return app
