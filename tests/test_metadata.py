"""Title, company, language and dates are taken from where documents state them, and from nowhere else."""

from datetime import UTC, date, datetime

import pytest

from pipeline.document.blocks import Block, Heading, Paragraph, Row
from pipeline.document.company import find_company
from pipeline.document.dates import find_dates
from pipeline.document.language import find_language
from pipeline.document.metadata import find_metadata, find_own_dates, find_title
from schemas.document import DateKind

BODY = ["We collect your name and your e-mail address when you open an account with us."] * 20

DATES = {
    "Effective:April 8, 2026": ("effective", date(2026, 4, 8)),
    "_Effective 27 May 2025_": ("effective", date(2025, 5, 27)),
    "Effective Date: 1st of June, 2026": ("effective", date(2026, 6, 1)),
    "Last updated: Sept. 3rd, 2026": ("updated", date(2026, 9, 3)),
    "Last Updated on 2026-03-01": ("updated", date(2026, 3, 1)),
    "This Privacy Policy was last modified on 8-Apr-2026.": ("updated", date(2026, 4, 8)),
    "These terms take effect on 13/08/2026": ("effective", date(2026, 8, 13)),
    "Updated 08/13/2026": ("updated", date(2026, 8, 13)),
    "Stand: 1. März 2026": ("updated", date(2026, 3, 1)),
    "Gültig ab 01.03.2026": ("effective", date(2026, 3, 1)),
    "Dernière mise à jour : 1er août 2026": ("updated", date(2026, 8, 1)),
    "En vigueur depuis le 04/08/2026": ("effective", date(2026, 8, 4)),
    "Última actualización: 8 de abril de 2026": ("updated", date(2026, 4, 8)),
    "Entrada em vigor: 1 de março de 2026": ("effective", date(2026, 3, 1)),
    "Ultimo aggiornamento: 1º aprile 2026": ("updated", date(2026, 4, 1)),
    "Laatst gewijzigd op 1 maart 2026": ("updated", date(2026, 3, 1)),
    "Obowiązuje od 1 kwietnia 2026": ("effective", date(2026, 4, 1)),
    "更新日期：2026年4月8日": ("updated", date(2026, 4, 8)),
    "生效日期：2026-04-08": ("effective", date(2026, 4, 8)),
    "最終改定日：2026年4月8日": ("updated", date(2026, 4, 8)),
    "시행일: 2026년 4월 8일": ("effective", date(2026, 4, 8)),
    "Effective date: April 8, 2026 | Version: 3": ("effective", date(2026, 4, 8)),
    "April 8, 2026": ("bare", date(2026, 4, 8)),
}
_LANGUAGE = {"Gültig": "de", "Stand": "de", "En vig": "fr", "Derni": "fr"}


@pytest.mark.parametrize(("line", "expected"), DATES.items(), ids=DATES)
def test_date_is_read_where_it_is_printed_as_what_it_is(line: str, expected: tuple[DateKind, date]) -> None:
    language = next((tag for begin, tag in _LANGUAGE.items() if line.startswith(begin)), "en")
    kind, value = expected
    assert find_own_dates(["Privacy Policy", line, *BODY], language) == ({kind: value}, [])


@pytest.mark.parametrize(
    "line",
    [
        "The GDPR became effective on May 25, 2018 and protects you when we process your personal data in the Union or elsewhere.",
        "Effective January 1, 2023, residents of California have the right to correct the personal data that we hold about them.",
        "Since 3 March 2020 we have kept logs for a year, and we delete them then in line with our plan for deletion of data.",
        "The previous version of this policy was effective until May 3, 2024.",
        "This version replaces the one of March 2, 2025.",
        "We were founded in Paris on 28 April 2023.",
        "Effective 2026",
        "Call 04.08.2026.17 or 192.168.2020.1",
    ],
)
def test_other_dates_are_not_those_of_the_document(line: str) -> None:
    found, findings = find_own_dates(["Privacy Policy", *BODY, line, *BODY], "en")
    assert found == {}
    assert [(f.code, f.severity) for f in findings] == [("document.no_date", "info")]


