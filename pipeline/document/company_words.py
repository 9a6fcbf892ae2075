"""How documents write the name of a company, and the sentences in which they state the one behind them, by language.

Where every noun has a capital (German) or any party may be "responsible" (the Romance languages, Dutch), a name counts only with its
legal form, or after a word for "company": "Der Kunde ist Verantwortlicher" names nobody.
"""

import re

_CAPITAL = "A-Z0-9À-ÖØ-ÞČĆĐĘĞİŁŃŐŒŚŞŠŸŹŻŽ"
SUFFIX = (
    r"(?:Inc|Incorporated|LLC|L\.L\.C|Ltd|Limited|PLC|plc|Corp|Corporation|Company|Co|LP|LLP|"
    r"gGmbH|GmbH|mbH|AG|SE|KGaA|KG|OHG|GbR|UG|eG|e\. ?V|e\.K|"
    r"S\.A\.S\.U|SASU|S\.A\.R\.L|SARL|S\.A\.S|SAS|EURL|SNC|S\.A\.U|SAU|S/A|S\.A|SA|S\.L\.U|SLU|S\.L|SL|"
    r"S\.r\.l|Srl|SRL|S\.p\.A|SpA|SPA|S\.n\.c|S\.a\.s|BV|B\.V|NV|N\.V|V\.O\.F|AB|AS|A/S|ApS|Oy|Ltda|LTDA|Lda|EIRELI|Pty|Pte|K\.K|Kft|sp\. z o\.o)"
)
"""A legal form, without the full stop that may end it."""
_WORD = rf"[{_CAPITAL}][\w&'’+-]{{0,40}}(?:\.\w[\w-]{{0,40}}){{0,3}}"
NAME = rf"{_WORD}(?: (?:{_WORD}|\({_WORD}\)|of|and|&|de|du|der|und|et|y|e)){{0,6}}"
FIRM = rf"{NAME},? {SUFFIX}(?!\w)\.?(?:[ ,]{{1,2}}{SUFFIX}(?!\w)\.?)?"
EITHER = rf"(?P<name>{FIRM}|{NAME})"
_THE_FIRM = rf"(?P<name>{FIRM})"

_CONTROLLER = r"(?:(?:the|your) )?(?:sole )?(?:data |personal data )?controllers?\b"
# What may stand in a sentence: a full stop only in an abbreviation.
_IN_SENTENCE = rf"(?:[^.;]|(?<=\b\w)\.|\.(?! [{_CAPITAL[:3]}À-Þ]))"
# Between a name and what it is: its seat, its number, how it is called from here on.
_ASIDE = rf"(?:,? [(\[][^)\]]{{1,160}}[)\]],?|, {_IN_SENTENCE}{{1,200}}?,)?"

# Words that must stand in a line for it to state the controller, and how it then does.
CONTROLLER_WORDS = re.compile("controller", re.IGNORECASE)
STATED_CONTROLLER = (
    re.compile(
        rf"(?<!\w){EITHER}(?:,? [(\[][^)\]]{{1,120}}[)\]],?|, [^.;]{{1,160}},)? (?:is|acts as|will be) {_CONTROLLER}"
    ),
    re.compile(rf"[Cc]ontroller (?:of|for|responsible for)\b[^.]{{0,80}}? is:? {EITHER}"),
    re.compile(rf"\b(?:[Dd]ata )?[Cc]ontroller(?: is|:) {EITHER}"),
)
CONTROLLER_WORDS_ABROAD = re.compile(
    r"controlador|responsab|esponsáve|titolare|erantwortlich|erantwoordelijk", re.IGNORECASE
)
STATED_CONTROLLER_ABROAD = (
    # German
    re.compile(
        rf"(?<!\w){_THE_FIRM}{_ASIDE} ist (?:die |der )?(?:alleinige |datenschutzrechtlich )?"
        r"(?:Verantwortliche\b|Verantwortlicher\b|[Vv]erantwortliche Stelle\b)"
    ),
    re.compile(
        rf"[Vv]erantwortlich(?:e[rn]?)?(?![-\w]){_IN_SENTENCE}{{0,140}}?(?: ist:?|:) (?:die |der |das )?{_THE_FIRM}"
    ),
    # French
    re.compile(
        rf"(?<!\w)(?P<name>(?<=[Ll]a société )(?:{FIRM}|{NAME})|{FIRM}){_ASIDE} "
        r"(?:est|agit en qualité de|agit en tant que) (?:le |la )?responsable (?:du|de) traitement(?! (?:distinct|indépendant|autonome|conjoint))"
    ),
    re.compile(
        rf"[Rr]esponsable (?:du|de) traitement{_IN_SENTENCE}{{0,100}}?(?: est(?: ?:)?| ?:) (?:la société |l['’]entreprise )?{EITHER}"
    ),
    # Spanish
    re.compile(
        rf"(?<!\w){_THE_FIRM}{_ASIDE} (?:es|actúa como) (?:el |la )?responsable del tratamiento(?! (?:independiente|distint))"
    ),
    re.compile(rf"^Responsable: {_THE_FIRM}"),
    re.compile(
        rf"[Rr]esponsable del (?:tratamiento|fichero){_IN_SENTENCE}{{0,100}}?(?: es:?|:) (?:la (?:empresa|sociedad|entidad|mercantil|compañía) )?{EITHER}"
    ),
    # Italian
    re.compile(
        rf"(?<!\w){_THE_FIRM}{_ASIDE} è (?:il |la )?[Tt]itolare del trattamento(?! (?:autonomo|indipendente))"
    ),
    re.compile(
        rf"[Tt]itolare del [Tt]rattamento{_IN_SENTENCE}{{0,100}}?(?: è:?|:) (?:la (?:società|ditta) |l['’]azienda )?{EITHER}"
    ),
    # Portuguese
    re.compile(
        rf"(?<!\w){_THE_FIRM}{_ASIDE} é (?:a |o )?(?:controladora?\b|(?:entidade )?responsável pelo tratamento)(?! (?:independente|autónom))"
    ),
    re.compile(
        rf"(?:[Cc]ontrolador[a]?|[Rr]esponsável pelo [Tt]ratamento){_IN_SENTENCE}{{0,100}}?(?: é(?: [ao])?:?|:) (?:(?:empresa|sociedade) )?{EITHER}"
    ),
    # Dutch
    re.compile(
        rf"(?<!\w){_THE_FIRM}{_ASIDE} is (?:de )?(?:verwerkingsverantwoordelijke\b|verantwoordelijk voor de verwerking\b)"
    ),
    re.compile(rf"[Vv]erwerkingsverantwoordelijke{_IN_SENTENCE}{{0,100}}?(?: is:?|:) {EITHER}"),
)
LABELS_CONTROLLER = re.compile(
    r"(?:(?:\d{1,2}|[IVX]{1,4}|[a-zA-Z])[.)] ?)?"
    r"(?:(?:Name und (?:Anschrift|Kontaktdaten)|Angaben|Kontaktdaten) (?:des|der|zum|zur) )?"
    r"(?:(?:Der |Die |Le |El |Il |O |De |The )?(?:[Vv]erantwortliche[rn]?(?: Stelle)?|[Rr]esponsable d(?:u|e) traitement|"
    r"[Rr]esponsable del tratamiento|[Tt]itolare del [Tt]rattamento|[Rr]esponsável pelo [Tt]ratamento|[Vv]erwerkingsverantwoordelijke))"
    r"\b[^.]{0,80}"
)
"""A heading or a lead-in under which the controller's name and address stand as lines of their own."""
FIRM_FIRST = re.compile(rf"(?:Die |La société |La sociedad |La società )?{_THE_FIRM}")

