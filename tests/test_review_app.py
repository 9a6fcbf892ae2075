"""The pages around a draft: the queue, its order and filters, history, versions, publication and its files, statistics and the audit log."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConflictError, UsageError
from pipeline.publish.edition import FORMATS
from pipeline.review import publishing
from pipeline.review.asked import Asked, read_asked
from pipeline.review.plots import WIDTH, bars_of, columns_of
from pipeline.review.publishing import LIST, file_of, folder_of, published_editions
from pipeline.review.stats import StageStats, share
from pipeline.settings import Server
from schemas.draft import Draft
from schemas.review import NewDecision
from tests.audit_harm import harm_audit
from tests.review_site import ReviewSite, open_site, other_draft, place, site
from tests.sample_draft import sample_draft

__all__ = ["place", "site"]

OVERRIDE = "settled with counsel"


def later_draft(words: str = "") -> Draft:
    """The sample drafted nine days later, its first sentence with other words when there are any."""
    draft = sample_draft()
    stages = tuple(
        stage.model_copy(update={"finished_at": stage.finished_at + timedelta(days=9)})
        for stage in draft.provenance.stages
    )
    first, *others = draft.consumer.sentences
    changed = first.model_copy(update={"text": f"{first.text}{words}"})
    return draft.model_copy(
        update={
            "provenance": draft.provenance.model_copy(update={"stages": stages}),
            "consumer": draft.consumer.model_copy(update={"sentences": [changed, *others]}),
        }
    )


def approve(site: ReviewSite, review_id: str = "") -> None:
    """Approve a review as the person of this machine."""
    site.desk.approve(review_id or site.id, "Ada", OVERRIDE)


def publish(site: ReviewSite, *audiences: str, review_id: str = "") -> Any:
    """Publish a review with the form of its page."""
    row = site.desk.open(review_id or site.id).row
    return site.post(
        site.client(),
        f"/reviews/{row.id}/publish",
        expected=str(row.last_number),
        audience=list(audiences or ("public",)),
    )


# The queue


@pytest.fixture
def many(place: Path | Server, tmp_path: Path) -> Iterator[ReviewSite]:
    drafts = [sample_draft(), *(other_draft(n) for n in range(55))]
    with open_site(place, tmp_path, drafts=drafts) as opened:
        yield opened


def titles(page: str) -> list[str]:
    """The titles of the rows of a queue's page."""
    return [part.partition("data-row>")[2].partition("<")[0] for part in page.split('class="title"')[1:]]


def test_the_queue_shows_what_a_draft_is_and_why_it_stands_where_it_does(site: ReviewSite) -> None:
    page = site.client().get("/").text
    row = site.drafts[0]
    assert titles(page) == ["Larkspur Notes Privacy Policy"]
    for told in (
        "Larkspur Notes",
        ">drafted<",
        "high",
        "1 error",
        "4 warnings",
        "waiting 17 days",
        f"0 of {row.units}",
    ):
        assert told in page, told


def test_a_queue_without_drafts_says_where_they_come_from(place: Path | Server, tmp_path: Path) -> None:
    with open_site(place, tmp_path) as opened:
        page = opened.client().get("/", params={"text": "nothing is called this"}).text
    assert "No draft is like this" in page
    assert "Show all" in page


def test_pages_of_the_queue_hold_fifty_and_every_draft_stands_on_one(many: ReviewSite) -> None:
    client = many.client()
    first, second, third = (titles(client.get("/", params={"page": n}).text) for n in (1, 2, 3))
    assert (len(first), len(second), third) == (50, 6, [])
    assert len({*first, *second}) == 56


def test_the_queue_is_searched_filtered_and_sorted_by_its_address(many: ReviewSite) -> None:
    client = many.client()
    many.desk.decide(
        many.drafts[3].id,
        "Ben",
        [NewDecision(kind="accept", path="consumer.sentences[0]")],
        {"consumer.sentences[0]": 0},
    )

    def asked(**params: Any) -> list[str]:
        return titles(client.get("/", params=params).text)

    assert asked(text="company 042") == ["Terms number 42"]
    assert asked(text="LARKSPUR notes")[0] == "Larkspur Notes Privacy Policy"
    assert asked(state="in_review") == ["Terms number 2"]
    assert asked(state=["in_review", "approved"]) == ["Terms number 2"]
    assert asked(state="approved") == []
    assert asked(risk="low") == []
    assert asked(code="wording.conclusion", text="company 007") == ["Terms number 7"]
    assert asked(language="fr") == []
    assert asked(sort="title")[:2] == ["Larkspur Notes Privacy Policy", "Terms number 0"]
    assert asked(sort="title", down="1")[0] == "Terms number 9"
    assert asked(sort="progress", down="1")[0] == "Terms number 2"


