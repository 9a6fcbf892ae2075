"""A document longer than the window is read in parts: every passage once, nothing lost in silence."""

import re
from collections.abc import Callable, Collection
from itertools import chain, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.draft import write_draft
from pipeline.errors import AnswerInvalidError, ContextOverflowError
from pipeline.prices import estimate_tokens
from pipeline.registry.taxonomy import load_taxonomy
from pipeline.stages.opening import write_passage, write_passages
from pipeline.stages.parts import Sizes, fill_room, room_for_passages, split_parts
from pipeline.store.sqlite import IN_MEMORY, SqliteStore
from schemas.document import Document, Span
from schemas.draft import Draft
from tests.endpoint import Endpoint, Request, answer, fault
from tests.endpoint import Reply as Scripted
from tests.tidewater import ARTEFACTS, POLICY, schema_asked, tidewater

CATEGORY = load_taxonomy().categories[0].id
FILLER = "\n".join(
    f"\n## Harbour {n}\n\n"
    + "\n".join(
        f"We keep the personal data of whoever sweeps berth {n} {m} with a broom, and share it with the harbour."
        for m in range(40)
    )
    for n in range(30)
)


@pytest.fixture(scope="module")
def long() -> Document:
    """The invented policy, its second half after many pages of little interest."""
    head, rest = POLICY.split("## Keeping")
    return tidewater(head + FILLER + "\n\n## Keeping" + rest)


def in_policy(document: Document, passages: list[str]) -> list[str]:
    """Ids among these that do not belong to the filler."""
    by_id = {p.id: document.text_of(p) for p in document.passages}
    return [name for name in passages if "broom" not in by_id[name]]


def ids_in(request: Request) -> list[str]:
    """The passages that a request shows, in order."""
    return re.findall(r"^\[([^\]]+)\] ", request.user, re.MULTILINE)


def budget_in(request: Request) -> int:
    """How many passages a request for a reading allows."""
    found = re.search(r"Take at most (\d+) of them", request.user)
    assert found
    return int(found[1])


def size_of(document: Document, ids: Collection[str]) -> int:
    """Tokens of these passages, each on its own."""
    sizes = Sizes(document)
    return sum(sizes.of(p) for p in document.passages if p.id in ids)


def reader(document: Document, choose: Callable[[list[str]], list[str]]) -> Callable[[Request], Scripted]:
    """Answers readings with the passages that ``choose`` picks of those shown, and stages with their artefacts."""

    def reply(request: Request) -> Scripted:
        name = request.schema_name
        if name != "Reading":
            return answer(ARTEFACTS[schema_asked(request)](document))
        chosen = choose(ids_in(request))
        return answer({"passages": [{"passage_id": c, "category": CATEGORY} for c in chosen]})

    return reply


def small_window(document: Document, endpoint: Endpoint, room: int, **more: Any) -> Any:
    """Settings whose window leaves about ``room`` tokens for passages."""
    low, high = 1_000, 10_000_000
    while low < high:
        middle = (low + high) // 2
        settings = endpoint.settings(context_window=middle, max_output_tokens=2_000, **more)
        try:
            fits = room_for_passages(document, settings) >= room
        except ContextOverflowError:
            fits = False
        low, high = (low, middle) if fits else (middle + 1, high)
    return endpoint.settings(context_window=low, max_output_tokens=2_000, **more)


async def draft_of(document: Document, settings: Any) -> Draft:
    with SqliteStore(IN_MEMORY) as store:
        return await write_draft(document, settings, store=store)


async def test_document_that_fits_is_read_in_one(endpoint: Endpoint, long: Document) -> None:
    endpoint.script_with(reader(long, lambda ids: []))
    draft = await draft_of(long, endpoint.settings())
    assert [request.schema_name for request in endpoint.requests] == list(ARTEFACTS)
    assert [f for f in draft.findings if f.code.startswith("document.read_in_parts")] == []


