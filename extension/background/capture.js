/** What the user sees of a picture, cut out of a capture of the tab: the last resort of their own question. */

import { browser } from "../browser.js";
import { base64Parts } from "./base64.js";
import { blobOf } from "./page_pictures.js";

const SMALLEST_SIDE = 32; // pixels of the screen: below it nothing can be told

/**
 * @param {{tab_id: number, window_id: number, place: Place | null, pixels_per_unit: number}} source
 * @returns {Promise<string[] | string>} as base64 by parts, or why not
 */
export async function bytesFromScreen({ tab_id, window_id, place, pixels_per_unit }) {
  if (!place) return "no_place";
  try {
    const tab = await browser.tabs.get(tab_id);
    if (!tab.active || tab.windowId !== window_id) return "not_visible";
    const shot = await browser.tabs.captureVisibleTab(window_id, { format: "png" });
    const bitmap = await createImageBitmap(blobOf(shot));
    const left = Math.max(0, Math.round(place.x * pixels_per_unit));
    const top = Math.max(0, Math.round(place.y * pixels_per_unit));
    const width = Math.min(bitmap.width, Math.round((place.x + place.width) * pixels_per_unit)) - left;
    const height = Math.min(bitmap.height, Math.round((place.y + place.height) * pixels_per_unit)) - top;
    if (Math.min(width, height) < SMALLEST_SIDE) return "too_small";
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d")?.drawImage(bitmap, left, top, width, height, 0, 0, width, height);
    bitmap.close();
    const cut = await canvas.convertToBlob({ type: "image/png" });
    return base64Parts(new Uint8Array(await cut.arrayBuffer()));
  } catch {
    return "not_captured"; // the tab went away, or the browser shows it to nobody
  }
}