@pytest.mark.parametrize(
    "query",
    [
        *(
            "page=0",
            "page=-1",
            "page=1e9",
            "page=99999999",
            "page=²",
            "sort=drop",
            "state=x&state=y",
            "risk=%00",
        ),
        *(
            "text=%00",
            "text=%25_",
            "down=2",
            "text=" + "x" * 5_000,
            "language=%F0%9F",
            "code='--",
            "policy=%ff",
        ),
    ],
)
def test_an_address_that_makes_no_sense_is_a_page_all_the_same(site: ReviewSite, query: str) -> None:
    assert site.client().get(f"/?{query}").status_code == 200


def test_an_address_of_the_queue_reads_back_as_what_was_asked() -> None:
    from starlette.datastructures import QueryParams

    asked = Asked("a&b", ("drafted", "approved"), ("high",), "en", "run 1", "x.y", "p", "age", True, 3)
    address = asked.address(page=3)
    assert read_asked(QueryParams(address.partition("?")[2])) == asked
    assert "page" not in asked.address(text="other")
    assert Asked().address() == "/"
    assert Asked(sort="risk").sorted_by("risk") == "/?sort=risk&down=1"
    assert Asked().sorted_by("findings") == "/?sort=findings&down=1"
    assert asked.plain == "/?sort=age&down=1"


def test_new_drafts_of_the_store_are_looked_for_with_a_button(site: ReviewSite) -> None:
    row = site.desk.enter_draft(other_draft(1), "tests")
    assert row.state == "drafted"
    answer = site.post(site.client(), "/take-in")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Look for new drafts" in site.client().get("/").text
    assert "Look for new drafts" not in site.signed_in("reader").get("/").text


# A review as a whole


def test_a_review_is_found_by_the_start_of_its_id_and_no_other_is(site: ReviewSite) -> None:
    client = site.client()
    assert client.get(f"/reviews/{site.id[:6]}/history").status_code == 200
    for wrong in ("0" * 16, site.id[:3], "%00", "x" * 500):
        answer = client.get(f"/reviews/{wrong}/history")
        assert answer.status_code == 404
        assert "Nothing is here" in answer.text


def test_open_findings_stand_against_an_approval_without_a_reason(site: ReviewSite) -> None:
    client = site.client()
    answer = site.post(client, f"/reviews/{site.id}/approve", expected="0")
    assert answer.status_code == 400
    assert "against the approval" in answer.text
    assert site.desk.open(site.id).row.state == "drafted"
    assert (
        site.post(client, f"/reviews/{site.id}/approve", expected="0", override=OVERRIDE).status_code == 303
    )
    assert site.desk.open(site.id).row.state == "approved"


@pytest.mark.parametrize("expected", ["", "x", "-1", "1.5", "²", "9" * 30])
def test_an_approval_says_what_was_seen(site: ReviewSite, expected: str) -> None:
    answer = site.post(site.client(), f"/reviews/{site.id}/approve", expected=expected, override=OVERRIDE)
    assert answer.status_code == 400


def test_an_approval_of_what_somebody_changed_meanwhile_is_a_conflict(site: ReviewSite) -> None:
    path = "consumer.sentences[0]"
    site.desk.decide(site.id, "Ben", [NewDecision(kind="accept", path=path)], {path: 0})
    answer = site.post(site.client(), f"/reviews/{site.id}/approve", expected="0", override=OVERRIDE)
    assert answer.status_code == 409
    assert "Ben has decided about this draft since you read it." in answer.text


def test_reopening_needs_a_reason(site: ReviewSite) -> None:
    approve(site)
    client = site.client()
    assert site.post(client, f"/reviews/{site.id}/reopen", reason=" ").status_code == 400
    assert site.post(client, f"/reviews/{site.id}/reopen", reason="a typing error").status_code == 303
    assert site.desk.open(site.id).row.state == "in_review"