async def test_every_passage_is_read_exactly_once_and_the_chosen_are_merged_in_order(
    endpoint: Endpoint, long: Document
) -> None:
    endpoint.script_with(reader(long, lambda ids: in_policy(long, ids)[::-1]))
    draft = await draft_of(long, small_window(long, endpoint, 5_000))
    readings = [r for r in endpoint.requests if r.schema_name == "Reading"]
    assert len(readings) >= 3
    assert list(chain.from_iterable(map(ids_in, readings))) == [p.id for p in long.passages]
    chosen = in_policy(long, [p.id for p in long.passages])
    for stage in endpoint.requests[len(readings) :]:
        assert ids_in(stage) == chosen
        assert f"in {len(readings)} parts" in stage.user
    assert [s.stage for s in draft.provenance.stages] == ["read"] * len(readings) + [
        "consumer",
        "legal",
        "risk",
    ]
    told = next(f for f in draft.findings if f.code == "document.read_in_parts")
    assert (told.severity, str(len(long.passages)) in told.message) == ("info", True)
    assert [f for f in draft.findings if f.severity == "error"] == []


async def test_no_request_is_longer_than_the_window(endpoint: Endpoint, long: Document) -> None:
    endpoint.script_with(reader(long, lambda ids: in_policy(long, ids)))
    settings = small_window(long, endpoint, 4_000)
    await draft_of(long, settings)
    for request in endpoint.requests:
        size = estimate_tokens(request.system + request.user)
        assert size + settings.max_output_tokens <= settings.context_window


async def test_checks_see_the_whole_document_and_not_only_the_parts_chosen(
    endpoint: Endpoint, long: Document
) -> None:
    """A claim of absence about something that stands in a passage that no stage was shown is a fault."""

    def reply(request: Request) -> Scripted:
        if request.schema_name == "ConsumerSummary":
            summary = ARTEFACTS["ConsumerSummary"](long)
            summary.sentences[2].absent_terms = ["broom"]
            return answer(summary)
        return reader(long, lambda ids: in_policy(long, ids))(request)

    endpoint.script_with(reply)
    draft = await draft_of(long, small_window(long, endpoint, 5_000, answer_tries=1))
    assert not any("broom" in r.user for r in endpoint.requests if r.schema_name == "ConsumerSummary")
    errors = [f.path for f in draft.findings if f.severity == "error"]
    assert errors
    assert all(path.startswith("consumer.sentences[2]") for path in errors)


async def test_more_passages_than_asked_for_are_asked_again_with_how_many_there_may_be(
    endpoint: Endpoint, long: Document
) -> None:
    endpoint.script_with(reader(long, lambda ids: in_policy(long, ids) + ids))
    await draft_of(long, small_window(long, endpoint, 5_000, answer_tries=2))
    again = [r for r in endpoint.requests if r.schema_name == "Reading" and len(r.messages) > 2]
    assert again
    for request in again:
        most = budget_in(request)
        named = len(ids_in(request))
        assert named > most
        assert (
            f"- passages: {named} passages are named; name at most {most}, the weightiest first"
            in request.last
        )


async def test_passages_named_beyond_the_window_are_told_by_id(endpoint: Endpoint, long: Document) -> None:
    endpoint.script_with(reader(long, lambda ids: in_policy(long, ids) + ids))
    draft = await draft_of(long, small_window(long, endpoint, 5_000, answer_tries=2))
    cut = [f for f in draft.findings if f.code == "document.selection_cut"]
    assert [f.severity for f in cut] == ["info"]
    shown = set(ids_in(endpoint.requests[-1]))
    dropped = cut[0].message.split(": ", 1)[1].rstrip(".").split(", ")
    assert f"the last {len(dropped)} were" in cut[0].message
    assert shown | set(dropped) == {p.id for p in long.passages}
    assert not shown & set(dropped)