def test_date_further_down_counts_in_a_line_of_its_own_or_in_a_sentence_about_the_document() -> None:
    updated, _ = find_own_dates([*BODY, "Last updated: March 3, 2026"], "en")
    assert updated == {"updated": date(2026, 3, 3)}
    sentence = "We are here for you. This Privacy Policy is effective as of March 3, 2026. It may change at any time."
    assert find_own_dates([*BODY, sentence], "en")[0] == {"effective": date(2026, 3, 3)}


def test_day_and_month_that_cannot_be_told_apart_are_no_date() -> None:
    found, findings = find_own_dates(["Effective 04/08/2026", *BODY], "en")
    assert found == {}
    assert [(f.code, f.severity) for f in findings] == [("document.ambiguous_date", "warning")]
    assert "04/08/2026" in findings[0].message
    plain, _ = find_own_dates(["Effective 04/04/2026", *BODY], "en")
    assert plain == {"effective": date(2026, 4, 4)}


def test_date_that_is_clear_is_taken_beside_one_that_is_not_as_what_it_is() -> None:
    lines = ["Effective 04/08/2026", "Last updated: May 3, 2026", *BODY]
    found, findings = find_own_dates(lines, "en")
    assert found == {"updated": date(2026, 5, 3)}
    assert [f.code for f in findings] == ["document.ambiguous_date"]
    found, findings = find_own_dates(["Effective 04/08/2026", "May 3, 2026", *BODY], "en")
    assert (found, [f.code for f in findings]) == ({}, ["document.ambiguous_date"])


def test_month_alone_is_told_and_is_no_date() -> None:
    found, findings = find_own_dates(["Stand: März 2026", *BODY], "de")
    assert found == {}
    assert "März 2026" in findings[0].message


def test_effective_date_and_that_of_the_last_change_are_told_apart() -> None:
    lines = ["Last updated: May 3, 2026", "Effective: June 1, 2026", "March 1, 2026", *BODY]
    assert find_own_dates(lines, "en") == (
        {"effective": date(2026, 6, 1), "updated": date(2026, 5, 3)},
        [],
    )


def test_dates_of_one_kind_beyond_the_first_are_told() -> None:
    found, findings = find_own_dates(["Updated May 3, 2026", "Updated June 1, 2026", *BODY], "en")
    assert found == {"updated": date(2026, 5, 3)}
    assert [f.code for f in findings] == ["document.several_dates"]
    assert (
        "2026-05-03 as the date of its last update was taken, and 2026-06-01 was not" in findings[0].message
    )


def test_impossible_dates_are_no_dates() -> None:
    assert find_dates("30 February 2026, 2026-13-01, 31/31/2026, Foo 12, 2026", "en") == []


def test_capture_is_told_apart_from_the_dates_that_are_printed() -> None:
    captured = datetime(2025, 12, 15, tzinfo=UTC)
    blocks: list[Block] = [Heading(1, "Privacy Policy"), *map(Paragraph, BODY)]
    metadata = find_metadata(
        blocks, {"published": "2025-11-28", "captured": "2024-01-01"}, captured_at=captured
    )
    assert (metadata.captured_at, metadata.dates) == (captured, {})
    assert find_metadata(blocks, {"captured": "2024-01-01T10:00:00+01:00"}).captured_at == datetime(
        2024, 1, 1, 9, tzinfo=UTC
    )
    assert find_metadata(blocks, {"captured": "yesterday"}).captured_at is None


def test_date_in_a_table_row_is_found() -> None:
    blocks: list[Block] = [
        Heading(1, "Terms"),
        Row((("", "Effective date"), ("", "April 8, 2026"))),
        *map(Paragraph, BODY),
    ]
    assert find_metadata(blocks, {}).dates == {"effective": date(2026, 4, 8)}


