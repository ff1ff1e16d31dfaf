/** How much of a frame an address takes. The limit of frames ends a connection; here nothing comes near it. */

/** The longest address of a picture: the companion's limit, with room in the frame of 16 MiB for the rest. */
export const LARGEST_ADDRESS_BYTES = 14 * 2 ** 20;

const LONGEST_ESCAPE_BYTES = 6; // as \u003c, which Chromium writes for `<`

/** The most bytes that a text takes as JSON in UTF-8. @param {string} text */
export function bytesInFrame(text) {
  let escapes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x3c || unit === 0x5c) escapes += 1; // " < \
  }
  return text.length + (LONGEST_ESCAPE_BYTES - 1) * escapes;
}
