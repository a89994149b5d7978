// A question before what cannot be undone.

// Resolves to whether to go on. `yes`: the word on the button; `near`: what the dialog
// becomes a part of.
export function ask({ question, explanation, yes }, near = document.body) {
  const dialog = document.createElement("dialog");
  dialog.className = "question";
  dialog.setAttribute("aria-labelledby", "question");
  const form = element("form", "", element("h2", question), element("p", explanation));
  form.method = "dialog";
  form.append(element("div", "", button("Cancel", ""), button(yes, "yes")));
  dialog.append(form);
  near.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

function element(tag, text, ...children) {
  const made = document.createElement(tag);
  made.append(...(text ? [text] : []), ...children);
  if (tag === "h2") made.id = "question";
  if (tag === "div") made.className = "actions";
  return made;
}

function button(word, value) {
  const made = element("button", word);
  made.value = value;
  if (value) made.className = "danger";
  return made;
}

// <form data-question data-explanation data-yes> is sent after a yes. A copy of it is
// sent: the row of a list may have been replaced meanwhile.
export async function confirmed(event) {
  const form = event.target;
  const { question, explanation, yes } = form.dataset;
  if (!question) return;
  event.preventDefault();
  if (!(await ask({ question, explanation, yes }))) return;
  const copy = form.cloneNode(true);
  copy.hidden = true;
  document.body.append(copy);
  copy.submit(); // asks nothing
}