async def test_what_one_part_leaves_of_the_window_goes_to_another(endpoint: Endpoint, long: Document) -> None:
    """Only the first part names passages: they may take more of the window than an even share."""

    def choose(ids: list[str]) -> list[str]:
        return ids[: budget_in(endpoint.requests[-1])] if ids[0] == long.passages[0].id else []

    endpoint.script_with(reader(long, choose))
    room = 4_000
    draft = await draft_of(long, small_window(long, endpoint, room))
    readings = [r for r in endpoint.requests if r.schema_name == "Reading"]
    shown = ids_in(endpoint.requests[-1])
    assert shown == ids_in(readings[0])[: budget_in(readings[0])]
    assert size_of(long, shown) > 1.5 * room / len(readings)
    assert not [f for f in draft.findings if f.code == "document.selection_cut"]


@pytest.fixture(scope="module")
def with_a_long_row() -> Document:
    """The invented policy, many pages of little interest, and in the midst of them one row as long as a page."""
    head, rest = POLICY.split("## Keeping")
    row = "We sell " + ", ".join(f"the log of berth {n}" for n in range(250)) + " to whoever pays."
    pages = f"{FILLER}\n\n## Sale\n\n{row}\n{FILLER.replace('Harbour', 'Basin')}"
    return tidewater(f"{head}{pages}\n\n## Keeping{rest}")


async def test_weighty_passage_longer_than_an_even_share_is_shown(
    endpoint: Endpoint, with_a_long_row: Document
) -> None:
    document = with_a_long_row
    (row,) = [p.id for p in document.passages if document.text_of(p).startswith("We sell the log")]

    def choose(ids: list[str]) -> list[str]:
        most = budget_in(endpoint.requests[-1])
        return ([row] if row in ids else []) + in_policy(document, [i for i in ids if i != row])[: most - 1]

    endpoint.script_with(reader(document, choose))
    room = 6_000
    await draft_of(document, small_window(document, endpoint, room))
    parts = sum(r.schema_name == "Reading" for r in endpoint.requests)
    assert size_of(document, [row]) > room / parts
    shown = ids_in(endpoint.requests[-1])
    assert row in shown
    assert len(shown) > 1


async def test_answer_stays_when_asking_again_is_longer_than_the_window(
    endpoint: Endpoint, long: Document
) -> None:
    """Nothing is kept free for it: the endpoint refuses, and the answer there is stays with its findings."""

    def reply(request: Request) -> Scripted:
        if len(request.messages) > 2:
            return fault(400, "context_length_exceeded")
        return reader(long, lambda ids: ["nowhere.99", *in_policy(long, ids)])(request)

    endpoint.script_with(reply)
    draft = await draft_of(long, small_window(long, endpoint, 5_000))
    readings = [s for s in draft.provenance.stages if s.stage == "read"]
    assert {tuple(a.outcome for a in s.attempts) for s in readings} == {("asked_again", "failed")}
    assert sum(f.code == "document.selection_unknown" for f in draft.findings) == len(readings)
    assert ids_in(endpoint.requests[-1]) == in_policy(long, [p.id for p in long.passages])


async def test_passage_that_is_not_in_the_part_is_asked_again_and_then_told(
    endpoint: Endpoint, long: Document
) -> None:
    endpoint.script_with(reader(long, lambda ids: ["nowhere.99", *in_policy(long, ids)]))
    draft = await draft_of(long, small_window(long, endpoint, 5_000, answer_tries=2))
    again = [r for r in endpoint.requests if r.schema_name == "Reading" and len(r.messages) > 2]
    assert all("- nowhere.99: no such passage in this part" in r.last for r in again)
    told = [f for f in draft.findings if f.code == "document.selection_unknown"]
    assert len(told) == len(again)
    assert "nowhere.99" in told[0].message


async def test_category_that_is_not_in_the_taxonomy_is_asked_again(
    endpoint: Endpoint, long: Document
) -> None:
    def reply(request: Request) -> Scripted:
        if request.schema_name == "Reading" and len(request.messages) == 2:
            return answer({"passages": [{"passage_id": ids_in(request)[0], "category": "gossip"}]})
        return reader(long, lambda ids: in_policy(long, ids))(request)

    endpoint.script_with(reply)
    await draft_of(long, small_window(long, endpoint, 5_000))
    assert any("- gossip: no such category" in request.last for request in endpoint.requests)


