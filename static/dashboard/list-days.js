// The groups of the list of meetings, by the reader's calendar. Pure part.
import { daysBetween } from "../site/times.js";

const MONTH = { month: "long" };

// What stands above meetings of that moment: "Today", "Last week", "October 2025".
export function groupOf(moment, now) {
  const days = daysBetween(moment, now);
  if (days < 0) return "Later";
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const sinceMonday = (now.getDay() + 6) % 7;
  if (days <= sinceMonday) return "This week";
  if (days <= sinceMonday + 7) return "Last week";
  const month = new Intl.DateTimeFormat("en-GB", MONTH).format(moment);
  const year = moment.getFullYear();
  return year === now.getFullYear() ? month : `${month} ${year}`;
}

// For rows in their order, each null (goes on) or a moment: the heading before it, or
// null where it stands in the group of the row before.
export function headings(moments, now) {
  let before = null;
  return moments.map((moment) => {
    const group = moment === null ? "Now" : groupOf(moment, now);
    const isNew = group !== before;
    before = group;
    return isNew ? group : null;
  });
}
