// Requests to our own server: a POST with the page's CSRF token, none without an end.
const WAIT = 20_000; // ms

export function token() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

// Resolves to the response, whatever its status; rejects when there is none within `wait`
// ms. `partial`: the server is asked for the part of a page that a script puts in.
export function request(url, { wait = WAIT, partial = false, ...options } = {}) {
  const headers = options.method === "POST" ? { "X-CSRFToken": token() } : {};
  if (partial) headers["HX-Request"] = "true";
  return fetch(url, { signal: AbortSignal.timeout(wait), headers, ...options });
}

// The server refused. `sentence`: why, where it says so to people.
export class Refusal extends Error {
  constructor(status, sentence) {
    super(sentence || `the server answered ${status}`);
    this.sentence = sentence;
  }
}

// What to tell people of an error; `lost`: when nothing was heard of the server.
export function sentenceOf(error, lost) {
  if (!(error instanceof Refusal)) return lost;
  return error.sentence || "The server could not do that. Try again.";
}

// The JSON of an answer; rejects also where the server refused, with Refusal.
export async function post(url, fields = {}, wait = WAIT) {
  const body = new URLSearchParams(fields);
  return jsonOf(await request(url, { method: "POST", body, wait }));
}

export async function get(url, wait = WAIT) {
  return jsonOf(await request(url, { wait }));
}

// The HTML of an answer, or null: what is there stays until the next try.
export async function getHtml(url) {
  try {
    const answer = await request(url);
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

async function jsonOf(answer) {
  if (answer.ok) return answer.json();
  const { error } = await answer.json().catch(() => ({}));
  const sentence = error?.message ?? error;
  throw new Refusal(answer.status, typeof sentence === "string" ? sentence : "");
}