# The party that speaks: Acme Corporation (“Acme”, “we”); services provided by Acme, a French company.
PARTY_WORDS = re.compile(
    r"[“\"'‘](?:we|us|our)\b|(?:operated|provided|offered|published) by|\b(?:company|corporation)\b",
    re.IGNORECASE,
)
STATED_PARTY = (
    re.compile(rf"[“\"]{EITHER}[,”\"]{{1,3}} ?(?:or |and )?[“\"](?:we|us|our)\b"),
    re.compile(
        rf"(?<!\w)(?P<name>{FIRM})(?:,? and its [\w ]{{3,40}})? "
        r"[(\[](?:collectively,? |together,? |hereinafter |the )?[^)\]]{0,80}?[“\"'‘](?:we|us|our|[Tt]he Company)\b"
    ),
    re.compile(
        rf"(?:operated|provided|offered|published) by (?P<name>{FIRM}|"
        rf"{NAME}(?=, an? (?:[\w-]+ ){{0,5}}(?:company|corporation)\b))"
    ),
    re.compile(
        rf"(?<!\w){EITHER} is an? (?:[\w-]+ ){{0,4}}(?:company|corporation) "
        r"(?:incorporated|registered|organi[sz]ed|established|with)\b"
    ),
)

# Scripts that have neither capitals nor, mostly, spaces: the legal form and what bounds a name take their place.
EASTERN_WORDS = re.compile(r"公司|会社|회사|㈜|\(주\)")
_CHINESE = r"(?P<name>(?:(?!由|使用|选择|访问|是指)[\u3400-\u9fff·A-Za-z0-9]|[（(][\u3400-\u9fff]{2,4}[）)]){2,40}?(?:股份|责任|責任)?有限(?:责任|責任)?公司)"
_OPENS = r"(?:^|[，,。；;：:、“”「」\s]|由|欢迎(?:您)?(?:使用|选择|访问)|歡迎使用|是指|指的是|您与)"
STATED_EASTERN = (
    re.compile(
        rf"{_OPENS}{_CHINESE}(?:(?:及|和|与|以及)其?[\u3400-\u9fff]{{2,12}})? ?[（(][^（()）]{{0,60}}?[“\"「『‘'](?:我们|我們|我司|公司|本公司)"
    ),
    re.compile(
        rf"(?:个人信息处理者|個人資料控制者|运营(?:者|方|主体)|公司(?:全称|名称))(?:为|為|是|：|:) ?{_CHINESE}"
    ),
    re.compile(
        r"(?P<name>(?:株式|合同)会社[\w・&ー]{1,30}|[\u30a1-\u30fa\u30fc\u3400-\u9fffA-Za-z0-9・&]{1,30}(?:株式|合同)会社)"
        r" ?[（(](?:以下)[^（()）]{0,30}?[“\"「『‘'](?:当社|弊社|私たち|私ども|我々)"
    ),
    re.compile(
        r"(?P<name>(?:주식회사|\(주\)|㈜) ?[\w&]{1,30}|[\w&]{1,30} ?(?:주식회사|\(주\)|㈜)) ?\(이하 ?[“\"「『‘'](?:회사|당사|우리)"
    ),
)
NOT_IN_EASTERN_NAME = re.compile(
    r"[您你我]|使用|感谢|感謝|提供|选择|協議|协议|隐私|隱私|条款|本(?:政策|网站|平台|服务|公司)"
)
"""What shows that a run of characters before a legal form is a sentence rather than a name."""
