/** Who fetches pictures, in the user's words. */

/** @type {Record<string, string>} */
const WORDS = {
  setting: "fetching_setting",
  proxy: "fetching_proxy",
  extension: "fetching_extension",
  system_proxy: "fetching_system_proxy",
};

/**
 * Empty where all is as usual.
 * @param {FetchingState | undefined} fetching @param {{say: (key: string) => string}} speech
 */
export function wordsForFetching(fetching, { say }) {
  const key = WORDS[fetching?.because ?? ""];
  return key ? say(key) : "";
}
