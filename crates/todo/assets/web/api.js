// Requests to the service.

/**
 * @typedef {object} Problem
 * @property {string} [title]
 * @property {string} [detail]
 * @property {{ pointer?: string, parameter?: string, detail: string }[]} [errors]
 */

/** What the service says when it refuses. */
export class Refused extends Error {
  /** @param {number} status @param {Problem} problem */
  constructor(status, problem) {
    const errors = problem.errors?.map(({ pointer, parameter, detail }) => {
      const where = (pointer ?? parameter ?? "").replace(/^\//, "");
      return `${where} ${detail}`.trim();
    });
    const words = errors?.length ? errors.join("; ") : problem.detail || problem.title;
    super(words || `the service answered ${status}`);
    this.status = status;
  }
}

/**
 * The service does not answer, or cannot carry out the request now. A later try, after `after`
 * milliseconds, may succeed.
 */
export class Away extends Error {
  constructor(after = 0) {
    super("the service is away");
    this.after = after;
  }
}

/** @param {string} method @param {string} path @param {object} [body] */
export async function request(method, path, body) {
  /** @type {Record<string, string>} */
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  // PUT only creates. Why: if the answer to an earlier try was lost, another window may have
  // changed the object since.
  if (method === "PUT") headers["if-none-match"] = "*";
  const signal = AbortSignal.timeout(40_000);
  let response;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal });
  } catch {
    throw new Away();
  }
  if (response.status >= 500 || response.status === 429) {
    throw new Away(1000 * Number(response.headers.get("retry-after")) || 0);
  }
  if (response.status === 204) return { value: null, next: null };
  const value = await response.json().catch(() => null);
  if (!response.ok) throw new Refused(response.status, value ?? {});
  // The answer was cut off.
  if (value === null) throw new Away();
  return { value, next: response.headers.get("link")?.match(/<([^>]*)>;\s*rel="next"/)?.[1] ?? null };
}

/**
 * All entries of a list, page by page.
 * @param {string} path
 */
export async function* pages(path) {
  for (let next = path; next; ) {
    const page = await request("GET", next);
    yield page.value;
    next = page.next ?? "";
  }
}
