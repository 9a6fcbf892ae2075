"""What the address of the queue asks for, and the addresses that ask for something else. An unknown value asks for nothing."""

from dataclasses import dataclass, replace
from typing import Any, get_args
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from pipeline.store.review_records import QueueQuery, SortKey
from schemas.review import ReviewState
from schemas.risk import Level

PAGE_SIZE = 50
_LONGEST = 200
_FURTHEST = 100_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the queue; ``page`` counts from 1."""

    text: str = ""
    states: tuple[ReviewState, ...] = ()
    risk: tuple[Level, ...] = ()
    language: str = ""
    run: str = ""
    code: str = ""
    policy: str = ""
    sort: SortKey = "need"
    descending: bool = False
    page: int = 1

    @property
    def query(self) -> QueueQuery:
        """The query of the store."""
        return QueueQuery(
            text=self.text,
            states=self.states,
            risk=self.risk,
            language=self.language,
            run_id=self.run,
            code=self.code,
            policy=self.policy,
            sort=self.sort,
            descending=self.descending,
            offset=(self.page - 1) * PAGE_SIZE,
            limit=PAGE_SIZE,
        )

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return any((self.text, self.states, self.risk, self.language, self.run, self.code, self.policy))

    @property
    def plain(self) -> str:
        """The address that asks for all in the same order."""
        return Asked(sort=self.sort, descending=self.descending).address()

    def address(self, **other: Any) -> str:
        """The address that asks for this, but for what is given; another filter or order begins at the first page."""
        asked = replace(self, **({"page": 1} | other))
        pairs: list[tuple[str, str]] = [("text", asked.text)]
        pairs += [("state", state) for state in asked.states]
        pairs += [("risk", level) for level in asked.risk]
        pairs += [("language", asked.language), ("run", asked.run), ("code", asked.code)]
        pairs += [("policy", asked.policy), ("sort", "" if asked.sort == "need" else asked.sort)]
        pairs += [
            ("down", "1" if asked.descending else ""),
            ("page", "" if asked.page == 1 else str(asked.page)),
        ]
        told = urlencode([(name, value) for name, value in pairs if value])
        return f"/?{told}" if told else "/"

    def sorted_by(self, key: SortKey) -> str:
        """The address that asks for another order, or for the same the other way round."""
        return self.address(
            sort=key, descending=not self.descending if key == self.sort else key in _FROM_THE_TOP
        )


# What is of most interest where it is most.
_FROM_THE_TOP: tuple[SortKey, ...] = ("risk", "findings", "progress")


def read_asked(params: QueryParams) -> Asked:
    """What an address asks for."""
    sorts: dict[str, SortKey] = {key: key for key in get_args(SortKey)}
    page = params.get("page", "")

    def text(name: str) -> str:
        return " ".join(params.get(name, "").replace("\0", " ").split())[:_LONGEST]

    return Asked(
        text=text("text"),
        states=tuple(state for state in get_args(ReviewState) if state in params.getlist("state")),
        risk=tuple(level for level in get_args(Level) if level in params.getlist("risk")),
        language=text("language"),
        run=text("run"),
        code=text("code"),
        policy=text("policy"),
        sort=sorts.get(params.get("sort", ""), "need"),
        descending=params.get("down") == "1",
        page=min(max(int(page), 1), _FURTHEST) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
    )