def test_the_history_tells_who_did_what_and_why_the_newest_first(site: ReviewSite) -> None:
    desk, path = site.desk, "consumer.sentences[0]"
    value = desk.open(site.id).folded.units[path].value
    desk.decide(
        site.id,
        "Ben",
        [
            NewDecision(
                kind="edit",
                path=path,
                after=value | {"text": value["text"] + " Indeed.", "basis": "inferred"},
                reason="clearer",
            )
        ],
        {path: 0},
    )
    desk.decide(
        site.id,
        "Eve",
        [NewDecision(kind="reject", path="legal.sentences[1]", reason="wrong")],
        {"legal.sentences[1]": 0},
    )
    desk.undo(site.id, "Eve")
    approve(site)
    desk.store.note_presence(site.id, "Ben", site.clock())
    page = site.client().get(f"/reviews/{site.id}/history").text
    told = [
        "<b>Ada</b> approved the draft",
        f"<blockquote>{OVERRIDE}</blockquote>",
        "<b>Eve</b> took back what Eve rejected Legal 2 (no. 2)",
        "<b>Eve</b> rejected Legal 2",
        "taken back",
        "<b>Ben</b> edited Consumer 1",
        "(changed as well: basis)",
        "Indeed.</ins>",
        "<blockquote>clearer</blockquote>",
    ]
    places = [page.index(words) for words in told]
    assert places == sorted(places)
    assert "Ben 1 minute" in page


def test_a_draft_without_decisions_has_an_empty_history(site: ReviewSite) -> None:
    assert "Nothing has been decided" in site.client().get(f"/reviews/{site.id}/history").text


# Versions


def test_a_new_draft_is_compared_with_the_one_that_was_approved_and_takes_its_decisions_over(
    site: ReviewSite,
) -> None:
    path = "legal.sentences[0]"
    site.desk.decide(site.id, "Ben", [NewDecision(kind="accept", path=path)], {path: 0})
    approve(site)
    new = site.desk.enter_draft(later_draft(" It is new."), "tests")
    client = site.client()
    page = client.get(f"/reviews/{new.id}/compare").text
    assert f'<a href="/reviews/{site.id}">the draft that Ada approved' in page
    assert "It is new.</ins>" in page
    assert "Consumer 1" in page
    assert "1 decision of the approved draft holds for this one as well" in page
    assert "Carry" not in site.signed_in("reader").get(f"/reviews/{new.id}/compare").text
    assert site.post(client, f"/reviews/{new.id}/carry").status_code == 303
    assert site.desk.open(new.id).folded.units[path].status == "accepted"
    assert f"carried over from {site.id}" in client.get(f"/reviews/{new.id}/history").text


def test_without_an_approved_draft_there_is_nothing_to_compare_with_or_to_carry(site: ReviewSite) -> None:
    client = site.client()
    assert "nothing to compare with" in client.get(f"/reviews/{site.id}/compare").text
    assert site.post(client, f"/reviews/{site.id}/carry").status_code == 400


# Publication


def test_only_an_approved_draft_is_published(site: ReviewSite) -> None:
    answer = publish(site)
    assert answer.status_code == 400
    assert "not approved" in answer.text
    assert "Only an approved draft is published" in site.client().get(f"/reviews/{site.id}/publication").text
    assert not site.settings.out.exists()
    assert site.desk.store.publications() == []


def test_publishing_writes_every_format_and_notes_its_digests(site: ReviewSite) -> None:
    approve(site)
    assert publish(site, "public", "professional").status_code == 303
    row = site.desk.open(site.id).row
    assert row.state == "published"
    noted = {p.audience: p for p in site.desk.store.publications(site.id)}
    assert set(noted) == {"public", "professional"}
    for audience, publication in noted.items():
        folder = site.settings.out / folder_of(row) / audience
        written = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
        del written[LIST]
        assert written == publication.files
        assert {name.rpartition(".")[2] for name in written} == set(FORMATS)
        listed = json.loads((folder / LIST).read_text(encoding="utf-8"))
        assert listed == {
            "schema_version": "1.0",
            "review": site.id,
            "audience": audience,
            "files": publication.files,
        }
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}


def test_the_files_that_are_downloaded_are_those_that_were_published(site: ReviewSite) -> None:
    approve(site)
    publish(site, "public")
    client = site.client()
    publication = site.desk.store.publications(site.id)[0]
    for name, digest in publication.files.items():
        answer = client.get(f"/reviews/{site.id}/files/public/{name}")
        assert hashlib.sha256(answer.content).hexdigest() == digest, name
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert name in client.get(f"/reviews/{site.id}/publication").text
    for wrong in (
        "public/other.json",
        "professional/x.json",
        "nobody/x.json",
        "public/..%2f..%2fstore.db",
        f"public/{LIST}",
    ):
        assert client.get(f"/reviews/{site.id}/files/{wrong}").status_code == 404


