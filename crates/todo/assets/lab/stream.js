// Reads the events of a run as they arrive: one JSON object per line.

/** @import { RunEvent, Settings } from "./types" */

/** Why a run was refused: the problem's own words. */
export class Refused extends Error {}

/**
 * Runs an experiment, and gives each of its events to `tell`. Ends when the run does; `signal` cancels it.
 * @param {string} experiment
 * @param {Settings} settings
 * @param {AbortSignal} signal
 * @param {(event: RunEvent) => void} tell
 */
export async function run(experiment, settings, signal, tell) {
  const answer = await fetch(`/lab/${experiment}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(settings),
    signal,
  });
  if (!answer.ok || !answer.body) throw new Refused(await reason(answer));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) tell(JSON.parse(line));
  }
}

/** @param {Response} answer @returns {Promise<string>} */
async function reason(answer) {
  try {
    const problem = await answer.json();
    /** @type {{ pointer?: string, parameter?: string, detail: string }[]} */
    const errors = problem.errors ?? [];
    const words = errors.map((error) => `${error.pointer ?? error.parameter} ${error.detail}`);
    return words.length ? words.join("; ") : problem.detail;
  } catch {
    return `the service answered ${answer.status}`;
  }
}
