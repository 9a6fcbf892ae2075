"""Who asks: the person on this machine, the user of a session, or the user that a trusted proxy names."""

from dataclasses import dataclass
from typing import get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline.review.secret import keyed
from pipeline.review.sessions import Sessions
from pipeline.review.site import SiteSettings, is_loopback
from pipeline.store.reviews import ReviewStore
from schemas.review import Role

ROLES: tuple[Role, ...] = get_args(Role)
_A: dict[Role, str] = {"reader": "a reader", "editor": "an editor", "publisher": "a publisher"}
# What a proxy adds to a request that it hands on.
_BY_A_PROXY = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, what they may do, and the token that their forms carry."""

    name: str
    role: Role
    csrf: str

    def may(self, role: Role) -> bool:
        """Whether they may do what a role may: a publisher may do all that an editor may, an editor all that a reader may."""
        return ROLES.index(self.role) >= ROLES.index(role)


class People:
    """How a desk knows who asks."""

    def __init__(self, site: SiteSettings, store: ReviewStore, sessions: Sessions) -> None:
        self._site, self._store, self._sessions = site, store, sessions

    @property
    def cookie(self) -> str:
        """The cookie of a session. A name that begins like this is only taken from an HTTPS page of the very host."""
        return "__Host-clausewise" if self._site.secure else "clausewise"

    def known(self, request: Request) -> Person | None:
        """Who asks, None when nobody has said so yet. Raises HTTPException for one who may not ask at all."""
        match self._site.access:
            case "open":
                return self._here(request)
            case "login":
                return self._of_session(request)
            case "header":
                return self._named_by_proxy(request)

    def _here(self, request: Request) -> Person:
        if not is_loopback(peer_of(request)) or any(name in request.headers for name in _BY_A_PROXY):
            raise HTTPException(
                403,
                "This desk asks for no login and so serves this machine alone, and nobody through a proxy.",
            )
        return self._person(self._site.as_name, "publisher")

    def _of_session(self, request: Request) -> Person | None:
        token = request.cookies.get(self.cookie)
        session = self._sessions.find(token) if token else None
        return Person(session.user, session.role, session.csrf) if session else None

    def _named_by_proxy(self, request: Request) -> Person:
        named = request.headers.getlist(self._site.trust_header)
        if peer_of(request) not in self._site.trusted_proxies:
            raise HTTPException(403, "This desk is reached through its proxy alone.")
        if len(named) != 1 or not named[0]:
            raise HTTPException(401, "The proxy does not say who asks.")
        user = self._store.user(named[0])
        if user is None or user.disabled_at is not None:
            raise HTTPException(403, "The proxy names somebody who is no user of this desk.")
        return self._person(user.name, user.role)

    def _person(self, name: str, role: Role) -> Person:
        return Person(name, role, keyed(self._site.secret, f"csrf of {self._site.access}", name))


def require(request: Request, role: Role) -> Person:
    """Who asks, when they may do what the role may. Raises HTTPException (403) otherwise."""
    person: Person = request.state.person
    if not person.may(role):
        raise HTTPException(403, f"This is for {_A[role]}, and {person.name} is {_A[person.role]}.")
    return person


def peer_of(request: Request) -> str:
    """The address at the other end of the connection, empty when it has none."""
    return request.client.host if request.client else ""


def address_of(request: Request, site: SiteSettings) -> str:
    """The address that asks: behind one of the proxies that are trusted, the one for which it asks."""
    peer = peer_of(request)
    told = request.headers.getlist("x-forwarded-for")
    if peer in site.trusted_proxies and told:
        return told[-1].rpartition(",")[2].strip()[:60] or peer
    return peer
