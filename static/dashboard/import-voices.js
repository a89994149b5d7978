// Who speaks in the files that are imported: a name and a side for each person.

// Names as the server would give them: by the file, or by its two sides.
export function usualNames(files, split) {
  const stems = files.map(({ name }) => name.replace(/\.[^.]+$/, "") || name);
  return split ? ["left", "right"].map((side) => `${stems[0]} (${side})`) : stems;
}

export class Voices {
  #box;
  #list;
  #template;

  // `box`: shown while there is somebody to name; `template`: the fields of one person
  constructor(box, template) {
    [this.#box, this.#template] = [box, template];
    this.#list = box.querySelector("ul");
  }

  // Fields for these names; what was typed for the n-th person stays.
  show(names) {
    const left = [...this.#list.children];
    for (const line of left.slice(names.length)) line.remove();
    names.forEach((name, n) => this.#fill(left[n] ?? this.#add(n), name));
    this.#box.hidden = !names.length;
  }

  #add(number) {
    const line = this.#template.content.firstElementChild.cloneNode(true);
    line.querySelector("select").value = number ? "them" : "us";
    this.#list.append(line);
    return line;
  }

  #fill(line, name) {
    const [input, select] = line.children;
    input.placeholder = name;
    input.setAttribute("aria-label", `Who speaks in ${name}`);
    select.setAttribute("aria-label", `Side of ${name}`);
  }
}
