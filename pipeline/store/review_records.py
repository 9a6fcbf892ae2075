"""What the store keeps of reviews, engine or no engine: reviews and their queue, publications, users, sessions, the audit log."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from schemas.review import ReviewState, Role
from schemas.risk import Level

Audience = Literal["public", "professional"]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the model's work in a review, to be summed up without reading drafts.

    ``units`` counts by stage (``consumer``, ``legal``, ``risk``) the units that are ``accepted``, ``edited``, ``rejected``, ``added`` and
    ``undecided``; ``claims`` the same of claims alone. ``codes`` counts by code the findings about units as the model wrote them that an
    editor edited or rejected.
    """

    units: dict[str, dict[str, int]] = field(default_factory=dict)
    claims: dict[str, dict[str, int]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A draft in the queue: what is shown, searched, filtered and sorted by without reading the draft itself.

    ``id`` is the start of the digest of the draft. ``policy`` is the same for drafts of the same policy. ``errors``, ``warnings`` and
    ``notes`` count open findings as the draft stands after its decisions, ``codes`` how many of each code. ``risk`` is the highest severity
    of a provision or material risk, ``high`` how many have it high. ``units`` and ``decided`` count what there is to decide about and what
    has been. ``last_number`` is that of the last decision, 0 for none. ``prompts`` and ``models`` are per stage. ``why`` tells in a few
    words each why it stands where it does in the queue; only the desk's queue fills it.
    """

    id: str
    draft_key: str
    policy: str
    title: str
    company: str
    language: str
    source: str
    effective: str | None
    words: int
    drafted_at: datetime
    entered_at: datetime
    changed_at: datetime
    state: ReviewState
    risk: Level | None
    high: int
    errors: int
    warnings: int
    notes: int
    codes: dict[str, int]
    units: int
    decided: int
    last_number: int
    run_id: str | None
    item_id: str | None
    tags: tuple[str, ...]
    models: dict[str, str]
    prompts: dict[str, str]
    approved_by: str | None = None
    approved_at: datetime | None = None
    superseded_by: str | None = None
    tally: Tally = field(default_factory=Tally)
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision changes of a review's row."""

    state: ReviewState
    risk: Level | None
    high: int
    errors: int
    warnings: int
    notes: int
    codes: dict[str, int]
    units: int
    decided: int
    approved_by: str | None
    approved_at: datetime | None
    tally: Tally


SortKey = Literal["need", "title", "company", "age", "risk", "findings", "state", "progress"]


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What is asked of the queue. Empty means not filtered by; ``text`` is looked for in title, company, source and id.

    ``need`` puts first what most likely needs a person. The other orders begin with the first of the alphabet, the oldest, the lowest risk,
    the fewest findings, the first state, the least that is decided; ``descending`` turns an order round.
    """

    text: str = ""
    states: tuple[ReviewState, ...] = ()
    risk: tuple[Level, ...] = ()
    language: str = ""
    run_id: str = ""
    code: str = ""
    policy: str = ""
    sort: SortKey = "need"
    descending: bool = False
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Rows of the queue, how many there are in all, and what can be filtered by: each value with its count in the whole queue."""

    rows: tuple[ReviewRow, ...]
    total: int
    states: dict[str, int]
    languages: dict[str, int]
    runs: dict[str, int]
    codes: dict[str, int]


@dataclass(frozen=True, slots=True)
class PublicationRow:
    """One publication of a draft: for whom, which files with their digests.

    ``number`` is that of the decision that published it, ``last_number`` that of the last decision before, which it was made from.
    ``replaced_by`` is the review of which the next one of the policy for the audience was published, in the same folder.
    """

    review_id: str
    audience: Audience
    by: str
    at: datetime
    last_number: int
    files: dict[str, str]
    withdrawn_at: datetime | None = None
    number: int = 0
    replaced_by: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it is what is published of the policy for the audience."""
        return self.withdrawn_at is None and self.replaced_by is None


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person who may sign in. ``password_hash`` is in the form of argon2."""

    name: str
    password_hash: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session, found by the digest of its token. ``csrf`` is the token that its forms carry."""

    token_sha256: str
    user: str
    role: Role
    csrf: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit log. ``sha256`` is of the line and of the ``sha256`` before it, so that a line taken out shows."""

    number: int
    at: datetime
    by: str
    action: str
    subject: str
    detail: dict[str, str] = field(default_factory=dict)
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What a check of the audit log found: ``broken`` is the number of the first line that is not what was written there, or follows one
    that is gone; None when there is none.

    ``number`` and ``sha256`` are of the last line that follows from all before it, 0 and empty when there is none. ``whole_at`` is when
    every line up to there was last read, and not only those since.
    """

    broken: int | None
    number: int
    sha256: str
    whole_at: datetime
