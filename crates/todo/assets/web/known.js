// What the service has said, by id: the newest of each, however answers and events overtake each other.

const GONE_MAX = 10_000;

export class Known {
  #by = new Map();
  /** What was deleted, so that an answer that was on its way does not bring it back. */
  #gone = new Set();
  /** What came while everything was read. */
  #meanwhile = null;

  get(id) {
    return this.#by.get(id);
  }

  has(id) {
    return this.#by.has(id);
  }

  values() {
    return this.#by.values();
  }

  put(one) {
    this.#meanwhile?.push(() => this.put(one));
    const known = this.#by.get(one.id);
    if (this.#gone.has(one.id) || (known && Date.parse(known.updated_at) > Date.parse(one.updated_at))) return;
    this.#by.set(one.id, one);
  }

  /** It was made just now: perhaps again, under the id of one that is gone. */
  create(one) {
    this.#meanwhile?.push(() => this.create(one));
    this.#gone.delete(one.id);
    this.put(one);
  }

  /** Whether it was there. */
  delete(id) {
    this.#meanwhile?.push(() => this.delete(id));
    if (this.#gone.size >= GONE_MAX) this.#gone.clear();
    this.#gone.add(id);
    return this.#by.delete(id);
  }

  /** It is not of interest any more. */
  forget(id) {
    this.#meanwhile?.push(() => this.forget(id));
    return this.#by.delete(id);
  }

  /** Reading everything begins; what comes from now on is newer. The answer goes to `replace`. */
  begin() {
    return (this.#meanwhile = []);
  }

  /** This is all there was when reading began; `false` if it has begun anew since. */
  replace(all, meanwhile) {
    if (meanwhile !== this.#meanwhile) return false;
    this.#by = new Map(all.map((one) => [one.id, one]));
    this.#gone.clear();
    this.#meanwhile = null;
    for (const again of meanwhile) again();
    return true;
  }
}
