// The list of people in the bar: who is recorded, who is muted, who has trouble.
export function stateOf({ recorded, recording, muted, listens, state }) {
  const words = [
    recorded ? (recording ? "recorded" : "agreed to be recorded") : "not recorded",
  ];
  if (listens) words.push("no microphone");
  else if (muted) words.push("muted");
  if (state === "interrupted") words.push("connection lost");
  return words.join(", ");
}

// `mayRemove`: whether a person gets a button to be put out by. Rows stay while their
// people do, so that nobody loses the button that they are about to press.
export function showPeople(list, template, people, me, mayRemove) {
  const here = new Set(people.map(({ id }) => String(id)));
  for (const item of [...list.children])
    if (!here.has(item.dataset.participant)) item.remove();
  for (const person of people) fill(itemOf(list, template, person), person);

  function fill(item, person) {
    item.className = `person hue-${person.colour}`;
    item.querySelector(".initials").textContent = person.initials;
    item.querySelector(".person-name").textContent =
      person.id === me ? `${person.name} (you)` : person.name;
    item.querySelector(".person-state").textContent = stateOf(person);
    const button = item.querySelector("[data-remove]");
    button.hidden = !mayRemove(person);
    button.setAttribute("aria-label", `Remove ${person.name}`);
  }
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
