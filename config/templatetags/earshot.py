"""{% importmap %}, {% icon %}, times of the call and other small things pages say."""

import json
from operator import itemgetter
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from config.http import icons
from config.http.staticfiles import import_map
from meetings import languages
from meetings.models.names import initials_of
from meetings.times import clock, length

register = template.Library()


@register.simple_tag(takes_context=True)
def importmap(context: dict[str, Any]) -> SafeString:
    """The one inline script of a page; it carries the CSP nonce."""
    nonce = context["request"].csp_nonce
    text = json.dumps(import_map()).replace("<", "\\u003c")
    return format_html(
        '<script type="importmap" nonce="{}">{}</script>', nonce, mark_safe(text)
    )


register.simple_tag(icons.draw, name="icon")
register.filter("initials", initials_of)
register.filter(clock)
register.filter(length)


@register.simple_tag
def sends_mail() -> bool:
    """Whether mail is set up (EMAIL_URL)."""
    return bool(settings.SENDS_MAIL)


@register.simple_tag
def spoken_languages() -> list[tuple[str, str]]:
    """What a call may be said to be in, by name; no query."""
    names = [(code, languages.name_of(code)) for code in languages.known]
    return sorted(names, key=itemgetter(1))
