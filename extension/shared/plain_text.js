/** Text from pages as it may be shown: short, on one line, and unable to turn round the text beside it. */

/** What is not seen, and what changes the order of letters. The joiners in emoji and in Persian stay. */
const UNSEEN = /[\p{Cs}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const BREAKING = /[\p{Cc}\u2028\u2029\s]+/gu;

/**
 * @param {string | null | undefined} text @param {number} [longest] in characters
 * @returns {string} empty where nothing is left to see
 */
export function plain(text, longest = 300) {
  if (!text) return "";
  const start = text.slice(0, 4 * longest); // a title may have 10,000 characters, and an address many more
  const seen = [...start.replace(UNSEEN, "").replace(BREAKING, " ").trim()];
  const isCut = seen.length > longest || start.length < text.length;
  return isCut ? `${seen.slice(0, longest).join("")}…` : seen.join("");
}
