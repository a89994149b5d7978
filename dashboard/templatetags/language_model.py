"""For pages that lead to a language model where there is one."""

from django import template
from django.conf import settings

register = template.Library()


@register.inclusion_tag("dashboard/_ask_link.html")
def ask_link(query: str) -> dict[str, object]:
    """A link to ask about what a search found; nothing where there is no model."""
    return {"query": query, "there": bool(settings.LLM_URL)}
