"""Policies and terms in many languages are accepted; what stands in their place is named for what it is."""

from pathlib import Path

import pytest

from pipeline.document.pdf import read_pdf
from pipeline.document.suitability import UnsuitableKind, unsuitable_reason

POLICIES = Path(__file__).parents[2] / "shared" / "policies"

ACCEPTED = {
    "English": "Privacy notice. We collect your name and e-mail address when you open an account. We share them with nobody "
    "but our processors. You may ask us to delete your personal data at any time. Cookies are set only with your consent.",
    "English, two sentences": "We collect your e-mail address. You can object to our use of it at any time.",
    "English, third person": "The Provider shall process Customer Data as a processor. The Customer is the controller. "
    "Neither party is liable for indirect loss. This agreement is subject to the governing law of Ireland.",
    "English, terms": "These terms of service are an agreement between you and Acme. You agree not to misuse the service. "
    "Our liability is limited. We may terminate your subscription after notice.",
    "French": "Politique de confidentialité. Nous collectons vos données personnelles afin de gérer votre compte. Vous "
    "pouvez retirer votre consentement. Nous ne partageons rien avec des tiers. Le responsable du traitement est Acme SAS.",
    "German": "Datenschutzerklärung. Wir verarbeiten personenbezogene Daten nur mit Ihrer Einwilligung. Sie haben das Recht "
    "auf Auskunft und Löschung. Verantwortlicher ist die Acme GmbH. Cookies setzen wir sparsam ein.",
    "Spanish": "Política de privacidad. Recopilamos sus datos personales para prestarle el servicio. Usted puede retirar su "
    "consentimiento. No compartimos nada con terceros. El responsable del tratamiento es Acme S.L.",
    "Italian": "Informativa sulla privacy. Raccogliamo i tuoi dati personali per gestire il tuo account. Puoi revocare il "
    "consenso. Non condividiamo nulla con terzi. Il titolare del trattamento è Acme S.r.l.",
    "Portuguese": "Política de privacidade. Coletamos seus dados pessoais para prestar o serviço. Você pode retirar o seu "
    "consentimento. Não compartilhamos nada com terceiros. O controlador é a Acme Ltda.",
    "Dutch": "Privacyverklaring. Wij verwerken uw persoonsgegevens om uw account te beheren. U kunt uw toestemming intrekken. "
    "Wij delen niets met derden. De verwerkingsverantwoordelijke is Acme B.V.",
    "Polish": "Polityka prywatności. Przetwarzamy Twoje dane osobowe w celu świadczenia usług. Możesz wycofać zgodę. Nie "
    "udostępniamy danych stronom trzecim. Administratorem jest Acme sp. z o.o.",
    "Chinese": "隐私政策。我们收集您的个人信息，以便向您提供服务。未经您的同意，我们不会与第三方共享。您有权删除您的数据。",
    "Korean": "개인정보 처리방침. 회사는 이용자의 개인정보를 수집하고 동의 없이 제3자에게 제공하지 않습니다. 보유 기간이 끝나면 파기합니다.",
    "Arabic": "سياسة الخصوصية. نجمع بياناتك الشخصية عند إنشاء حسابك، ونحتفظ بها لمدة خمس سنوات، ولا نشاركها دون موافقتك. يمكنك طلب حذفها.",
    "Japanese": "プライバシーポリシー。当社は、お客様の個人情報を利用目的の範囲内で取り扱います。同意なく第三者に提供しません。",
}