def test_what_was_published_stays_as_it_was_when_the_draft_is_changed(site: ReviewSite) -> None:
    approve(site)
    publish(site, "public")
    before = site.desk.store.publications(site.id)[0]
    site.desk.reopen(site.id, "Ada", "a typing error")
    path = "consumer.sentences[0]"
    value = site.desk.open(site.id).folded.units[path].value
    site.desk.decide(
        site.id,
        "Ada",
        [NewDecision(kind="edit", path=path, after=value | {"text": "Other words."})],
        {path: 0},
    )
    name = next(name for name in before.files if name.endswith(".md"))
    assert b"Other words." not in site.client().get(f"/reviews/{site.id}/files/public/{name}").content
    approve(site)
    publish(site, "public")
    assert b"Other words." in site.client().get(f"/reviews/{site.id}/files/public/{name}").content
    assert file_of(site.desk, before, name)


def test_a_file_that_would_come_out_otherwise_is_not_given_out_as_published(
    site: ReviewSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(site)
    publish(site, "public")
    name = next(name for name in site.desk.store.publications(site.id)[0].files if name.endswith(".md"))
    monkeypatch.setattr(publishing, "write_edition", lambda *_: {name: b"other bytes"})
    answer = site.client().get(f"/reviews/{site.id}/files/public/{name}")
    assert answer.status_code == 400
    assert "publish the draft again" in answer.text


def test_publishing_again_gives_the_same_bytes(site: ReviewSite) -> None:
    approve(site)
    publish(site, "public")
    site.clock.go_on(days=3)
    publish(site, "public")
    newest, first = site.desk.store.publications(site.id)
    assert newest.files == first.files
    assert newest.at > first.at


def test_what_was_not_seen_is_not_published(site: ReviewSite) -> None:
    approve(site)
    with pytest.raises(ConflictError):
        publishing.publish(site.desk, site.id, "Ada", "public", site.settings.out, expected=0)
    assert not list(site.settings.out.rglob("*.json"))
    assert not list(site.settings.out.rglob(".unfinished*"))


def test_a_form_that_names_no_audience_publishes_nothing(site: ReviewSite) -> None:
    approve(site)
    answer = site.post(site.client(), f"/reviews/{site.id}/publish", expected="1", audience="everyone")
    assert answer.status_code == 400
    assert "for whom" in answer.text


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_noted(
    site: ReviewSite, tmp_path: Path
) -> None:
    approve(site)
    (tmp_path / "published").write_text("a file is here")
    answer = publish(site)
    assert answer.status_code == 400
    assert "name another folder with --out" in answer.text
    assert site.desk.store.publications() == []
    assert site.desk.open(site.id).row.state == "approved"


def test_a_newer_draft_of_a_policy_replaces_the_files_of_the_older(site: ReviewSite) -> None:
    approve(site)
    publish(site, "public")
    folder = site.settings.out / folder_of(site.drafts[0]) / "public"
    mine = folder / "a note of mine.txt"
    mine.write_text("kept", encoding="utf-8")
    changed = later_draft(" It is new.")
    document = changed.document.model_copy(update={"title": "Another title of the same policy"})
    new = site.desk.enter_draft(changed.model_copy(update={"document": document}), "tests")
    approve(site, new.id)
    assert publish(site, "public", review_id=new.id).status_code == 303
    listed = json.loads((folder / LIST).read_text(encoding="utf-8"))
    assert listed["review"] == new.id
    assert {path.name for path in folder.iterdir()} == {*listed["files"], LIST, mine.name}
    assert site.desk.open(site.id).row.state == "superseded"


def test_withdrawing_takes_the_files_away_and_needs_a_reason(site: ReviewSite) -> None:
    approve(site)
    publish(site, "public", "professional")
    client = site.client()
    name = next(iter(site.desk.store.publications(site.id)[-1].files))
    assert site.post(client, f"/reviews/{site.id}/withdraw", audience="public", reason="").status_code == 400
    assert (
        site.post(client, f"/reviews/{site.id}/withdraw", audience="public", reason="wrong").status_code
        == 303
    )
    folder = site.settings.out / folder_of(site.drafts[0])
    assert [path.name for path in folder.iterdir()] == ["professional"]
    assert client.get(f"/reviews/{site.id}/files/public/{name}").status_code == 404
    assert site.desk.open(site.id).row.state == "published"
    assert "Withdrawn" in client.get(f"/reviews/{site.id}/publication").text
    site.post(client, f"/reviews/{site.id}/withdraw", reason="wrong as well")
    assert not folder.exists()
    assert site.desk.open(site.id).row.state == "approved"
    assert site.post(client, f"/reviews/{site.id}/withdraw", reason="again").status_code == 400


def test_a_draft_whose_files_a_newer_one_replaced_has_nothing_to_withdraw(site: ReviewSite) -> None:
    approve(site)
    publish(site, "public")
    new = site.desk.enter_draft(later_draft(" It is new."), "tests")
    approve(site, new.id)
    publish(site, "public", review_id=new.id)
    folder = site.settings.out / folder_of(new) / "public"
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(UsageError, match="nothing published of this draft"):
        publishing.withdraw(site.desk, site.id, "Ada", "old", None, site.settings.out)
    assert sorted(path.name for path in folder.iterdir()) == before
    page = site.client().get(f"/reviews/{site.id}/publication").text
    assert "replaced by" in page
    assert f"/reviews/{new.id}/publication" in page
    assert "Withdraw it" not in page


def test_a_list_that_somebody_tampered_with_leads_out_of_no_folder(site: ReviewSite, tmp_path: Path) -> None:
    approve(site)
    publish(site, "public")
    outside = tmp_path / "outside.txt"
    outside.write_text("mine", encoding="utf-8")
    folder = site.settings.out / folder_of(site.drafts[0]) / "public"
    for files in ({"../../../outside.txt": ""}, {str(outside): ""}, ["a"], None):
        (folder / LIST).write_text(json.dumps({"review": site.id, "files": files}), encoding="utf-8")
        publish(site, "public")
    assert outside.read_text(encoding="utf-8") == "mine"


def test_a_policys_folder_has_a_plain_name_of_its_own(site: ReviewSite) -> None:
    from dataclasses import replace

    row = site.drafts[0]
    hostile = [
        replace(row, policy=name) for name in ("../../etc", "..\\x", "é ü", "x" * 500, "a/b", "a b", "")
    ]
    names = [folder_of(each) for each in hostile]
    assert len(set(names)) == len(names)
    assert all(
        set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") and len(name) <= 70 for name in names
    )


def test_what_is_published_is_told_for_a_site_once_for_each_policy(site: ReviewSite) -> None:
    other = site.desk.enter_draft(other_draft(1), "tests")
    for id_ in (site.id, other.id):
        approve(site, id_)
        publish(site, "public", "professional", review_id=id_)
    publish(site, "public")
    editions = published_editions(site.desk, ["public"])
    assert len(editions) == 2
    assert {edition.audience for _, edition in editions} == {"public"}
    assert len(published_editions(site.desk, ["public", "professional"])) == 4
    publishing.withdraw(site.desk, other.id, "Ada", "wrong", "public", site.settings.out)
    assert [edition.title for _, edition in published_editions(site.desk, ["public"])] == [
        site.drafts[0].title
    ]
    approved_only = site.desk.enter_draft(other_draft(2), "tests")
    with pytest.raises(UsageError, match="not approved"):
        publishing.publish(site.desk, approved_only.id, "Ada", "public", site.settings.out)


def test_what_is_exported_as_csv_runs_no_formula(place: Path | Server, tmp_path: Path) -> None:
    draft = sample_draft()
    action = draft.risk.vendor_due_diligence[0].model_copy(
        update={"action": "=cmd|' /C calc'!A0", "owner": "@SUM(1)"}
    )
    risk = draft.risk.model_copy(
        update={"vendor_due_diligence": [action, *draft.risk.vendor_due_diligence[1:]]}
    )
    with open_site(place, tmp_path, drafts=[draft.model_copy(update={"risk": risk})]) as site:
        approve(site)
        publish(site, "professional")
        publication = site.desk.store.publications(site.id)[0]
        for name in publication.files:
            if name.endswith(".csv"):
                answer = site.client().get(f"/reviews/{site.id}/files/professional/{name}")
                for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))):
                    assert not [cell for cell in row if cell[:1] in ("=", "+", "@") or cell.startswith("-c")]