@pytest.mark.parametrize(
    ("blocks", "page_title", "expected"),
    [
        ([Heading(1, "Acme Privacy Policy"), Heading(1, "Terms")], "Acme", "Acme Privacy Policy"),
        ([Heading(1, "Acme"), Heading(1, "Privacy Policy")], "", "Privacy Policy"),
        ([Heading(2, "1. Data")], "Acme | Privacy Policy", "Privacy Policy"),
        ([Paragraph("Acme Terms of Service"), Heading(2, "I. Data")], "Acme", "Acme Terms of Service"),
        ([Heading(1, "Datenschutzerklärung")], "Acme GmbH", "Datenschutzerklärung"),
        ([Heading(1, "隐私政策")], "", "隐私政策"),
        ([Heading(1, "Our commitments")], "", "Our commitments"),
        ([Paragraph("Our privacy matters to us, and so does yours.")], "", None),
        ([Heading(2, "1. Privacy of data")], "", None),
    ],
)
def test_title_is_the_heading_that_names_the_document(
    blocks: list[Block], page_title: str, expected: str | None
) -> None:
    assert find_title(blocks, {"title": page_title} if page_title else {}) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Acme Inc. is the data controller."], "Acme Inc."),
        (["The controller is Acme SAS, 1 rue X, Paris."], "Acme SAS"),
        (["Acme Ireland Limited, with its office in Dublin, is the controller."], "Acme Ireland Limited"),
        (
            ["In the EEA, Acme Ireland Limited is the controller.", "Acme LLC is the controller elsewhere."],
            "Acme",
        ),
        (["Verantwortlicher ist die Acme GmbH, Berlin."], "Acme GmbH"),
        (["Le responsable du traitement est Acme SAS."], "Acme SAS"),
        (["El responsable del tratamiento es Acme S.L."], "Acme S.L."),
        (["Il titolare del trattamento è Acme S.r.l."], "Acme S.r.l."),
        (["O controlador é a Acme Ltda."], "Acme Ltda."),
        (["De verwerkingsverantwoordelijke is Acme B.V."], "Acme B.V."),
        (["This applies to data Acme AI, Inc. collects (“Acme,” “we,” “us”)."], "Acme"),
        (["The website is operated by Foo Bar, Inc."], "Foo Bar, Inc."),
        (["The Services are provided by Acme AI, a French corporation."], "Acme AI"),
        (["© 2026 Acme Ltd. All rights reserved."], "Acme Ltd."),
        (["You are the controller of the data.", "The Customer is the controller."], None),
        (["Stripe Inc. is a controller of card data."], None),
        (["One Ltd is the controller.", "Two Ltd is the controller."], None),
        (["We collect data. We share it with Google Inc. and others."], None),
    ],
)
def test_company_is_the_one_that_the_text_states(lines: list[str], expected: str | None) -> None:
    assert find_company(lines, title=None, page_title=None, site_name=None) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Die Beispiel GmbH ist Verantwortliche im Sinne der DSGVO.", "Beispiel GmbH"),
        ("Die Beispiel GmbH, Musterstr. 1, 10115 Berlin, ist Verantwortlicher.", "Beispiel GmbH"),
        ("Verantwortlicher im Sinne des Art. 4 Nr. 7 DSGVO ist die Beispiel GmbH, Berlin.", "Beispiel GmbH"),
        (
            "Verantwortlich für diese Website ist: Beispiel & Söhne GmbH & Co. KG",
            "Beispiel & Söhne GmbH & Co. KG",
        ),
        ("Der Verantwortliche ist die Müller Österreich GmbH.", "Müller Österreich GmbH"),
        ("La société Exemple SAS, dont le siège est à Paris, est responsable du traitement.", "Exemple SAS"),
        ("La société Exemple est responsable de traitement.", "Exemple"),
        ("Le responsable du traitement des données est : Écran Total SARL.", "Écran Total SARL"),
        ("Ejemplo S.L. es el responsable del tratamiento de sus datos.", "Ejemplo S.L."),
        (
            "La empresa Ejemplo S.L., con C.I.F. B12345678, es responsable del tratamiento.",
            "Ejemplo S.L.",
        ),
        ("Responsable del tratamiento: Ejemplo Servicios, S.A.U.", "Ejemplo Servicios, S.A.U."),
        ("Esempio S.p.A. è il titolare del trattamento dei dati.", "Esempio S.p.A."),
        ("Il titolare del trattamento è la società Esempio S.r.l., con sede in Milano.", "Esempio S.r.l."),
        ("A Exemplo Ltda. é a controladora dos seus dados.", "Exemplo Ltda."),
        ("A empresa Exemplo S.A., com sede em Lisboa, é responsável pelo tratamento.", "Exemplo S.A."),
        ("Voorbeeld B.V. is de verwerkingsverantwoordelijke.", "Voorbeeld B.V."),
        (
            "Voorbeeld B.V., te Gouda, is verantwoordelijk voor de verwerking van uw gegevens.",
            "Voorbeeld B.V.",
        ),
        ("某某有限公司（以下简称“我们”）非常重视您的隐私。", "某某有限公司"),
        ("本政策由杭州示例（中国）有限公司(下称“我们”)制定。", "杭州示例（中国）有限公司"),
        ("北京示例科技有限公司及其关联公司（以下简称“示例”或“我们”）", "北京示例科技有限公司"),
        ("このアプリは株式会社サンプル（以下「当社」といいます）が提供します。", "株式会社サンプル"),
        ("예시 주식회사(이하 “회사”)는 개인정보를 보호합니다.", "예시 주식회사"),
        # Who is no company, or not the one that speaks.
        ("Der Kunde ist Verantwortlicher im Sinne der DSGVO.", None),
        ("Verantwortlich ist der Anbieter dieser Website.", None),
        ("Die Betreiberin ist Verantwortliche.", None),
        ("Le Client est responsable du traitement.", None),
        ("Stripe SAS est responsable du traitement distinct.", None),
        ("El responsable del tratamiento es Usted.", None),
        ("Il titolare del trattamento è la Società.", None),
        ("第三方：某某（中国）有限公司", None),
        ("感谢您喜爱示例有限公司（以下简称“我们”）", None),
    ],
)
def test_company_is_stated_in_other_languages(line: str, expected: str | None) -> None:
    assert find_company([line], title=None, page_title=None, site_name=None) == expected


