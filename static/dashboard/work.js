// The quiet line of the call page: which job runs, which failed and why. Pure part.

// Jobs that are not done, by kind: the newest of each counts.
export function remember(jobs, job) {
  const known = jobs.get(job.kind);
  if (!known || known.id <= job.id) jobs.set(job.kind, job);
  return jobs;
}

export function textOf(job) {
  if (job.state === "running") return `${job.label} ${job.percent} %`;
  if (job.state === "queued" && job.waits) return `${job.label} waits. ${job.waits}`;
  if (job.state === "queued") return `${job.label} waits its turn`;
  if (job.state === "failed") return `${job.label} failed: ${job.error}`;
  return "";
}

// What to show of `jobs`: all failures, else the one that runs, else one that waits.
export function shown(jobs) {
  const of = (state) => [...jobs.values()].filter((job) => job.state === state);
  return [...of("failed"), ...[...of("running"), ...of("queued")].slice(0, 1)];
}