# Statistics and the audit log


def test_statistics_show_shares_with_their_intervals_as_plots_and_as_tables(site: ReviewSite) -> None:
    for path, kind in (("consumer.sentences[0]", "accept"), ("consumer.sentences[1]", "reject")):
        news = NewDecision(kind=kind, path=path, reason="not in the policy" if kind == "reject" else "")  # type: ignore[arg-type]
        site.desk.decide(site.id, "Ben", [news], {path: 0})
    client = site.client()
    page = client.get("/stats").text
    assert "Drafts in review" in page
    assert "consumer: accepted 33%, rejected 33%, undecided 33%" in page
    assert "33% (6%–79%)" in page
    assert "not in the policy" not in page
    approve(site)
    page = client.get("/stats").text
    assert "Approved drafts" in page
    assert "not in the policy" in page
    assert page.count("<svg") > 3


def test_statistics_of_nothing_say_so(site: ReviewSite) -> None:
    assert "Nothing has been decided yet" in site.client().get("/stats").text


def test_a_bar_is_as_long_as_all_claims_and_its_parts_follow_one_another() -> None:
    stats = StageStats("legal", "legal.v1", "m", 2, 40, *(share(n, 40) for n in (31, 1, 0, 8)), share(3, 43))
    (bar,) = bars_of([stats])
    assert [s.outcome for s in bar.segments] == ["accepted", "edited", "undecided"]
    assert sum(s.width for s in bar.segments) == pytest.approx(WIDTH, abs=0.2)
    for one, next_one in zip(bar.segments, bar.segments[1:], strict=False):
        assert one.x + one.width == pytest.approx(next_one.x, abs=0.2)
    assert [s.told for s in bar.segments] == [True, False, True]
    assert bar.low < bar.segments[0].width < bar.high
    assert bars_of([StageStats("legal", "", "", 1, 0, *(share(0, 0) for _ in range(4)), share(1, 1))]) == ()


