// Where an entry of the ledger stands: the index of the first row that starts after
// `start`; `starts` are those of the rows, in order. Equal starts: behind the line.
export function rowAt(starts, start) {
  const at = starts.findIndex((other) => other > start);
  return at < 0 ? starts.length : at;
}
