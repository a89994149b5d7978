// Before a call in another tab is recorded: says where the browser cannot, and what to do.
import "../site/copy-value.js";
import { whyNoTab } from "./another-tab.js";

const why = whyNoTab();
if (why) {
  const line = document.querySelector("[data-browser]");
  line.textContent = why;
  line.hidden = document.querySelector("[data-instead]").hidden = false;
  document.querySelector("[data-go]").disabled = true;
}