def test_columns_are_as_long_as_their_counts() -> None:
    assert [c.width for c in columns_of([("a", 8), ("b", 2)])] == [WIDTH, WIDTH / 4]
    assert columns_of([]) == ()


def test_the_audit_log_tells_what_was_done_page_by_page(site: ReviewSite) -> None:
    for n in range(120):
        site.desk.store.audit("tests", "test", f"line {n}", {"n": str(n)})
    client = site.client()
    page = client.get("/audit").text
    assert "the log is whole" in page
    assert "line 119" in page
    assert "line 19<" not in page
    older = page.partition('rel="next" href="')[2].partition('"')[0]
    assert "line 19<" in client.get(older).text
    approve(site)
    about = client.get("/audit", params={"subject": site.id}).text
    assert "approve" in about
    assert "line 119" not in about
    for query in ("before=x", "before=-1", "before=" + "9" * 40, "subject=%00"):
        assert client.get(f"/audit?{query}").status_code == 200


def test_an_audit_log_that_was_tampered_with_is_shown_as_such(site: ReviewSite) -> None:
    store, client = site.desk.store, site.client()
    for n in range(150):
        store.audit("tests", "test", f"line {n}", {"n": str(n)})
    assert "the log is whole" in client.get("/audit").text
    harm_audit(store, "UPDATE audit SET noted_by = 'mallory' WHERE number = 7")
    store.audit("tests", "test", "one more", {})
    # Shown on the page that it stands on, and on each when all lines were read again.
    assert "Line 7 is not as it was written" in client.get("/audit?before=50").text
    for address in ("/audit?check=all", "/audit"):
        page = client.get(address).text
        assert "Line 7 is not as it was written" in page
        assert "the log is whole" not in page


def test_who_may_sign_in_is_listed_without_what_they_sign_in_with(site: ReviewSite) -> None:
    site.add_user("grace", "publisher")
    site.add_user("bob", "reader")
    site.desk.store.disable_user("bob", by="tests")
    page = site.client().get("/users").text
    assert "grace" in page
    assert "disabled since" in page
    assert "argon2" not in page


def test_static_files_are_found_under_their_digest_alone(site: ReviewSite) -> None:
    client = site.client()
    page = client.get("/").text
    for part in page.split('"/static/')[1:]:
        address = "/static/" + part.partition('"')[0]
        answer = client.get(address)
        assert answer.status_code == 200
        assert client.get(address.replace(address.split("/")[2], "0" * 16)).status_code == 404
    for wrong in ("x/../app.py", "0/htmx-LICENSE", "0/..%2fapp.py"):
        assert client.get(f"/static/{wrong}").status_code == 404
