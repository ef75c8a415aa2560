// Reads a run as it happens: one JSON object a line.

/** Why a run was refused: the problem's own words. */
export class Refused extends Error {}

/** Runs an experiment, and gives each of its events to `tell`. Ends when the run does; `signal` cancels it. */
export async function run(experiment, settings, signal, tell) {
  const answer = await fetch(`/lab/${experiment}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(settings),
    signal,
  });
  if (!answer.ok) throw new Refused(await reason(answer));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) tell(JSON.parse(line));
  }
}

async function reason(answer) {
  try {
    const problem = await answer.json();
    const errors = (problem.errors ?? []).map((error) => `${error.pointer ?? error.parameter} ${error.detail}`);
    return errors.length ? errors.join("; ") : problem.detail;
  } catch {
    return `the service answered ${answer.status}`;
  }
}
