// Chosen files as calls: which of them are recordings, what lies beside each, and what a
// description says of it. Pure.

export function stemOf({ name }) {
  return (name.replace(/\.[^.]+$/, "") || name).toLowerCase();
}

// Whether a file is the transcript of a recording, by its name.
export function isTranscript({ name }) {
  return /\.(vtt|srt|sbv|docx|txt|json)$/i.test(name);
}

// Whether a file may describe recordings: a table does, a JSON file may.
export function mayDescribe({ name }) {
  return /\.(csv|tsv|json)$/i.test(name);
}

export function isRecording(file) {
  return !isTranscript(file) && !mayDescribe(file);
}

// What names the speakers best, where several transcripts lie beside a recording.
const BEST = ["vtt", "srt", "sbv", "docx", "json", "txt"];
const rank = ({ name }) => BEST.indexOf(name.split(".").pop().toLowerCase());

// `calls`: [[recording, its transcript], ...], a call each. A transcript lies beside the
// recording whose name it begins with, the longest one; beside the only one, if there is
// one alone. `left`: those of no recording, and all but the best of one.
export function callsOf(files) {
  const calls = files.filter(isRecording).map((file) => [file]);
  const left = [];
  const transcripts = files.filter(isTranscript).sort((a, b) => rank(a) - rank(b));
  for (const file of transcripts) {
    const call = calls.length === 1 ? calls[0] : besides(file, calls);
    if (call?.length === 1) call.push(file);
    else left.push(file);
  }
  return { calls, left };
}

function besides(file, calls) {
  const stem = stemOf(file);
  const fits = calls.filter(([recording]) => {
    const own = stemOf(recording);
    return (
      stem === own ||
      ([".", "_", "-", " "].includes(stem[own.length]) && stem.startsWith(own))
    );
  });
  return fits.sort(([a], [b]) => stemOf(b).length - stemOf(a).length)[0];
}

// What is sent of one call: the form's words, where the description has none.
export function fieldsOf(form, described = {}, single = true) {
  const { held = "", ...fields } = form;
  const told = {
    title: described.title || (single ? (fields.title ?? "") : ""),
    account: described.account || (fields.account ?? ""),
    language: described.language || (fields.language ?? ""),
    held_at: described.held_at || (single ? held : ""),
    held_else: single ? "" : held,
  };
  if (described.people?.length) told.people = JSON.stringify(described.people);
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value));
}

// A sentence on what was described, from {file name: answer of the server}.
export function toldOf(answers, recordings) {
  const known = new Set(answers.flatMap(({ calls }) => Object.keys(calls)));
  const count = recordings.filter((file) => known.has(stemOf(file))).length;
  const wrong = answers.flatMap(({ name, errors, more }) => [
    ...errors.map(([line, text]) => `${name}, line ${line}: ${text}`),
    ...(more ? [`${name}: ${more} more lines with errors.`] : []),
  ]);
  return [`Described: ${count} of ${recordings.length}.`, ...wrong];
}
