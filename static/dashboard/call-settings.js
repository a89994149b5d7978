// Links to a call's settings (data-settings) open them in a dialog; without this script
// they are a page. Says "call-changed" on the document once they are saved.
import { request } from "../site/post.js";

const FAILED = "Not saved. Try again.";

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-settings]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  open(link);
});

async function open(link) {
  const menu = link.closest("details");
  menu.open = false;
  const answer = await send(link.href);
  if (!answer?.ok) return location.assign(link.href); // it says what is wrong
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", "Settings of the call");
  dialog.innerHTML = await answer.text();
  document.body.append(dialog);
  dialog.addEventListener("submit", (event) => save(event, dialog));
  dialog.addEventListener("click", (event) => cancel(event, dialog));
  dialog.addEventListener("close", () => {
    dialog.remove();
    menu.querySelector("summary").focus();
  });
  dialog.showModal();
}

function cancel(event, dialog) {
  if (!event.target.closest("[data-cancel]")) return;
  event.preventDefault();
  dialog.close();
}

async function save(event, dialog) {
  event.preventDefault();
  event.stopPropagation();
  const form = event.target;
  const button = form.querySelector(".primary");
  button.disabled = true;
  const answer = await send(form.action, new FormData(form));
  if (answer?.ok) {
    dialog.close();
    document.dispatchEvent(new CustomEvent("call-changed"));
  } else if (answer?.status === 422) dialog.innerHTML = await answer.text();
  else {
    button.disabled = false;
    form.querySelector("[data-failed]").textContent = FAILED;
  }
}

function send(path, body) {
  const method = body ? "POST" : "GET";
  return request(path, { method, body, partial: true }).catch(() => null);
}
