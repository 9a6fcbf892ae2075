"""What the registries offer for a field of a form while somebody types into it."""

from pipeline.publish.law import view_entry
from pipeline.registry.citations import describe_ref
from pipeline.registry.search import find_provision, search_decisions, search_statutes

MOST_CHOICES = 30
_LONGEST_QUERY = 100


def find_choices(kind: str, query: str) -> list[tuple[str, str]]:
    """Ids of the registry that fit the words typed, each with what it is. ``kind`` is ``statutes`` (provisions too), ``instruments`` or
    ``decisions``; for any other, and for nothing typed, there is none.
    """
    query = query.strip()[:_LONGEST_QUERY]
    if not query:
        return []
    match kind:
        case "decisions":
            found = [
                (d.id, f"{view_entry(d).name}, {d.date}, {view_entry(d).status}")
                for d in search_decisions(query)
            ]
        case "instruments":
            found = [(i.id, i.name) for i in search_statutes(query)]
        case "statutes":
            found = _provisions(query)
        case _:
            found = []
    return found[:MOST_CHOICES]


def _provisions(query: str) -> list[tuple[str, str]]:
    """The provision that the query names, then the instruments that fit, each with the provisions in whose titles the words occur."""
    named = find_provision(query)
    found = {str(named): describe_ref(str(named))} if named else {}
    words = query.casefold().split()
    for instrument in search_statutes(query):
        found.setdefault(instrument.id, instrument.name)
        for article in instrument.articles:
            told = f"{instrument.id} {instrument.short} {article.number} {article.title or ''}".casefold()
            if len(found) < MOST_CHOICES and all(word in told for word in words):
                ref = f"{instrument.id}:{article.number}"
                found.setdefault(ref, describe_ref(ref))
    return list(found.items())