async def test_readings_are_kept_and_not_paid_for_twice(endpoint: Endpoint, long: Document) -> None:
    endpoint.script_with(reader(long, lambda ids: in_policy(long, ids)))
    settings = small_window(long, endpoint, 5_000)
    with SqliteStore(IN_MEMORY) as store:
        first = await write_draft(long, settings, store=store)
        asked = len(endpoint.requests)
        again = await write_draft(long, settings, store=store)
    assert len(endpoint.requests) == asked
    assert all(stage.reused for stage in again.provenance.stages)
    assert again.risk == first.risk


async def test_readings_that_name_nothing_are_one_clear_error(endpoint: Endpoint, long: Document) -> None:
    endpoint.script_with(reader(long, lambda ids: []))
    with pytest.raises(AnswerInvalidError, match="named no passage that matters"):
        await draft_of(long, small_window(long, endpoint, 5_000))


async def test_window_without_room_for_the_document_is_one_clear_error(
    endpoint: Endpoint, long: Document
) -> None:
    with pytest.raises(ContextOverflowError, match="leaves no room for the document"):
        await draft_of(long, endpoint.settings(context_window=4_000, max_output_tokens=2_000))
    assert endpoint.requests == []


async def test_passage_longer_than_the_window_is_one_clear_error(endpoint: Endpoint, long: Document) -> None:
    whole = long.passages[0].model_copy(update={"span": Span(start=0, end=len(long.text))})
    document = long.model_copy(update={"passages": (whole, *long.passages[1:])})
    with pytest.raises(ContextOverflowError, match=rf"passage {whole.id} alone takes about"):
        await draft_of(document, small_window(document, endpoint, 2_000))
    assert endpoint.requests == []


@given(room=st.integers(min_value=150, max_value=20_000))
def test_parts_are_the_document_whatever_the_room(room: int) -> None:
    document = _LONG
    parts = split_parts(document, room)
    assert tuple(chain.from_iterable(parts)) == document.passages
    assert all(parts)
    sizes = Sizes(document)
    for part in parts:
        assert estimate_tokens(write_passages(document, part)) <= sizes.total(part) <= room
    for earlier, later in pairwise(parts):
        assert sizes.total(earlier) + sizes.of(later[0], earlier[-1]) > room


def test_window_is_filled_round_by_round_the_weightiest_of_each_part_first() -> None:
    first, second, third = (list(p) for p in split_parts(_LONG, 1_500)[:3])
    named = [first[::-1], second[:1], third[::-1]]
    sizes = Sizes(_LONG)
    in_order = [first[-1], second[0], third[-1], first[-2], third[-2], first[-3], third[-3]]
    for count in range(1, len(in_order) + 1):
        expected = {p.id for p in in_order[:count]}
        room = sizes.total([p for p in _LONG.passages if p.id in expected])
        assert fill_room(sizes, named, room) == expected


@given(room=st.integers(min_value=0, max_value=9_000), data=st.data())
def test_what_is_chosen_fits_and_what_is_not_does_not(room: int, data: st.DataObject) -> None:
    parts = split_parts(_LONG, 3_000)
    named = [data.draw(st.permutations(part))[: data.draw(st.integers(0, 30))] for part in parts]
    sizes = Sizes(_LONG)
    chosen = fill_room(sizes, named, room)
    used = sizes.total([p for p in _LONG.passages if p.id in chosen])
    assert used <= room
    assert all(used + sizes.of(p) > room for part in named for p in part if p.id not in chosen)


def test_a_passage_is_measured_as_it_is_shown() -> None:
    sizes = Sizes(_LONG)
    first, second = _LONG.passages[:2]
    assert first.section_id == second.section_id
    assert sizes.of(second, first) == estimate_tokens(write_passage(_LONG, second) + "\n")
    assert sizes.of(second) > sizes.of(second, first)


_LONG = tidewater(POLICY + FILLER[:20_000])
