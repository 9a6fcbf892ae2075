"""Once: what is worked out of a document is kept as long as the document, and not a moment longer."""

import gc
import weakref

from pipeline.checks.facts import check_facts
from pipeline.checks.named import named_in
from pipeline.checks.once import Once
from schemas.document import Document
from tests.tidewater import consumer, tidewater


def test_work_on_a_document_is_done_once() -> None:
    asked: list[str] = []

    @Once
    def length(document: Document) -> int:
        asked.append(document.text)
        return len(document.text)

    document = tidewater()
    assert length(document) == length(document) == len(document.text)
    assert asked == [document.text]


def test_a_document_is_told_by_itself_and_not_by_being_equal() -> None:
    @Once
    def title(document: Document) -> str | None:
        return document.title

    document = tidewater()
    assert title(document) == "Tidewater Privacy Policy"
    other = document.model_copy(update={"title": "Another"})
    assert title(other) == "Another"
    assert title(document) == "Tidewater Privacy Policy"


def test_many_documents_in_turn_do_not_push_one_another_out() -> None:
    asked: list[int] = []

    @Once
    def work(document: Document) -> int:
        asked.append(id(document))
        return 0

    documents = [tidewater() for _ in range(200)]
    for _ in range(3):
        for document in documents:
            work(document)
    assert len(asked) == 200


def test_what_is_kept_is_gone_with_its_document() -> None:
    @Once
    def itself(document: Document) -> Document:
        return document

    document = tidewater()
    kept = weakref.ref(itself(document))
    assert kept() is not None
    del document
    gc.collect()
    assert kept() is None


def test_checks_keep_no_document_in_memory() -> None:
    document = tidewater()
    check_facts(document, consumer(document), "consumer")
    named_in(document)
    gone = weakref.ref(document)
    del document
    gc.collect()
    assert gone() is None
