"""A brief as one pastes it elsewhere: clean text, Markdown, HTML."""

import re
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.utils.html import format_html, format_html_join

from dashboard.brief.lines import FOUND, BriefEntry
from dashboard.call.transcript import anchor_of
from dashboard.models import BriefLine
from meetings.models import Meeting
from meetings.times import clock

Sections = Mapping[str, Sequence[BriefEntry]]
STEPS = BriefLine.Section.STEPS
LABELS: Mapping[str, str] = {**dict(BriefLine.Section.choices), FOUND: "Trackers"}
_MARKS = re.compile(r"([\\`*_\[\]<>#|~!])")


def as_text(meeting: Meeting, sections: Sections) -> str:
    parts = [_title(meeting)]
    for section, lines in _written(sections):
        parts += ["", LABELS[section]]
        parts += [f"- {_plain(line)}" for line in lines]
    return "\n".join(parts)


def as_markdown(meeting: Meeting, sections: Sections) -> str:
    """With boxes for next steps, and links to the moments."""
    parts = [f"# {_escaped(_title(meeting))}"]
    for section, lines in _written(sections):
        parts += ["", f"## {LABELS[section]}", ""]
        for line in lines:
            box = f"[{'x' if line.done else ' '}] " if section == STEPS else ""
            at = f"[{_at(line)}]({_link(meeting, line)}) " if _at(line) else ""
            parts.append(f"- {box}{at}{_escaped(_said(line))}")
    return "\n".join(parts) + "\n"


def as_html(meeting: Meeting, sections: Sections) -> str:
    """For mails and documents: no style of ours, everything escaped."""
    parts = [format_html("<h2>{}</h2>", _title(meeting))]
    for section, lines in _written(sections):
        items = format_html_join(
            "", "<li>{}</li>", ((_item(meeting, x),) for x in lines)
        )
        parts.append(format_html("<h3>{}</h3><ul>{}</ul>", LABELS[section], items))
    return "".join(parts)


def _written(sections: Sections) -> list[tuple[str, Sequence[BriefEntry]]]:
    return [(section, lines) for section, lines in sections.items() if lines]


def _title(meeting: Meeting) -> str:
    return f"{meeting.name}, {meeting.date:%d %B %Y}"


def _item(meeting: Meeting, line: BriefEntry) -> str:
    said = format_html("<s>{}</s>", _said(line)) if line.done else _said(line)
    if not _at(line):
        return format_html("{}", said)
    return format_html('<a href="{}">{}</a> {}', _link(meeting, line), _at(line), said)


def _plain(line: BriefEntry) -> str:
    done = "[done] " if line.done else ""
    return f"{done}{_at(line)} {_said(line)}".replace("  ", " ").strip()


def _said(line: BriefEntry) -> str:
    who = f"{line.name}: " if line.name else ""
    return f"{who}{line.text}{f' ({line.note})' if line.note else ''}"


def _at(line: BriefEntry) -> str:
    return "" if line.start_ms is None else clock(line.start_ms)


def _link(meeting: Meeting, line: BriefEntry) -> str:
    page = f"{settings.PUBLIC_URL}{meeting.get_absolute_url()}"
    return f"{page}{anchor_of(line.start_ms or 0)}"


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)
