// POST to our own server with the page's CSRF token; returns its JSON.
function token() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

export async function post(url, fields = {}) {
  const body = new URLSearchParams(fields);
  const headers = { "X-CSRFToken": token() };
  const response = await fetch(url, { method: "POST", headers, body });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}
