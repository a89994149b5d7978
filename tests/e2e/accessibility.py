"""axe-core on a page: what it finds wrong that keeps people out.

assert barriers(page) == []
"""

from functools import cache

from playwright.sync_api import Page

from tests.services import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")

# Movement is waited for: a page that fades in has its contrast when it is there.
RUN = """async () => {
  await Promise.allSettled(document.getAnimations().map(one => one.finished));
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary }) =>
      ({ id, impact, where: target.join(" "), why: failureSummary })));
}"""


@cache
def _axe() -> str:
    return AXE.read_text()


def barriers(page: Page) -> list[str]:
    """A line for each place where axe finds something serious or worse."""
    page.evaluate(_axe())  # the page's own policy forbids a script tag
    found = page.evaluate(RUN)
    return [
        f"{one['id']} at {one['where']}: {' '.join(one['why'].split())}"
        for one in found
        if one["impact"] in GRAVE
    ]


def barriers_in_both_themes(page: Page) -> list[str]:
    """``barriers`` in the light and in the dark; the page stays dark."""
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found += [f"{theme}: {one}" for one in barriers(page)]
    return found
