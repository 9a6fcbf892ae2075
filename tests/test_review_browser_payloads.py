"""Texts that attack whoever shows them, in every field of the desk and in a real browser: each is the text it is, and none does anything.

A field holds all payloads one after another, beginning with another one in each, below a name by which it is found on the page again. What
a page's policy refuses is a fault too: what could have run without it would be one line of defence, not two.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Page, expect

from pipeline.review.desk import Desk
from pipeline.review.publishing import publish
from pipeline.review.queueing import review_id_of, row_of
from pipeline.store.packing import pack_draft
from schemas.document import HiddenText, Passage, Section, Span
from schemas.draft import Draft
from schemas.finding import Finding
from schemas.review import NewDecision
from tests.desk_in_browser import ServedDesk, Visitor, desk, draft_of, visit
from tests.draft_in_browser import DraftPage
from tests.payloads import SCRIPTS
from tests.sample_draft import make_draft

__all__ = ["desk", "visit"]

Visit = Callable[..., Visitor]

# What no page of the desk has of itself, whatever it shows: an element or an attribute that a text brought with it.
_LOOK = """() => {
  const own = "script[src^='/static/'], link[href^='/static/'], meta[name], meta[charset]";
  const strange = [...document.querySelectorAll("script, link, meta, style, base, img, iframe, math, object, embed, mglyph, video, audio")]
    .filter((e) => !e.matches(own)).map((e) => e.outerHTML.slice(0, 200));
  for (const e of document.querySelectorAll("*")) {
    for (const { name, value } of e.attributes) {
      const runs = name.startsWith("on") || name.startsWith("hx-on") || ["style", "srcdoc", "formaction", "ping"].includes(name);
      const leads = ["href", "src", "action", "hx-get", "hx-post"].includes(name) && !/^([/#]|https?:)/.test(value);
      const broken = !/^[a-z][a-z:-]*$/i.test(name);
      if (runs || leads || broken) strange.push(`${e.localName} has ${name}=${value.slice(0, 100)}`);
    }
  }
  const fields = [...document.querySelectorAll("input, textarea, option")].map((e) => e.value);
  const told = [document.title, document.body.textContent, ...fields].join("\\n");
  return { strange, told, ran: "pwned" in window, wide: document.documentElement.scrollWidth > innerWidth };
}"""


@dataclass
class Poison:
    """Gives each field a text that no other has, and remembers them."""

    texts: dict[str, str] = field(default_factory=dict)

    def __call__(self, name: str) -> str:
        """The text of the field of this name."""
        n = len(self.texts) % len(SCRIPTS)
        return self.texts.setdefault(name, f"({name}) " + " ~ ".join((*SCRIPTS[n:], *SCRIPTS[:n])))


def groups(longest: int) -> Iterator[str]:
    """All payloads, as many at a time as a text of this length holds."""
    told = ""
    for text in SCRIPTS:
        if told and len(told) + len(text) >= longest:
            yield told
            told = ""
        told = f"{told} {text}" if told else text
    yield told


def assert_harmless(page: Page, *texts: str) -> None:
    """Hold a page against what a text may do to it, which is nothing, and see that it shows these texts to the character."""
    seen = page.evaluate(_LOOK)
    assert not seen["strange"], f"{page.url}: {seen['strange']}"
    assert not seen["ran"], page.url
    assert not seen["wide"], f"{page.url} scrolls sideways"
    told = _plain(seen["told"])
    missing = [text[:60] for text in texts if _plain(text) not in told]
    assert not missing, f"{page.url} does not show {missing}"


def _plain(text: str) -> str:
    return " ".join(text.split())


_TEXTS = {"text", "title", "who_is_affected", "action", "owner", "relevance", "reason", "decision_id"}
_WORDS = {"severity_rule", "category", "statute"}
_LISTS = {"absent_terms", "mitigations", "evidence_to_request", "enforcers", "articles"}


def poisoned(poison: Poison) -> Draft:
    """A draft with payloads wherever a policy or a model can put a text."""
    calm = draft_of(0)
    text, passages, sections = "", [], []
    for n, payload in enumerate(SCRIPTS):
        start = len(text)
        passages.append(
            Passage(
                id=f"s{n}.1",
                section_id=f"s{n}",
                kind="sentence",
                span=Span(start=start, end=start + len(payload)),
            )
        )
        text += payload + "\n"
        sections.append(
            Section(id=f"s{n}", title=poison(f"section {n}"), level=1, span=Span(start=start, end=len(text)))
        )
    document = calm.document.model_copy(
        update={
            "title": poison("document.title"),
            "company": poison("document.company"),
            "text": text,
            "sections": tuple(sections),
            "passages": tuple(passages),
            "hidden": (HiddenText(text=poison("hidden"), reason=poison("hidden reason")),),
            "source": calm.document.source.model_copy(
                update={"name": poison("source.name"), "url": poison("source.url")}
            ),
        }
    )
    quotes = [{"passage_id": f"s{n}.1", "quote": payload} for n, payload in enumerate(SCRIPTS)]

    def put(value: Any, path: str) -> Any:
        if isinstance(value, list):
            return [put(entry, f"{path}[{n}]") for n, entry in enumerate(value)]
        if not isinstance(value, dict):
            return value
        parts = {name: put(part, f"{path}.{name}") for name, part in value.items()}
        parts |= {name: poison(f"{path}.{name}") for name in parts.keys() & (_TEXTS | _WORDS)}
        parts |= {name: [poison(f"{path}.{name}")] for name in parts.keys() & _LISTS}
        if "evidence" in parts:
            lost = {"passage_id": poison(f"{path} passage"), "quote": poison(f"{path} quote")}
            parts["evidence"] = [*(quotes if path == "consumer.sentences[0]" else quotes[:1]), lost]
        if "statutes" in parts:
            parts["statutes"] = [{"ref": poison(f"{path} ref"), "basis": "inferred"}]
        return parts

    calm = calm.model_copy(update={"risk": calm.risk.model_copy(update={"left_out": calm.risk.left_out[:2]})})
    artefacts = [put(getattr(calm, name).model_dump(), name) for name in ("consumer", "legal", "risk")]
    findings = tuple(
        Finding(code=f"document.{payload}", severity="warning", path="", message=poison(f"finding {n}"))
        for n, payload in enumerate(SCRIPTS)
    )
    draft = make_draft(document, *artefacts, findings)
    stages = tuple(
        stage.model_copy(
            update={
                "models_answered": (poison(f"model {n}"),),
                "prompts": {f"{stage.stage}.{SCRIPTS[n]}": "1b" * 32},
            }
        )
        for n, stage in enumerate(draft.provenance.stages)
    )
    return draft.model_copy(update={"provenance": draft.provenance.model_copy(update={"stages": stages})})


@dataclass(frozen=True)
class Attacked:
    """Two reviews of one policy. ``old`` was approved against its findings and published, ``new`` is open; ``told`` is what each holds."""

    old: str
    new: str
    told_of_old: dict[str, str]
    told_of_new: dict[str, str]
    decided: dict[str, str]


@pytest.fixture(scope="module")
def attacked(desk: ServedDesk) -> Attacked:
    """The reviews, with payloads in all that their editors wrote as well."""
    ours = desk.site.desk
    told_of_old, told_of_new, decided = Poison(), Poison(), Poison()
    # Each field of the other begins with another payload.
    told_of_new("none")
    old = _enter(ours, poisoned(told_of_old), policy=SCRIPTS[0])
    _decide(ours, old, decided)
    ours.approve(old, decided("who approved"), decided("override"))
    for audience in ("public", "professional"):
        publish(ours, old, decided("who published"), audience, desk.site.settings.out, formats=("json",))
    ours.withdraw(old, decided("who withdrew"), decided("withdrawal"), "professional")
    new = _enter(ours, poisoned(told_of_new), policy=SCRIPTS[0])
    _decide(ours, new, decided)
    other = draft_of(1)
    for n, payload in enumerate(SCRIPTS):
        ours.store.audit(payload, payload, payload, {payload: payload})
        ours.store.note_presence(old, payload, desk.site.clock())
        names = dict.fromkeys(("title", "company", "policy", "run_id", "language"), payload)
        _enter(ours, other, id=f"{n:016x}", **names)
        if len(payload) <= 64:
            desk.add_user(payload, "reader")
    return Attacked(old, new, told_of_old.texts, told_of_new.texts, decided.texts)


def _enter(ours: Desk, draft: Draft, **values: Any) -> str:
    row = replace(row_of(draft, f"file:{review_id_of(draft)}", ours._clock()), **values)
    ours.store.enter(row, packed=pack_draft(draft.model_dump_json()), by=SCRIPTS[0])
    return row.id


def _decide(ours: Desk, review: str, decided: Poison) -> None:
    folded = ours.open(review).folded
    edited = "legal.sentences[2]"
    value = folded.units[edited].value
    finding = next(f for f in folded.findings if f.path == "legal.sentences[0]")
    news = [
        NewDecision(kind="comment", path="legal.sentences[1]", reason=decided("comment")),
        NewDecision(
            kind="edit", path=edited, after=value | {"text": decided("edit")}, reason=decided("why edited")
        ),
        NewDecision(kind="reject", path="risk.vendor_due_diligence[0]", reason=decided("why rejected")),
        NewDecision(
            kind="add",
            path="legal.sentences",
            after=value | {"text": decided("added")},
            reason=decided("why added"),
        ),
        NewDecision(
            kind="dismiss", path=finding.path, after={"finding": finding.key}, reason=decided("why set aside")
        ),
    ]
    ours.decide(review, decided("who decided"), news, dict.fromkeys(folded.units, 99))


def test_payloads_on_a_drafts_page_its_forms_and_its_conflict_are_text(
    desk: ServedDesk, visit: Visit, attacked: Attacked
) -> None:
    visitor = visit()
    visitor.excuse("status of (400|409|422)")
    draft = DraftPage(visitor, attacked.new).open()
    page = draft.page
    # What was edited is told as a difference, and models and the address of the source stand on other pages.
    told = _but(attacked.told_of_new, "none", "source.url", "model", "legal.sentences[2].text")
    wrote = _but(attacked.decided, "override", "who published", "who withdrew", "withdrawal")
    assert_harmless(page, *told, *wrote)

    # The claims on a passage, and the words selected in one.
    page.locator('[id="s0.1"] .rests').click()
    expect(page.locator('[id="s0.1"] .resting')).to_be_visible()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('[id=\"s2.1\"] p'))")
    page.get_by_role("button", name="Add claim from selection").click()
    expect(
        page.locator("form.deed.add [name='f.evidence.0.quote'], form.deed.add textarea").first
    ).to_be_visible()
    assert_harmless(page)

    # Every kind of form, with what stands in it; one whose words come back after a reload; one that somebody was quicker about.
    for path in (
        "consumer.sentences[0]",
        "risk.provisions[0]",
        "risk.regulatory_exposure[0]",
        "risk.material_risks[0]",
    ):
        draft.ask_for("edit", path)
    for path in ("risk.vendor_due_diligence[1]", "risk.enforcement_precedents[0]"):
        draft.ask_for("edit", path)
    draft.ask_for("reject", "legal.sentences[0]").locator('[name="reason"]').fill("\n".join(SCRIPTS))
    form = draft.ask_for("edit", "legal.sentences[4]")
    form.get_by_label("Sentence").fill(" ".join(SCRIPTS))
    form.locator('[name="f.statutes.0.ref"]').fill(SCRIPTS[0])
    page.keyboard.press("?")
    assert_harmless(page, *_of(attacked.told_of_new, "consumer.sentences[0]", "risk.provisions[0].title"))
    page.reload()
    expect(draft.form("legal.sentences[4]").get_by_label("Sentence")).to_have_value(" ".join(SCRIPTS))
    theirs = Poison()
    value = desk.site.desk.open(attacked.new).folded.units["legal.sentences[4]"].value
    news = [
        NewDecision(
            kind="edit",
            path="legal.sentences[4]",
            after=value | {"text": theirs("text")},
            reason=theirs("why"),
        )
    ]
    desk.site.desk.decide(attacked.new, theirs("who"), news, {"legal.sentences[4]": 99})
    form = draft.form("legal.sentences[4]")
    form.locator("button.main").click()
    # What cannot be is told above the form, in words that hold what was written.
    expect(form.locator(".wrong")).to_contain_text("<script>window.pwned=1</script>")
    form.locator('[name="f.evidence.1.passage_id"]').fill("s1.1")
    form.locator("button.main").click()
    conflict = draft.form("legal.sentences[4]").locator(".conflict")
    expect(conflict).to_contain_text(theirs("why"))
    expect(conflict).to_contain_text(theirs("who"))
    assert_harmless(page, " ".join(SCRIPTS), *theirs.texts.values())

    # What is told of somebody who was faster, and the dialog before all of it.
    news = [NewDecision(kind="reject", path="risk.material_risks[0]", reason=theirs("reason"))]
    desk.site.desk.decide(attacked.new, theirs("who"), news, {"risk.material_risks[0]": 99})
    draft.unit("risk.material_risks[0]").locator("button.accept").click()
    expect(page.locator("#told")).to_contain_text(theirs("who"))
    page.locator("#show-keys").click()
    expect(page.locator("#keys")).to_be_visible()
    assert_harmless(page)


def test_payloads_on_the_pages_beside_the_draft_are_text(
    desk: ServedDesk, visit: Visit, attacked: Attacked
) -> None:
    visitor = visit()
    titles = _of(attacked.told_of_old, "document.title", "document.company")
    said = attacked.decided
    for path, told in {
        "/": SCRIPTS,
        "/users": [name for name in SCRIPTS if len(name) <= 64],
        "/audit": SCRIPTS,
        "/stats": _of(said, "why rejected"),
        f"/reviews/{attacked.old}": _of(said, "override", "who approved"),
        f"/reviews/{attacked.old}/history": [
            *titles,
            *SCRIPTS,
            *_of(said, "comment", "why", "who", "override", "withdrawal"),
        ],
        f"/reviews/{attacked.old}/publication": [
            *titles,
            *_of(said, "override", "who published", "who approved"),
        ],
        f"/reviews/{attacked.new}/compare": _of(said, "who approved"),
    }.items():
        page = visitor.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = !d.open; })")
        assert_harmless(page, *told)
        assert page.locator("ins, del").count() > 20 or "compare" not in path


def test_payloads_in_addresses_and_fields_are_text(
    desk: ServedDesk, visit: Visit, attacked: Attacked
) -> None:
    visitor = visit()
    visitor.excuse("status of (400|401|404)")
    for told in groups(200):
        asked = urlencode(
            dict.fromkeys(
                ("text", "run", "code", "language", "policy", "state", "risk", "sort", "page"), told
            )
        )
        assert_harmless(visitor.goto(f"/?{asked}"), told)
        assert_harmless(visitor.goto(f"/audit?{urlencode({'subject': told, 'before': told})}"), told)
    page = visitor.goto("/")
    page.get_by_label("Search").fill(SCRIPTS[0])
    expect(page.locator("#queue tbody tr")).not_to_have_count(0)
    assert_harmless(page, SCRIPTS[0])
    whole = quote("".join(SCRIPTS), safe="")
    for path in (
        f"/{whole}",
        f"/reviews/{whole}",
        f"/reviews/{attacked.new}?open=edit%20{whole}",
        f"/registry/{whole}?q={whole}",
    ):
        assert_harmless(visitor.goto(path))

    # Signing in: the name that was typed comes back into its field, as far as a name can go, and so does where to go on to.
    visitor = visit(desk.login_address)
    visitor.excuse("status of 401")
    page = visitor.goto(f"/login?{urlencode({'next': ''.join(SCRIPTS)})}")
    for told in groups(64):
        page.get_by_label("Name").fill(told)
        page.get_by_label("Password").fill("not a password")
        with page.expect_response("**/login"):
            page.keyboard.press("Enter")
        expect(page.get_by_label("Password")).to_have_value("")
        assert_harmless(page, told[:64])


def _of(told: dict[str, str], *names: str) -> list[str]:
    """The texts of the fields whose names begin like these."""
    return [text for name, text in told.items() if name.startswith(names)]


def _but(told: dict[str, str], *names: str) -> list[str]:
    return [text for name, text in told.items() if not name.startswith(names)]
