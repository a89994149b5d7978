// Times of the call, as the server's |clock filter writes them: 0:07, 12:07, 1:02:07.
export function clockText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
