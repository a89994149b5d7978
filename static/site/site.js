// What every page has: "/" for the search, menus that close, questions before what cannot
// be undone, the reader's clock, the theme.
import { confirmed } from "./ask.js";
import { showLocalTimes, tellZone } from "./times.js";
import { startThemeSwitch } from "./theme.js";

const TYPING = "input, textarea, select, [contenteditable]";

function focusSearch(event) {
  const search = document.querySelector("[data-search]");
  const busy = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key !== "/" || busy || !search || event.target.closest(TYPING)) return;
  event.preventDefault();
  search.select();
  search.focus();
}

function closeMenus(event) {
  const menu = document.querySelector("details.menu[open]");
  if (!menu || (event.type === "click" && menu.contains(event.target))) return;
  if (event.type === "keydown" && event.key !== "Escape") return;
  menu.open = false;
  if (event.type === "keydown") menu.querySelector("summary").focus();
}

document.addEventListener("keydown", focusSearch);
document.addEventListener("keydown", closeMenus);
document.addEventListener("click", closeMenus);
document.addEventListener("submit", confirmed);
document.addEventListener("htmx:load", (event) => showLocalTimes(event.target));
document.querySelectorAll("[data-theme-switch]").forEach(startThemeSwitch);
showLocalTimes(document);
tellZone();

// A room was left, or its page fell, with sound that may be missing (kept-store.js). The
// page of a room sees to it by itself.
if (localStorage.getItem("earshot.kept") && !document.querySelector("[data-room]"))
  import("../meetings/left-behind.js").then((page) => page.handInLeftBehind());
