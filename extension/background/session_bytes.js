/**
 * Fetches a picture as the user, with their cookies: for pictures behind a sign-in, which the browser showed and the
 * companion cannot have. It is a request that a page can bring about, so it is kept to what the page itself could load:
 * the very address, as a picture, no redirect, and nothing in the private network unless the page is there itself.
 */

import { base64Parts } from "./base64.js";

const TIMEOUT_MS = 9_000;
const LARGEST_BYTES = 10 * 2 ** 20;
const ACCEPT = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5";
const LOCAL_NAME = /(^|\.)localhost$|\.(local|internal|lan|onion|i2p)$|\.home\.arpa$|^[^.]*$/;

/**
 * Whether the picture at an address may be fetched for a page. Addresses are read by the browser, so that every notation
 * of an IP address has become the usual one.
 * @param {string} address @param {string} pageAddress
 */
export function mayFetch(address, pageAddress) {
  if (!URL.canParse(address) || !URL.canParse(pageAddress)) return false;
  const [picture, page] = [new URL(address), new URL(pageAddress)];
  if (!/^https?:$/.test(picture.protocol) || picture.username || picture.password) return false;
  const host = picture.hostname.replace(/\.$/, "");
  if (host === page.hostname.replace(/\.$/, "")) return true;
  if (host.startsWith("[")) return isPublicIPv6(host.slice(1, -1));
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return isPublicIPv4(host);
  return !LOCAL_NAME.test(host);
}

/** @param {string} host four numbers */
function isPublicIPv4(host) {
  const [a = 0, b = 0, c = 0] = host.split(".").map(Number);
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100) return b < 64 || b > 127;
  if (a === 169) return b !== 254;
  if (host === "168.63.129.16") return false; // Azure's own service for each of its machines
  if (a === 172) return b < 16 || b > 31;
  if (a === 192) return b !== 168 && !(b === 0 && (c === 0 || c === 2)) && !(b === 88 && c === 99);
  if (a === 198) return b !== 18 && b !== 19 && !(b === 51 && c === 100);
  return !(a === 203 && b === 0 && c === 113);
}

/** Only what is routed on the internet, without tunnels to elsewhere. @param {string} host in the shortest notation */
function isPublicIPv6(host) {
  return /^[23][\da-f]{3}:/.test(host) && !/^(2001:0?:|2001:db8:|2002:|3fff:|2001:[01]?[\da-f]?[\da-f]:)/.test(host);
}

/** What a secure page asks for in the clear, browsers ask for securely. @param {string} address @param {string} pageAddress */
export function asBrowsersAsk(address, pageAddress) {
  const url = new URL(address);
  if (new URL(pageAddress).protocol === "https:") url.protocol = "https:";
  return url.href;
}

/**
 * The picture as base64 by parts, or a word for why it cannot be had.
 * @param {string} address @param {string} pageAddress
 * @returns {Promise<string[] | string>}
 */
export async function bytesFromSession(address, pageAddress) {
  if (!mayFetch(address, pageAddress)) return "not_allowed";
  try {
    const response = await fetch(asBrowsersAsk(address, pageAddress), {
      credentials: "include",
      cache: "force-cache",
      // A redirect could lead where the page may not lead us with the user's cookies.
      redirect: "error",
      referrerPolicy: "no-referrer",
      headers: { Accept: ACCEPT },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return `status_${response.status}`;
    const mediaType = response.headers.get("Content-Type") ?? "";
    if (mediaType && !/^(image\/|application\/octet-stream|binary\/)/i.test(mediaType)) return "no_picture";
    return await read(response);
  } catch {
    return "not_fetched";
  }
}

/** @param {Response} response */
async function read(response) {
  if (Number(response.headers.get("Content-Length")) > LARGEST_BYTES) return "too_large";
  const chunks = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
    if (done || !value) break;
    size += value.length;
    if (size > LARGEST_BYTES) {
      await reader?.cancel();
      return "too_large";
    }
    chunks.push(value);
  }
  return size === 0 ? "no_picture" : base64Parts(new Uint8Array(await new Blob(chunks).arrayBuffer()));
}
