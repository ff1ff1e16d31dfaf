/** Bytes as text, in parts that fit every message. */

const PART_BYTES = 3_000_000; // a multiple of three, so that each part stands by itself
const CHUNK_BYTES = 0x8000; // as many arguments as every browser takes

/** @param {Uint8Array} bytes @returns {string[]} each base64 by itself */
export function base64Parts(bytes) {
  const parts = [];
  for (let start = 0; start < bytes.length; start += PART_BYTES)
    parts.push(base64(bytes.subarray(start, start + PART_BYTES)));
  return parts;
}

/** @param {Uint8Array & {toBase64?: () => string}} bytes */
function base64(bytes) {
  if (bytes.toBase64) return bytes.toBase64(); // many times as fast, and not in every browser yet
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    text += String.fromCharCode(...bytes.subarray(start, start + CHUNK_BYTES));
  }
  return btoa(text);
}
