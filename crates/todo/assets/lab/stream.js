// Reads the events of a run as they arrive: one JSON object per line.

/** The service refused a run. The message is the problem's own text. */
export class Refused extends Error {}

/**
 * Runs an experiment, and calls `tell` with each event. Resolves when the run ends. `signal`
 * cancels the run.
 */
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
