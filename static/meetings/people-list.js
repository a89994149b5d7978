// The list of people in the bar: who is recorded, who is muted, who has trouble.
export function stateOf(person) {
  const { recorded, video, recording, muted, silent, listens, state, source } = person;
  const written = video ? "recorded with video" : "recorded";
  const agreed = source ? "nothing recorded yet" : `agreed to be ${written}`;
  const words = [recorded ? (recording ? written : agreed) : "not recorded"];
  if (source) words.unshift(sourceWord(source));
  if (listens && !source) words.push("no microphone");
  else if (muted) words.push("muted");
  else if (silent) words.push("microphone sends nothing");
  if (state === "interrupted") words.push("connection lost");
  return words.join(", ");
}

function sourceWord(kind) {
  return kind === "tab" ? "call in another tab" : `${kind.toUpperCase()} source`;
}

// Programs that play the call (WHEP): nobody listens unseen. Empty where there are none.
export function playersLine(count) {
  if (!count) return "";
  return count === 1
    ? "1 program plays this call."
    : `${count} programs play this call.`;
}

// Who is not in the call may listen: everybody in it is told.
export function heardLine(heard) {
  return heard ? "This call can be heard by link." : "";
}

// `may`: which buttons a person gets, {mute, remove}. Rows stay while their
// people do, so that nobody loses the button that they are about to press.
export function showPeople(list, template, people, me, may) {
  const here = new Set(people.map(({ id }) => String(id)));
  for (const item of [...list.children])
    if (!here.has(item.dataset.participant)) item.remove();
  for (const person of people) fill(itemOf(list, template, person), person);

  function fill(item, person) {
    item.className = `person hue-${person.colour}`;
    item.classList.toggle("source", Boolean(person.source));
    item.querySelector("[data-initials]").textContent = person.initials;
    item.querySelector(".person-name").textContent =
      person.id === me ? `${person.name} (you)` : person.name;
    item.querySelector(".person-state").textContent = stateOf(person);
    const { mute, remove } = may(person);
    offer(item.querySelector("[data-mute]"), mute, `Mute ${person.name}`);
    offer(item.querySelector("[data-remove]"), remove, `Remove ${person.name}`);
  }
}

function offer(button, offered, label) {
  button.hidden = !offered;
  button.setAttribute("aria-label", label);
}

function itemOf(list, template, { id }) {
  const there = [...list.children].find(
    (item) => item.dataset.participant === String(id),
  );
  if (there) return there;
  const item = template.content.firstElementChild.cloneNode(true);
  item.dataset.participant = id;
  list.append(item);
  return item;
}
