// Requests to our own server, a POST with the page's CSRF token; both return its JSON.
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

export async function get(url, wait) {
  const response = await fetch(url, { signal: AbortSignal.timeout(wait) });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}
