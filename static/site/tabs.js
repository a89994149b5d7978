// <tab-list>: tabs and their panels, by the pattern of WAI-ARIA: arrows, Home and End
// move, and what gets the focus is shown. A panel is told by a "shown" event.
class TabList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", ({ target }) => {
      const tab = target.closest("[role=tab]");
      if (tab) this.show(tab);
    });
    this.addEventListener("keydown", (event) => this.pressed(event));
  }

  get tabs() {
    return [...this.querySelectorAll("[role=tab]")];
  }

  show(shown) {
    for (const tab of this.tabs) {
      tab.setAttribute("aria-selected", tab === shown);
      tab.tabIndex = tab === shown ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls"));
      panel.hidden = tab !== shown;
      if (tab === shown) panel.dispatchEvent(new Event("shown"));
    }
  }

  pressed(event) {
    const { tabs } = this;
    const at = tabs.indexOf(event.target);
    const next = nextTab(event.key, at, tabs.length);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation(); // arrows seek elsewhere on the page
    this.show(tabs[next]);
    tabs[next].focus();
  }
}

// Which of `count` tabs a key leads to from the one at `at`; null: to none.
export function nextTab(key, at, count) {
  if (at < 0) return null;
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: count - 1 }[key];
  return to === undefined ? null : (to + count) % count;
}

globalThis.customElements?.define("tab-list", TabList);