REFUSED: dict[str, tuple[UnsuitableKind, str]] = {
    "nothing": ("nothing_extracted", " \n"),
    "script shell": ("nothing_extracted", "You need to enable JavaScript to run this app."),
    "redirect": ("redirect_stub", "Redirecting to /legal/privacy…"),
    "redirect in German": ("redirect_stub", "Sie werden zur Datenschutzerklärung weitergeleitet."),
    "moved": ("redirect_stub", "Moved Permanently\nThe document has moved here."),
    "login": (
        "login_wall",
        "Welcome back\nSign in\nE-mail\nPassword\nForgot password?\nPrivacy policy · Terms of use",
    ),
    "login in French": (
        "login_wall",
        "Bienvenue\nSe connecter\nAdresse e-mail\nMot de passe\nCréer un compte",
    ),
    "login in Japanese": (
        "login_wall",
        "ログイン\nメールアドレス\nパスワード\n利用規約 プライバシーポリシー",
    ),
    "challenge": (
        "bot_challenge",
        "Just a moment...\nChecking your browser before accessing acme.example. Ray ID: 8f1",
    ),
    "challenge to humans": ("bot_challenge", "Verify you are human by completing the action below."),
    "challenge in Spanish": (
        "bot_challenge",
        "Verifique que es usted humano. Verificando que es usted humano.",
    ),
    "banner": (
        "cookie_banner",
        "We value your privacy. We and our partners use cookies to personalise what you see. With your consent we share "
        "data with third parties.\nAccept all\nReject all\nManage preferences",
    ),
    "banner in German": (
        "cookie_banner",
        "Wir verwenden Cookies.\nAlle akzeptieren\nNur notwendige\nEinstellungen",
    ),
    "banner in Italian": ("cookie_banner", "Usiamo i cookie.\nAccetta tutti\nRifiuta\nPersonalizza"),
    "error": ("error_page", "404\nPage not found\nThe page you are looking for does not exist. Go home."),
    "error in Polish": ("error_page", "Błąd 404\nNie znaleziono strony."),
    "forbidden": ("error_page", "403 Forbidden\nnginx"),
    "recipe": (
        "not_a_policy",
        "Lentil soup. Wash the lentils and chop two onions. Fry the onions until they are golden, then add the lentils and "
        "a litre of water. You can serve it with bread. " * 6,
    ),
    "news": (
        "not_a_policy",
        "Regulator fines Acme over privacy. The data protection authority said on Monday that the company had failed to "
        "obtain consent before it shared personal data with third parties. A spokesman said the firm would appeal. The "
        "case began when users found that cookies were set on their phones, the authority said. Lawyers told this paper "
        "that the company, a controller under European rules, could face more claims for its liability. " * 4,
    ),
    "code": (
        "not_a_policy",
        "import os\n\ndef collect(user):\n    return user.privacy;\n\nclass Consent {\n  retain: true,\n  cookies: [],\n};\n"
        'const personal_data = {\n  "your": "our",\n  "we": 1,\n};\nreturn personal_data;\n' * 4,
    ),
    "greeting": ("not_a_policy", "Hello there."),
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_policies_and_terms_are_accepted(text: str) -> None:
    assert unsuitable_reason(text, title=None, source_chars=len(text)) is None


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_long_policies_and_terms_are_accepted(text: str) -> None:
    # The words that carry a policy, thinned out by as many that say nothing of it.
    filler = "".join(char for char in text if not char.isupper())[::-1]
    assert unsuitable_reason(f"{text} {filler} " * 3, title=None, source_chars=len(text) * 6) is None


@pytest.mark.parametrize(("kind", "text"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_document_is_named(kind: UnsuitableKind, text: str) -> None:
    reason = unsuitable_reason(text, title=None, source_chars=len(text))
    assert reason is not None
    assert reason.kind == kind
    assert reason.message.endswith(".")
    assert reason.message.count(". ") == 0
    assert reason.can_force == (kind == "not_a_policy")


def test_title_counts() -> None:
    reason = unsuitable_reason("The page is not here.", title="Error 404 (Not Found)", source_chars=30)
    assert reason is not None
    assert reason.kind == "error_page"
    reason = unsuitable_reason("Please wait.", title="Just a moment...", source_chars=30)
    assert reason is not None
    assert reason.kind == "bot_challenge"


def test_little_from_much_is_an_error() -> None:
    text = ACCEPTED["English"]
    reason = unsuitable_reason(text, title=None, source_chars=200_000)
    assert reason is not None
    assert (reason.kind, reason.can_force) == ("nothing_extracted", False)
    assert "200000" in reason.message


def test_short_policy_that_speaks_of_logins_robots_and_errors_is_accepted() -> None:
    text = (
        ACCEPTED["English"]
        + " When you sign in, we check your password and keep it hashed. If an error occurs, tell us."
        + " You can accept all cookies or refuse them in our settings, and customise them later."
    ) * 4
    assert unsuitable_reason(text, title="Privacy notice", source_chars=len(text)) is None


@pytest.mark.skipif(not POLICIES.exists(), reason="the folder of real policies is not here")
def test_real_policies_are_accepted() -> None:
    for path in sorted(POLICIES.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        assert unsuitable_reason(text, title=None, source_chars=len(text)) is None, path.name
    for path in sorted(POLICIES.glob("*.pdf")):
        blocks = read_pdf(path.read_bytes())
        text = "\n".join(block.text for block in blocks.blocks if hasattr(block, "text"))
        assert unsuitable_reason(text, title=None, source_chars=blocks.source_chars) is None, path.name
