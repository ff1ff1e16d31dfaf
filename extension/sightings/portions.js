/** Sightings read in portions, newest first. */

/** @typedef {(message: {type: string, [field: string]: unknown}) => Promise<any>} Ask */

export const MOST_AT_ONCE = 200; // the companion's limit

export class Portions {
  #ask;
  #fields;
  #size;
  /** @type {number | undefined} */
  #oldest;
  isOver = false;

  /** @param {Ask} ask @param {Record<string, unknown>} fields which ones @param {number} size of a portion */
  constructor(ask, fields, size) {
    this.#ask = ask;
    this.#fields = fields;
    this.#size = size;
  }

  /** The next ones; where it rejects, the same ones may be asked for again. @returns {Promise<Sighting[]>} */
  async next() {
    if (this.isOver) return [];
    const { sightings } = await this.#ask({
      type: "sightings",
      ...this.#fields,
      limit: this.#size,
      ...(this.#oldest !== undefined && { before: this.#oldest }),
    });
    this.isOver = sightings.length < this.#size;
    this.#oldest = sightings.at(-1)?.sighting_id ?? this.#oldest;
    return sightings;
  }
}

/** All of them. @param {Ask} ask @param {Record<string, unknown>} fields @returns {Promise<Sighting[]>} */
export async function allSightings(ask, fields) {
  const portions = new Portions(ask, fields, MOST_AT_ONCE);
  /** @type {Sighting[]} */
  const found = [];
  while (!portions.isOver) found.push(...(await portions.next()));
  return found;
}

/** One of them; null where there is none, or the user said that it is not them. @param {Ask} ask @param {number} id */
export async function oneSighting(ask, id) {
  const { sightings } = await ask({ type: "sightings", limit: 1, before: id + 1 });
  const [found] = /** @type {Sighting[]} */ (sightings);
  return found?.sighting_id === id ? found : null;
}
