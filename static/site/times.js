// <time datetime> in the reader's zone: "Today, 14:30", "Fri 20 Nov, 14:30".
const DAY = { weekday: "short", day: "numeric", month: "short" };
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

export function daysBetween(moment, now) {
  const midnight = (date) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(now) - midnight(moment)) / 86_400_000);
}

export function dayOf(moment, now) {
  const days = daysBetween(moment, now);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const parts = new Intl.DateTimeFormat("en-GB", DAY).formatToParts(moment);
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  const year =
    moment.getFullYear() === now.getFullYear() ? "" : ` ${moment.getFullYear()}`;
  return `${part.weekday} ${part.day} ${part.month}${year}`;
}

export function localTime(moment, now = new Date()) {
  return `${dayOf(moment, now)}, ${new Intl.DateTimeFormat("en-GB", CLOCK).format(moment)}`;
}

// Below a heading that tells the day: "14:30", "Thu 14:30", "20 Nov, 14:30".
export function shortTime(moment, now = new Date()) {
  const clock = new Intl.DateTimeFormat("en-GB", CLOCK).format(moment);
  const days = daysBetween(moment, now);
  if (days === 0 || days === 1) return clock;
  const isNear = days > 0 && days <= ((now.getDay() + 6) % 7) + 7;
  const day = isNear ? { weekday: "short" } : { day: "numeric", month: "short" };
  const text = new Intl.DateTimeFormat("en-GB", day).format(moment);
  return isNear ? `${text} ${clock}` : `${text}, ${clock}`;
}

export function showLocalTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    time.textContent = "short" in time.dataset ? shortTime(moment) : localTime(moment);
    time.title = moment.toLocaleString();
  }
}

// The server counts days by the reader's calendar: searches speak of "today".
export function tellZone() {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  if (timeZone && !document.cookie.includes(`zone=${timeZone}`))
    document.cookie = `zone=${timeZone}; path=/; max-age=31536000; samesite=lax`;
}
