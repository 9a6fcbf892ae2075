"""What every page that is made here has in common: templates in which all text is text, and a style sheet that stands in the page.

A page without scripts carries its own content security policy, which allows nothing but that style sheet, by hash.
"""

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def make_environment(package: str) -> Environment:
    """The templates of a package. Whatever is put into one is escaped, and a name that is missing is an error."""
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fragment"] = _fragment
    return environment


@lru_cache
def page_style(*sheets: tuple[str, str]) -> dict[str, str]:
    """The values ``style`` and ``content_policy`` of a page with these style sheets, each the package and the name it has there."""
    style = "".join(
        (files(package) / "templates" / name).read_text(encoding="utf-8") for package, name in sheets
    )
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return {
        "style": Markup(style),  # ours, from the packages
        "content_policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    }


def _fragment(anchor: str) -> str:
    """A link to a place in the page; never to anywhere else, whatever the anchor holds."""
    return "#" + quote(anchor, safe="")
