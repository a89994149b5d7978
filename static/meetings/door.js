// What only a host sees of a call: who else may run it, and who was put out.
import { get } from "./post.js";

const WAIT = 2000; // ms; who wants to leave does not wait for a server that is away

// Whether nobody else of `people` may run the call; also when the server does not say,
// because a question too many is better than a call that nobody ends.
export async function isLastHost(url, people, me) {
  const { hosts } = await get(url, WAIT).catch(() => ({ hosts: [] }));
  return !people.some(({ id }) => id !== me && hosts.includes(id));
}