def test_company_stands_under_the_heading_that_asks_for_it() -> None:
    lines = ["1. Verantwortlicher", "Beispiel GmbH", "Musterstraße 1"]
    assert find_company(lines, title=None, page_title=None, site_name=None) == "Beispiel GmbH"
    lines = ["Name und Anschrift des Verantwortlichen", "Die Angaben stehen im Impressum der Beispiel GmbH."]
    assert find_company(lines, title=None, page_title=None, site_name=None) is None


def test_controller_of_a_plugin_far_down_is_not_the_company() -> None:
    plugin = "Verantwortlich für die Verarbeitung im Kartendienst ist die Karten Limited."
    lines = ["Wir verarbeiten Daten.", *["Wir verarbeiten mehr Daten."] * 200, plugin]
    assert find_company(lines, title=None, page_title=None, site_name=None) is None


@pytest.mark.parametrize(
    ("title", "page_title", "site_name", "expected"),
    [
        ("Acme Privacy Policy", None, None, "Acme"),
        ("Acme’s Terms of Service", None, None, "Acme"),
        ("Privacy Policy", "Privacy Policy | Acme", None, "Acme"),
        ("Privacy Policy", "Privacy Policy", "Acme", "Acme"),
        ("Privacy Policy of Acme", None, "Legal Center", "Acme"),
        ("Privacy Policy", "Privacy Policy | Bolt", None, None),
        ("Website Privacy Policy", None, "legal.acme.example", None),
    ],
)
def test_company_of_the_title_counts_when_the_text_uses_it(
    title: str, page_title: str | None, site_name: str | None, expected: str | None
) -> None:
    lines = ["Acme collects data.", "You may write to Acme.", "Our website is a website."]
    assert find_company(lines, title=title, page_title=page_title, site_name=site_name) == expected


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        (
            "We collect your personal data when you use our services and we keep it for a year. " * 5,
            None,
            "en",
        ),
        ("Wir verarbeiten Ihre personenbezogenen Daten, wenn Sie unsere Dienste nutzen. " * 5, "en-US", "de"),
        ("Nous collectons vos données personnelles lorsque vous utilisez nos services. " * 5, None, "fr"),
        ("我们收集您的个人信息，以便向您提供服务。Cookie and SDK." * 3, "en", "zh"),
        ("当社は、お客様の個人情報を取り扱います。" * 3, None, "ja"),
        ("우리는 귀하의 개인정보를 수집하고 보관합니다. " * 3, None, "ko"),
        ("Data policy. We may collect it.", "nl-BE", "nl"),
        ("12", "fr_CA", "fr"),
        ("12", None, "und"),
        ("12", "{lang}", "und"),
    ],
)
def test_language_is_that_of_the_text(text: str, declared: str | None, expected: str) -> None:
    assert find_language([text], declared) == expected
