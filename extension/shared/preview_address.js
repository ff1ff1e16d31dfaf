/** A picture that the companion gave, as an address that shows it without asking anybody. */

/** Only what decoders of pictures read, and nothing that could hold a script. */
const SAFE_TYPES = new Set(["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"]);

/** @param {{media_type: string, bytes: string}} preview bytes: base64 @returns {string} throws where it is no picture */
export function photoAddress({ media_type, bytes }) {
  if (!SAFE_TYPES.has(media_type)) throw new Error(`unexpected media type: ${media_type}`);
  return `data:${media_type};base64,${bytes}`;
}
