// Which lines are chosen, for what is done to several at once. Pure part.

// The ids from one line to another in `order`, both with them; the one alone where the
// other is not there any more.
export function between(order, one, other) {
  const [a, b] = [order.indexOf(one), order.indexOf(other)].sort((x, y) => x - y);
  return a < 0 ? [other] : order.slice(a, b + 1);
}

export function told(count) {
  return count === 1 ? "1 line" : `${count} lines`;
}
