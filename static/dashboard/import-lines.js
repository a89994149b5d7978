// Lines of the import dialog: what was chosen, and what was refused.
const MEGABYTE = 1024 * 1024;

export function sizeOf(bytes) {
  const megabytes = bytes / MEGABYTE;
  return megabytes < 1
    ? `${Math.max(1, Math.round(bytes / 1024))} kB`
    : `${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB`;
}

export function lineFor(file) {
  const line = document.createElement("li");
  for (const text of [file.name, sizeOf(file.size)]) {
    const part = document.createElement("span");
    part.textContent = text;
    line.append(part);
  }
  return line;
}

export function moreLine(count) {
  const line = document.createElement("li");
  line.textContent = `and ${count} more`;
  return line;
}

// Files that were not taken: why, the call that one of them is already, and a button that
// takes it all the same.
export function refusedLine({ name, error }, again) {
  const line = document.createElement("li");
  const said = document.createElement("span");
  said.className = "error-text";
  said.textContent = error.message || name;
  line.append(said);
  if (error.code === "duplicate")
    line.append(...waysOn(name, error, () => again(line)));
  return line;
}

function waysOn(name, { url, title }, again) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Import anyway";
  button.setAttribute("aria-label", `Import ${name} anyway`);
  button.addEventListener("click", again);
  if (!url) return [button];
  const link = document.createElement("a");
  link.href = url;
  link.target = "_blank";
  link.textContent = `Open ${title}`;
  return [link, button];
}
