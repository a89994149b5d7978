// Lines that follow each other become turns: one name, then what was said. Pure part.

// Lines are {person, column}; the second stands under the name of the first.
export function goesOn(before, line) {
  return before?.person === line.person && before.column === line.column;
}

// What is pasted elsewhere. Lines are {person, name, at, text} in their order.
export function asText(lines) {
  const turns = [];
  lines.forEach((line, at) => {
    if (lines[at - 1]?.person === line.person) turns.at(-1).push(line.text);
    else turns.push([`${line.name} ${line.at} ${line.text}`]);
  });
  return turns.map((texts) => texts.join(" ")).join("\n");
}
