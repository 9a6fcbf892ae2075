"""Is a text a policy or terms document? If not, what is it: a stub, a login, a challenge, a banner, an error,
something else.

Pages that stand in a document's place are short and use stock phrases, so those are looked for in short texts
alone. A policy or terms document, in whatever language, names its subject (data, privacy, liability) in many
words and speaks to someone: "we" and "you", or "shall" between parties. Both are counted; a recipe has
neither, a news story has the first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

UnsuitableKind = Literal[
    "nothing_extracted",
    "redirect_stub",
    "bot_challenge",
    "login_wall",
    "cookie_banner",
    "error_page",
    "not_a_policy",
]


@dataclass(frozen=True, slots=True)
class Unsuitable:
    """Why a text is no document to work on. Only ``not_a_policy`` is a judgement the user may overrule."""

    kind: UnsuitableKind
    message: str
    can_force: bool = False


# Longest text, in characters, that can be a page standing in the place of a document.
_SHORT = 2_500
_STUB = 700
# A page of more visible characters than this that yields less than the share below was not read properly.
_MUCH = 5_000
_LITTLE = 0.02


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


_REDIRECT = _any(
    r"\bredirecting\b", r"being redirected", r"moved (?:permanently|temporarily)",
    r"(?:document|page|site) has moved",
    r"click here if you are not redirected", r"redirection en cours", r"vous allez être redirigé",
    r"weitergeleitet",
    r"weiterleitung", r"redirigiendo", r"será redirigido", r"reindirizzamento", r"redirecionando",
    r"doorgestuurd",
    r"przekierow", r"正在跳转", r"页面跳转", r"重定向", r"リダイレクト", r"自動的に移動",
)  # fmt: skip
_CHALLENGE = _any(
    r"checking your browser", r"verify(?:ing)? (?:that )?you(?:'|’| a)re (?:a )?human",
    r"are you a (?:human|robot)",
    r"not a robot", r"enable javascript and cookies to continue", r"performing security verification",
    r"needs to review the security of your connection", r"ddos protection by", r"\bray id\b", r"\bcaptcha\b",
    r"unusual traffic", r"press (?:and|&) hold", r"attention required", r"bot (?:detection|verification)",
    r"vérification de votre navigateur", r"vérifiez que vous êtes humain", r"browser wird überprüft",
    r"dass sie ein mensch sind", r"comprobando su navegador",
    r"verifica(?:r|ndo)? que (?:eres|es usted) humano",
    r"verifica (?:del browser|di essere umano)", r"verifi(?:que|cando) (?:se )?você é humano",
    r"verifieer dat u een mens",
    r"sprawdzanie przeglądarki", r"人机验证", r"验证您是真人", r"安全验证", r"ロボットではありません",
    r"人間であることを確認",
)  # fmt: skip
_CHALLENGE_ALONE = _any(r"^\s*just a moment", r"^\s*un momento", r"^\s*un instant", r"^\s*einen moment")
_LOGIN = _any(
    r"\b(?:sign|log) ?in\b", r"\bpasswords?\b", r"forgot(?:ten)? (?:your )?password", r"remember me",
    r"create (?:an|your|a new) account", r"sign up",
    r"continue with (?:google|apple|facebook|email|microsoft)",
    r"se connecter", r"mot de passe", r"créer un compte", r"\banmelden\b", r"\beinloggen\b", r"passwort",
    r"konto erstellen", r"registrieren", r"iniciar sesión", r"contraseña", r"crear (?:una )?cuenta",
    r"\baccedi\b",
    r"crea(?:re)? (?:un )?account", r"\bentrar\b", r"\bsenha\b", r"criar (?:uma )?conta", r"\binloggen\b",
    r"wachtwoord",
    r"account aanmaken", r"zaloguj", r"\bhasło", r"załóż konto", r"登录", r"密码", r"注册", r"ログイン",
    r"パスワード",
    r"新規登録",
)  # fmt: skip
_COOKIES = _any(r"cookies?\b", r"クッキー", r"plików cookie")
_COOKIE_BUTTONS = _any(
    r"(?:accept|allow|reject|decline|refuse) (?:all|cookies|optional)",
    r"(?:cookie|privacy) (?:settings|preferences)",
    r"manage (?:cookies|preferences|settings|choices|options)", r"only necessary",
    r"necessary (?:cookies )?only",
    r"customi[sz]e", r"tout (?:accepter|refuser)", r"accepter et (?:fermer|continuer)", r"paramétrer",
    r"personnaliser",
    r"alle (?:akzeptieren|ablehnen|cookies)", r"nur notwendige", r"einstellungen",
    r"aceptar (?:todo|todas|cookies)",
    r"rechazar", r"configurar", r"accetta (?:tutti|tutto|e chiudi)", r"rifiuta", r"personalizza", r"aceitar",
    r"rejeitar", r"alles (?:accepteren|weigeren|afwijzen)", r"voorkeuren", r"zaakceptuj", r"akceptuj",
    r"odrzuć",
    r"ustawienia", r"全部接受", r"接受所有", r"全部拒绝", r"拒绝", r"すべて(?:受け入れ|許可|拒否|同意)",
    r"同意する", r"拒否",
)  # fmt: skip
_ERROR = _any(
    r"\b(?:error|http|fehler|erreur|errore|erro|fout|błąd)\W{0,3}[45]\d\d\b", r"^\W*[45]\d\d\b",
    r"\b[45]\d\d\W{1,3}(?:error|not found|forbidden)",
    r"page (?:could )?(?:not|can(?:'|’)?t|cannot) be found", r"page (?:was )?not found",
    r"page (?:you|that you).{0,60}(?:n(?:'|’)t|not|no longer) ",
    r"404 not found", r"access denied", r"\bforbidden\b", r"bad gateway",
    r"service (?:temporarily )?unavailable",
    r"internal server error", r"something went wrong", r"an error (?:has )?occurred",
    r"not available in your (?:country|region)",
    r"page (?:introuvable|non trouvée)", r"accès refusé", r"seite (?:wurde )?nicht gefunden",
    r"zugriff verweigert",
    r"página no encontrada", r"acceso denegado", r"pagina non trovata", r"accesso negato",
    r"página não encontrada",
    r"acesso negado", r"pagina niet gevonden", r"toegang geweigerd", r"nie znaleziono strony",
    r"strona nie (?:istnieje|została)",
    r"brak dostępu", r"页面不存在", r"找不到(?:该)?页面", r"无法访问", r"ページが見つかりません",
    r"アクセスが拒否",
)  # fmt: skip
_NEEDS_SCRIPT = _any(
    r"(?:enable|turn on|activate|requires?|needs?|without) (?:the use of )?java ?script",
    r"javascript (?:is|to be|must be|has been) (?:disabled|enabled|required|needed)",
    r"activer javascript", r"javascript (?:zu )?aktivieren",
    r"(?:activar|active|habilite|habilitar|ative|attivare|abilita(?:re)?) javascript",
    r"schakel javascript", r"włącz(?:yć)? (?:obsługę )?javascript", r"(?:启用|开启) ?javascript",
    r"javascript ?を有効",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Language:
    """Words of one language: its policies' subjects (each counts once) and their voice (each occurrence
    counts).
    """

    subject: tuple[str, ...]
    voice: tuple[str, ...]
    said: tuple[str, ...] = ()
    words_have_spaces: bool = True


_LANGUAGES: Mapping[str, _Language] = {
    "en": _Language(
        (
            "privacy", "personal (?:data|information)", "user data", "data protection", "data subjects?",
            "cookies?", "consent",
            "third[ -]part(?:y|ies)", "we (?:may )?(?:collect|process|share|use|retain|disclose|store)",
            "collect(?:ed|ion|s)?",
            "disclos(?:e|es|ed|ure)", "retain|retention", "delet(?:e|ion)", "opt[ -]out", "controller",
            "processors?",
            "your rights", "terms (?:of (?:service|use)|and conditions)",
            "these terms|this agreement|this (?:privacy )?(?:policy|notice)",
            "agree(?:ment)?", "liab(?:le|ility)", "warrant(?:y|ies)", "indemnif\\w+", "governing law",
            "arbitration", "terminat(?:e|ion)",
            "licen[sc]es?", "intellectual property", "subscription", "acceptable use", "legal process",
            "comply|applicable law", "effective",
        ),
        ("we", "us", "our", "you", "your", "shall", "hereby", "hereunder",
         "the (?:user|customer|client|provider|licensee|company|controller|processor)", "data subjects?",
         "part(?:y|ies)"),
        ("said", "told", "says", "tweeted", "reported"),
    ),
    "fr": _Language(
        (
            "confidentialité", "vie privée", "données (?:à caractère )?personnel(?:le)?s?",
            "protection des données", "rgpd", "cookies?", "consentement",
            "tiers", "(?:nous )?(?:collect|recueill|trait|partage|conserv|divulgu)\\w+",
            "responsable (?:du|de) traitement", "sous-traitants?", "finalités?",
            "vos droits", "droit d['’]accès", "conditions (?:générales|d['’]utilisation)", "présentes",
            "responsabilité", "garanties?", "résili\\w+",
            "droit applicable", "litiges?", "propriété intellectuelle", "abonnement", "s['’]engage",
            "base légale|intérêt légitime",
        ),
        ("nous", "notre", "nos", "vous", "votre", "vos", "l['’]utilisateur", "le client", "le prestataire",
         "les parties"),
        ("a déclaré", "a affirmé", "a expliqué", "a annoncé", "a indiqué", "a dit"),
    ),
    "de": _Language(
        (
            "datenschutz\\w*", "personenbezogene\\w*(?: daten)?", "dsgvo", "cookies?", "einwilligung\\w*",
            "dritte\\w*", "verarbeit\\w+", "erheb\\w+", "speicher\\w+",
            "weitergabe|weitergeben|übermitt\\w+", "verantwortliche\\w*", "auftragsverarbeit\\w+",
            "betroffene\\w*", "ihre rechte", "auskunft\\w*", "lösch\\w+",
            "widerspr\\w+|widerruf\\w*", "nutzungsbedingungen|geschäftsbedingungen|agb", "haft\\w+",
            "gewährleistung\\w*", "kündig\\w+", "vertrag\\w*", "anwendbares recht",
            "gerichtsstand", "rechtsgrundlage\\w*", "berechtigte\\w* interesse\\w*",
        ),
        ("wir", "uns", "unser\\w*", "sie", "ihre?[nmrs]?", "der (?:nutzer|kunde|anbieter|verantwortliche)",
         "die parteien"),
        ("sagte", "erklärte", "teilte .{0,30} mit", "berichtete\\w*"),
    ),
    "es": _Language(
        (
            "privacidad", "datos (?:de carácter )?personales", "protección de datos", "rgpd", "cookies?",
            "consentimiento", "terceros", "recopil\\w+|recog\\w+|recab\\w+",
            "tratamiento|tratamos", "compart\\w+", "conserv\\w+", "responsable del tratamiento",
            "encargad\\w+", "finalidad\\w*", "sus derechos", "derecho de acceso", "supresión",
            "términos (?:de (?:uso|servicio)|y condiciones)", "condiciones (?:de uso|generales)",
            "responsabilidad", "garantías?", "rescindir|rescisión|resolución", "ley aplicable|legislación",
            "jurisdicción", "propiedad intelectual", "suscripción", "base jurídica|interés legítimo",
        ),
        ("nosotros", "nos", "nuestr[oa]s?", "usted(?:es)?", "su", "sus", "tu", "tus", "te", "le",
         "el (?:usuario|cliente|prestador|responsable)", "las partes"),
        ("dijo", "afirmó", "declaró", "explicó", "aseguró"),
    ),
    "it": _Language(
        (
            "privacy|riservatezza", "dati personali", "protezione dei dati", "gdpr", "cookie", "consenso",
            "terz[ie]", "raccogli\\w+|raccolt\\w+", "trattament\\w+|trattiamo", "condivid\\w+",
            "conserv\\w+", "titolare del trattamento", "responsabil[ei] del trattamento", "finalità",
            "(?:i )?(?:tuoi|suoi|vostri) diritti", "cancellazione", "interessat\\w+",
            "termini (?:di (?:servizio|utilizzo)|e condizioni)", "condizioni (?:d['’]uso|generali)",
            "responsabilità", "garanzi[ae]", "recesso|risoluzione", "legge applicabile", "foro competente",
            "proprietà intellettuale", "abbonamento", "base giuridica|interesse legittimo",
        ),
        ("noi", "nostr[oaie]", "tu", "tuo[i]?", "tua|tue", "lei", "suo[i]?", "sua|sue", "voi",
         "vostr[oaie]", "ti", "le", "ci", "l['’](?:utente|interessato)",
         "il (?:cliente|titolare|fornitore)", "le parti"),
        ("ha detto", "ha dichiarato", "ha affermato", "ha spiegato"),
    ),
    "pt": _Language(
        (
            "privacidade", "dados pessoais", "proteção de dados", "lgpd|rgpd", "cookies?", "consentimento",
            "terceiros", "colet\\w+|recolh\\w+", "tratamento|tratamos", "compartilh\\w+|partilh\\w+",
            "armazen\\w+|conserv\\w+", "controlador\\w*|responsável pelo tratamento",
            "operador\\w*|subcontratante\\w*", "finalidade\\w*", "seus direitos", "eliminação|exclusão",
            "titular\\w*",
            "termos (?:de (?:uso|serviço|utilização)|e condições)", "condições (?:gerais|de utilização)",
            "responsabilidade", "garantias?", "rescisão|rescindir", "lei aplicável|legislação", "foro",
            "propriedade intelectual", "assinatura", "base (?:legal|jurídica)|interesse legítimo",
        ),
        ("nós", "nos", "noss[oa]s?", "você", "seus?", "suas?", "lhe",
         "o (?:utilizador|usuário|cliente|titular|controlador)", "as partes"),
        ("disse", "afirmou", "declarou", "explicou"),
    ),
    "nl": _Language(
        (
            "privacy\\w*", "persoonsgegevens", "gegevensbescherming", "avg", "cookies?", "toestemming",
            "derden", "verzamel\\w+", "verwerk\\w+", "del(?:en|ing)|verstrek\\w+", "bewaar\\w*|bewaren",
            "verwerkingsverantwoordelijke", "verwerker\\w*", "doeleinden", "uw rechten|je rechten",
            "inzage", "verwijder\\w+", "voorwaarden", "aansprakelijk\\w*", "garantie\\w*",
            "beëindig\\w+|opzeg\\w+",
            "toepasselijk recht", "geschillen?", "intellectuele eigendom\\w*", "abonnement\\w*",
            "overeenkomst\\w*", "grondslag\\w*|gerechtvaardigd belang",
        ),
        ("wij", "we", "ons", "onze", "u", "uw", "je", "jij", "jouw",
         "de (?:gebruiker|klant|betrokkene|leverancier)", "partijen"),
        ("zei", "zegt", "vertelde", "verklaarde", "meldde"),
    ),
    "pl": _Language(
        (
            "prywatności?", "dan(?:e|ych|ymi) osobow\\w+", "ochron\\w+ danych", "rodo", "cookies?",
            "zgod[aęyzi]\\w*", "trzeci\\w*|podmiot\\w*", "zbier\\w+|gromadz\\w+", "przetwarza\\w+",
            "udostępni\\w+", "przechow\\w+",
            "administrator\\w*", "cel(?:e|u|ach|ów)?", "praw[ao]|prawem", "usunięci\\w+",
            "regulamin\\w*|warunki", "odpowiedzialnoś\\w+", "gwarancj\\w+", "wypowiedz\\w+|rozwiąza\\w+",
            "umow\\w+", "usług\\w*",
            "właściwe", "sąd\\w*", "własnoś\\w+ intelektualn\\w+",
            "podstaw\\w+ prawn\\w+|uzasadnion\\w+ interes\\w*", "sprzeciw\\w*",
        ),
        ("my", "nam", "nas", "nasz\\w*", "państw[aou]\\w*", "pan(?:a|u|em|i)?",
         "tw(?:ój|oje|oja|ojego|ojej|oich)", "ty", "ci", "użytkownik\\w*", "klient\\w*", "usługodawc\\w+",
         "(?:zbiera|przetwarza|udostępnia|przechowuje|wykorzystuje|może)my", "może(?:sz|cie)"),
        ("powiedział\\w*", "stwierdził\\w*", "oświadczył\\w*", "poinformował\\w*"),
    ),
    "zh": _Language(
        (
            "隐私|隱私", "个人信息|個人信息|個人資料|个人数据", "数据|資料", "cookie", "同意", "第三方",
            "收集", "处理|處理", "共享|分享|披露",
            "保存|存储|儲存", "删除|刪除", "目的", "权利|權利", "协议|協議|条款|條款",
            "政策|声明", "责任|責任", "终止|終止", "适用法律|適用法律|法律", "争议|爭議",
            "知识产权|知識產權", "服务|服務", "未成年人|儿童", "撤回",
        ),
        ("我们", "我們", "您", "本公司", "用户", "用戶", "本协议", "本政策", "甲方", "乙方", "你"),
        ("表示", "称", "报道", "記者", "记者"),
        words_have_spaces=False,
    ),
    "ja": _Language(
        (
            "プライバシー", "個人情報", "個人データ", "cookie|クッキー", "同意", "第三者", "収集|取得",
            "利用目的", "取扱い|取り扱い|処理",
            "共有|提供|開示", "保存|保管", "削除|消去", "権利|請求",
            "規約|約款", "ポリシー|方針", "責任|責め", "解除|解約|終了", "準拠法|法令", "裁判所|紛争",
            "知的財産|著作権", "サービス", "契約",
        ),
        ("当社", "弊社", "お客様", "お客さま", "利用者", "ユーザー", "本規約", "本サービス", "あなた",
         "ものとします", "甲", "乙"),
        ("述べた", "語った", "と話す", "報じ", "発表した"),
        words_have_spaces=False,
    ),
    # Particles are written onto the words, so that no word has an edge to ask for.
    "ko": _Language(
        (
            "개인정보", "프라이버시", "쿠키", "동의", "제3자", "수집", "처리", "이용목적|목적", "제공|공유",
            "보유|보관", "파기|삭제", "권리", "약관", "방침", "책임", "해지|해제", "준거법|법령", "관할|분쟁",
            "지식재산|저작권", "서비스", "계약", "정보주체",
        ),
        ("회사는", "당사", "저희", "우리", "이용자", "고객", "회원", "귀하", "여러분"),
        ("말했다", "밝혔다", "전했다", "보도"),
        words_have_spaces=False,
    ),
    # Articles and pronouns are written onto the words.
    "ar": _Language(
        (
            r"\w*خصوصية", r"\w*(?:بيانات|معلومات)\w*", r"\w*شخصية", "ملفات تعريف الارتباط|الكوكيز", r"\w*موافق[ةت]\w*",
            "طرف ثالث|أطراف ثالثة|الشركاء", r"\w*جمع\w*", r"\w*(?:معالج|نعالج)\w*", r"\w*(?:مشارك|نشارك)\w*",
            r"\w*(?:نحتفظ|احتفاظ)\w*", r"\w*حذف\w*", r"\w*(?:حقوق|حق)\w*", r"\w*شروط\w*", r"\w*سياسة", r"\w*مسؤولي\w+",
            r"\w*إنهاء", r"\w*قانون\w*", r"\w*نزاع\w*", "الملكية الفكرية", r"\w*خدم(?:ات|ة)\w*", r"\w*اتفاقية",
        ),
        ("نحن", "نقوم", "نجمع\\w*", "نستخدم\\w*", "نحتفظ", "نشارك\\w*", "لدينا", "خدماتنا", "يمكنك", "حسابك", "بياناتك",
         "معلوماتك", "اسمك", "بريدك", "حقوقك", "لك", "المستخدم"),
        ("قال", "صرح", "أعلن", "أضاف"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Cues:
    subject: tuple[re.Pattern[str], ...]
    voice: re.Pattern[str]
    said: re.Pattern[str]
    words_have_spaces: bool


def _compile(language: _Language) -> _Cues:
    edge = r"\b" if language.words_have_spaces else ""
    joined = [
        re.compile(f"{edge}(?:{'|'.join(words)}){edge}", re.IGNORECASE)
        for words in (*((word,) for word in language.subject), language.voice, language.said)
    ]
    return _Cues(tuple(joined[:-2]), joined[-2], joined[-1], language.words_have_spaces)


_CUES: Sequence[_Cues] = [_compile(language) for language in _LANGUAGES.values()]

# A script or a data file: lines that end as code does.
_CODE_LINE = re.compile(
    r"(?:[{};]|\)\s*:|=>|,)\s*$|^\s*(?:import|from|def|class|function|const|let|var|return|#include)\b"
)

# Measured on real policies in English (5 to 9 % of words are voice) and on news about privacy (below 1 %).
_LEAST_VOICE = 0.012
_MOST_SAID = 0.006
# The beginning is enough to know a document, and a long one is not read through for it.
_LOOKED_AT = 40_000


def unsuitable_reason(
    text: str, *, title: str | None, source_chars: int, buttons: Sequence[str] = ()
) -> Unsuitable | None:
    """Why ``text`` is not a policy or terms document to work on, or None when it is.

    ``text`` is what was extracted, ``source_chars`` the visible characters of the source it was extracted
    from, ``buttons`` what stands on its buttons. The message is one sentence for the user.
    """
    body = text.strip()
    if reason := _no_document(body, title or "", source_chars, "\n".join(buttons)):
        return reason
    if _reads_as_policy(f"{title or ''}\n{body}"[:_LOOKED_AT]):
        return None
    return Unsuitable(
        "not_a_policy",
        "This does not read as a privacy policy or terms document; give one, or --force to go on anyway.",
        can_force=True,
    )


_COOKIE_BANNER = Unsuitable(
    "cookie_banner",
    "This is a cookie banner without the document; answer it in a browser and give the saved page.",
)


def _no_document(body: str, title: str, source_chars: int, buttons: str) -> Unsuitable | None:
    if len(body) <= _STUB and _COOKIES.search(body) and _offers_cookie_choice(buttons):
        return _COOKIE_BANNER
    if not body:
        return _little("No text could be found in it; save the page from a browser, or give another format.")
    whole = f"{title}\n{body}"
    if len(body) <= _SHORT and (_CHALLENGE.search(whole) or _CHALLENGE_ALONE.search(title or body)):
        return Unsuitable(
            "bot_challenge",
            "This is a check for robots and not the document; open it in a browser and give the saved page.",
        )
    if len(body) <= _STUB and _REDIRECT.search(whole):
        return Unsuitable(
            "redirect_stub", "This is only a page that redirects; give the address or page that it leads to."
        )
    if len(body) <= _STUB and _NEEDS_SCRIPT.search(whole):
        return _little(
            "The page shows its text only with JavaScript; save it from a browser and give that file."
        )
    if (
        len(body) <= _SHORT
        and (_ERROR.search(title) or _ERROR.search(body[:300]))
        and not _reads_as_policy(body)
    ):
        return Unsuitable("error_page", "This is an error page and not the document; check the address.")
    if (
        len(body) <= _SHORT
        and len({found.lower() for found in _LOGIN.findall(whole)}) >= 2
        and not _is_long_policy(body)
    ):
        return Unsuitable(
            "login_wall",
            "This is a login page and not the document; open it in a browser and give the saved page.",
        )
    if (
        len(body) <= _SHORT
        and _COOKIES.search(body)
        and _offers_cookie_choice(body)
        and not _is_long_policy(body)
    ):
        return _COOKIE_BANNER
    if source_chars > _MUCH and len(body) < source_chars * _LITTLE:
        return _little(
            f"Only {len(body)} of about {source_chars} characters could be read; give another format of it."
        )
    return None


def _offers_cookie_choice(words: str) -> bool:
    return len({found.lower() for found in _COOKIE_BUTTONS.findall(words)}) >= 2


def _little(message: str) -> Unsuitable:
    return Unsuitable("nothing_extracted", message)


def _is_long_policy(body: str) -> bool:
    """A short page with buttons is a banner or a login, however it speaks of data; a page of some length may
    be a policy.
    """
    return len(body) > 1_200 and _reads_as_policy(body)


def _reads_as_policy(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 5 and sum(1 for line in lines if _CODE_LINE.search(line)) > len(lines) * 0.5:
        return False
    return any(_speaks_as_policy(text, cues) for cues in _CUES)


def _speaks_as_policy(text: str, cues: _Cues) -> bool:
    # Two characters of Chinese or Japanese carry about what a word does.
    words = len(text.split()) if cues.words_have_spaces else sum(1 for char in text if char > "\u2e7f") / 2
    # Its voice tells a language from another by one search, its subjects take thirty.
    voice = len(cues.voice.findall(text))
    if voice < max(1, words * _LEAST_VOICE) or len(cues.said.findall(text)) > max(2, words * _MOST_SAID):
        return False
    needed = 2 if words < 120 else 3 if words < 400 else 6
    # A subject that is not there costs a search of the whole text: none is looked for once there are enough.
    found = islice((cue for cue in cues.subject if cue.search(text)), needed)
    return sum(1 for _ in found) == needed
