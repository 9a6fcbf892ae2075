"""Decisions that arrive twice: a browser that got no answer sends its form again, and what it asked for was done all the same."""

from collections.abc import Collection, Sequence

from schemas.review import Decision, NewDecision


def is_resent(
    news: Sequence[NewDecision],
    decisions: Sequence[Decision],
    undone: Collection[int],
    *,
    by: str,
    seen: int,
) -> bool:
    """Whether ``by`` made all of these decisions since the one numbered ``seen``, and none of them was taken back."""
    since = [d for d in decisions if d.number > seen and d.by == by and d.number not in undone]
    return bool(news) and all(any(_asks_for(new, made) for made in since) for new in news)


def _asks_for(new: NewDecision, made: Decision) -> bool:
    return (new.kind, new.path, new.reason.strip()) == (made.kind, made.path, made.reason) and (
        new.after is None or new.after == made.after
    )
