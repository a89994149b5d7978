// Forms with data-local-dates send what a datetime-local field says as a moment: the
// reader's clock is not the server's.
export function moment(value) {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

globalThis.document?.addEventListener("formdata", ({ target, formData }) => {
  if (!("localDates" in target.dataset)) return;
  for (const field of target.querySelectorAll("[type=datetime-local]"))
    formData.set(field.name, moment(field.value));
});
