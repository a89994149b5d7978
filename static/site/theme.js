// The theme is a cookie, so that the server draws the page in it from the first byte.
const YEAR = 365 * 24 * 3600;

function choose(theme) {
  const root = document.documentElement;
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  document.cookie = `theme=${theme}; path=/; max-age=${theme ? YEAR : 0}; samesite=lax`;
}

export function startThemeSwitch(fieldset) {
  const now = document.documentElement.dataset.theme ?? "";
  fieldset.querySelector(`[value="${now}"]`).checked = true;
  fieldset.addEventListener("change", (event) => choose(event.target.value));
}
