// The list of people in the bar: who is recorded, who is muted, who has trouble.
export function stateOf({ recorded, recording, muted, state }) {
  const words = [
    recorded ? (recording ? "recorded" : "agreed to be recorded") : "not recorded",
  ];
  if (muted) words.push("muted");
  if (state === "interrupted") words.push("connection lost");
  return words.join(", ");
}

export function showPeople(list, template, people, me) {
  const items = people.map((person) => {
    const item = template.content.firstElementChild.cloneNode(true);
    item.classList.add(`hue-${person.colour}`);
    item.querySelector(".initials").textContent = person.initials;
    item.querySelector(".person-name").textContent =
      person.id === me ? `${person.name} (you)` : person.name;
    item.querySelector(".person-state").textContent = stateOf(person);
    return item;
  });
  list.replaceChildren(...items);
}
