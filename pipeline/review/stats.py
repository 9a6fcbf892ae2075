"""What editors changed, in figures: by stage, prompt version and model, with how sure the figures are."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import quantiles

from pipeline.review.fold import undone_by
from pipeline.store.review_records import ReviewRow
from schemas.review import Decision

_Z = 1.959964  # of a two-sided 95 % interval
_MOST_COMMON = 20
_OF_THE_MODEL = ("accepted", "edited", "rejected", "undecided")


@dataclass(frozen=True, slots=True)
class Share:
    """So many of how many, as a share from 0 to 1 with its Wilson 95 % interval; None of nothing."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class StageStats:
    """What became of the claims of one stage, prompt and model in ``drafts`` drafts.

    ``claims`` are those that the model wrote, and the shares are of them; ``added`` is the share of claims that editors added in all that
    there are now. ``undecided`` were approved with the whole draft, or are still to be decided about.
    """

    stage: str
    prompt: str
    model: str
    drafts: int
    claims: int
    accepted: Share
    edited: Share
    rejected: Share
    undecided: Share
    added: Share


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes in which a draft was worked on, over all its editors: quartiles of ``drafts`` drafts."""

    drafts: int
    lower: float
    median: float
    upper: float


@dataclass(frozen=True, slots=True)
class Stats:
    """Feedback on the drafts: ``approved`` of those that were approved, published or not, ``in_review`` of those that are being reviewed.

    ``reasons`` are the most common reasons of rejection, ``codes`` the most common findings about claims as the model wrote them that an
    editor edited or rejected, each with its count; both of approved drafts.
    """

    drafts: dict[str, int]
    approved: tuple[StageStats, ...]
    in_review: tuple[StageStats, ...]
    minutes: Minutes | None
    reasons: tuple[tuple[str, int], ...]
    codes: tuple[tuple[str, int], ...]


def make_stats(
    rows: Iterable[ReviewRow],
    minutes: Mapping[str, Mapping[str, int]],
    rejections: Mapping[str, Iterable[Decision]],
) -> Stats:
    """The figures of all reviews; ``minutes`` and ``rejections`` (with the undoings) are by review."""
    rows = list(rows)
    approved = [row for row in rows if row.approved_at is not None]
    worked = [sum(minutes[row.id].values()) for row in approved if row.id in minutes]
    codes: Counter[str] = Counter()
    for row in approved:
        codes.update(row.tally.codes)
    return Stats(
        drafts=dict(sorted(Counter(row.state for row in rows).items())),
        approved=_by_stage(approved),
        in_review=_by_stage(row for row in rows if row.state == "in_review"),
        minutes=_quartiles(worked),
        reasons=_reasons(rejections[row.id] for row in approved if row.id in rejections),
        codes=tuple(codes.most_common(_MOST_COMMON)),
    )


def share(count: int, of: int) -> Share:
    """A share with its interval after Wilson (1927), which holds for small numbers and for shares near 0 and 1."""
    if of == 0:
        return Share(count, of, None, None, None)
    middle = (count + _Z**2 / 2) / (of + _Z**2)
    width = _Z * sqrt(count * (of - count) / of + _Z**2 / 4) / (of + _Z**2)
    # The ends are exact where they are 0 and 1, and computing would miss them by a hair.
    low = 0.0 if count == 0 else middle - width
    high = 1.0 if count == of else middle + width
    return Share(count, of, count / of, low, high)


def _by_stage(rows: Iterable[ReviewRow]) -> tuple[StageStats, ...]:
    drafts: Counter[tuple[str, str, str]] = Counter()
    became: dict[tuple[str, str, str], Counter[str]] = {}
    for row in rows:
        for stage, counts in row.tally.claims.items():
            key = (stage, row.prompts.get(stage, ""), row.models.get(stage, ""))
            drafts[key] += 1
            became.setdefault(key, Counter()).update(counts)
    return tuple(_stage(*key, drafts[key], counts) for key, counts in sorted(became.items()))


def _stage(stage: str, prompt: str, model: str, drafts: int, counts: Counter[str]) -> StageStats:
    claims = sum(counts[name] for name in _OF_THE_MODEL)
    added = counts["added"]
    return StageStats(
        stage=stage,
        prompt=prompt,
        model=model,
        drafts=drafts,
        claims=claims,
        accepted=share(counts["accepted"], claims),
        edited=share(counts["edited"], claims),
        rejected=share(counts["rejected"], claims),
        undecided=share(counts["undecided"], claims),
        added=share(added, claims - counts["rejected"] + added),
    )


def _quartiles(minutes: list[int]) -> Minutes | None:
    if not minutes:
        return None
    if len(minutes) == 1:
        return Minutes(1, minutes[0], minutes[0], minutes[0])
    lower, median, upper = quantiles(minutes, n=4, method="inclusive")
    return Minutes(len(minutes), lower, median, upper)


def _reasons(reviews: Iterable[Iterable[Decision]]) -> tuple[tuple[str, int], ...]:
    """Reasons that say the same but for capitals and spaces are one, told as it was written first."""
    told: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for decisions in reviews:
        listed = list(decisions)
        undone = undone_by(listed)
        for decision in listed:
            # One that was carried over was counted where it was made.
            if decision.kind == "reject" and decision.number not in undone and not decision.carried_from:
                reason = " ".join(decision.reason.split())
                key = reason.casefold().rstrip(".")
                counts[key] += 1
                told.setdefault(key, reason)
    return tuple((told[key], count) for key, count in counts.most_common(_MOST_COMMON))
