// The panel beside the stage: captions or people; on a phone it lies over the stage.
import { nextTab } from "../site/tabs.js";

const NARROW = "(max-width: 760px)";

export class Panel {
  #room;
  #side;
  #opener = null; // gets the focus back
  #onShown;

  // `onShown`: called with the name of the tab that is shown, "" when none is
  constructor(room, side, onShown = () => {}) {
    [this.#room, this.#side, this.#onShown] = [room, side, onShown];
    side.addEventListener("keydown", (event) => this.#pressed(event));
    document.addEventListener("click", ({ target }) => this.#clicked(target));
    this.show(this.#isNarrow ? "" : "captions");
  }

  get shown() {
    return this.#room.dataset.panel;
  }

  show(name) {
    this.#room.dataset.panel = name;
    for (const tab of this.#tabs) if (name) this.#mark(tab, tab.dataset.tab === name);
    for (const button of document.querySelectorAll("[data-panel][aria-expanded]"))
      button.setAttribute("aria-expanded", button.dataset.panel === name);
    this.#onShown(name);
  }

  get #isNarrow() {
    return matchMedia(NARROW).matches;
  }

  get #tabs() {
    return [...this.#side.querySelectorAll("[role=tab]")];
  }

  #mark(tab, selected) {
    tab.setAttribute("aria-selected", selected);
    tab.tabIndex = selected ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !selected;
  }

  #clicked(target) {
    const button = target.closest("button");
    if (!button) return;
    const { tab, panel } = button.dataset;
    if (tab) this.show(tab);
    if (panel) this.#toggle(panel, button);
    if ("closePanel" in button.dataset) this.#close();
  }

  #toggle(name, button) {
    if (this.shown === name) return this.#close();
    this.#opener = button;
    this.show(name);
    if (this.#isNarrow) this.#side.querySelector("[aria-selected=true]").focus();
  }

  #close() {
    const inside = this.#side.contains(document.activeElement);
    this.show("");
    if (inside) this.#way()?.focus();
  }

  // Where the focus goes: to what opened the panel, or to the sheet that hides it.
  #way() {
    const sheet = this.#opener?.closest("[popover]");
    const shown = this.#opener?.checkVisibility() ? this.#opener : null;
    return shown ?? (sheet && document.querySelector(`[popovertarget=${sheet.id}]`));
  }

  #pressed(event) {
    if (event.key === "Escape" && this.#isNarrow && !event.target.closest("dialog"))
      this.#close();
    const tabs = this.#tabs;
    const next = tabs[nextTab(event.key, tabs.indexOf(event.target), tabs.length)];
    if (!next) return;
    event.preventDefault();
    this.show(next.dataset.tab);
    next.focus();
  }
}
