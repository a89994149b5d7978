// How long to wait before the next try, in milliseconds.
const WAITS = [500, 1000, 2000, 4000, 8000, 10000];

export function waitBefore(attempt) {
  return WAITS[Math.min(attempt, WAITS.length - 1)];
}
