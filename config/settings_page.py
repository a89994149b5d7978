"""Makes the table of docs/settings.md: ``python -m config.settings_page``."""

from typing import Any, Literal, get_args, get_origin

from config.env import BASE_DIR, Environment

PAGE = BASE_DIR / "docs" / "settings.md"
HEAD = "| Variable | Default | What it does |\n|---|---|---|\n"


def table() -> str:
    """All variables in the order of env.py, as a Markdown table."""
    rows = []
    for name, field in Environment.model_fields.items():
        what = f"{field.description}{_choices(field.annotation)}"
        rows.append(f"| `{name.upper()}` | {_default(field.default)} | {what} |\n")
    return HEAD + "".join(rows)


def _default(value: Any) -> str:
    if value in ("", [], None):
        return "unset"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{str(value).removeprefix(f'{BASE_DIR}/')}`"


def _choices(annotation: Any) -> str:
    if get_origin(annotation) is not Literal:
        return ""
    return f" ({', '.join(f'`{choice}`' for choice in get_args(annotation))})"


def write() -> None:
    """Put the table in the place of the old one."""
    before, _, rest = PAGE.read_text().partition(HEAD)
    after = rest[rest.find("\n\n") + 1 :] if "\n\n" in rest else ""
    PAGE.write_text(before + table() + after)


if __name__ == "__main__":
    write()
