"""The statistics: what editors changed of what the model wrote, as plots with their tables."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.review.forms import desk_of
from pipeline.review.pages import render
from pipeline.review.plots import OUTCOMES, WIDTH, bars_of, columns_of, write_percent, write_range


def show_stats(request: Request) -> Response:
    """The page."""
    stats = desk_of(request).stats()
    return render(
        request,
        "stats.html.j2",
        stats=stats,
        groups=(
            ("approved", "Approved drafts", bars_of(stats.approved)),
            ("in-review", "Drafts in review", bars_of(stats.in_review)),
        ),
        reasons=columns_of(stats.reasons),
        codes=columns_of(stats.codes),
        outcomes=OUTCOMES,
        width=WIDTH,
        percent=write_percent,
        interval=write_range,
    )


ROUTES = [Route("/stats", show_stats)]
