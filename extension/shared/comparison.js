/** Two pictures side by side: what the page shows, from what the companion kept of it, and the user's own photo. */

import { element } from "./element.js";
import { say } from "./localize.js";
import { plain } from "./plain_text.js";
import { photoAddress } from "./preview_address.js";
import { preview } from "./previews.js";

/**
 * @param {{verdict: Verdict, sighting_id?: number | null, matches: Match[], width: number, height: number}} found
 * @param {string} [picture] the page's picture as a `data:` address, where there is no sighting that kept it
 * @returns {HTMLElement}
 */
export function comparison({ sighting_id, matches, width, height }, picture) {
  const [match] = matches;
  const pair = element("div", "pair");
  const there = figure(say("caption_page"));
  const own = figure(say("caption_own"));
  pair.append(there.root, own.root);
  const outline = match && outlineOf(match.query_region, width, height);
  if (picture) {
    show(there, picture, say("picture_page"), outline);
  } else if (typeof sighting_id === "number") {
    fill(there, preview({ type: "sighting_preview", sighting_id }), say("picture_page"), outline);
  } else {
    there.frame.append(element("span", "absent", say("picture_not_kept")));
  }
  if (match) fill(own, preview({ type: "photo_preview", photo_id: match.photo_id }), say("picture_own"));
  return pair;
}

/** The photo's name without its folders. @param {Match | undefined} match */
export const photoName = (match) => plain(match?.photo.split(/[\\/]/).pop());

/** @param {string} caption */
function figure(caption) {
  const root = element("figure", "picture");
  const frame = element("div", "frame");
  root.append(frame, element("figcaption", "", caption));
  return { root, frame };
}

/**
 * @param {{root: HTMLElement, frame: HTMLElement}} place
 * @param {Promise<Preview>} coming
 * @param {string} description
 * @param {SVGSVGElement | null} [outline]
 */
async function fill({ root, frame }, coming, description, outline) {
  root.setAttribute("aria-busy", "true");
  try {
    const preview = await coming;
    show({ frame }, photoAddress(preview), description, outline);
    if (preview.is_present === false) root.append(element("p", "small", say("photo_absent")));
  } catch {
    frame.replaceChildren(element("span", "absent", say("picture_unavailable")));
  }
  root.removeAttribute("aria-busy");
}

/**
 * @param {{frame: HTMLElement}} place @param {string} source a `data:` address
 * @param {string} description @param {SVGSVGElement | null} [outline]
 */
function show({ frame }, source, description, outline) {
  const image = document.createElement("img");
  image.alt = description;
  image.src = source;
  frame.replaceChildren(image, ...(outline ? [outline] : []));
}

/**
 * The part of the page's picture that shows the photo; null when that is nearly all of it.
 * @param {Polygon} region @param {number} width @param {number} height
 */
function outlineOf(region, width, height) {
  if (!region || region.length < 3 || !(width > 0) || !(height > 0)) return null;
  if (areaOf(region) > 0.95 * width * height) return null;
  return drawnOutline(region, { left: 0, top: 0, width, height });
}

/**
 * @param {Polygon} region
 * @param {{left: number, top: number, width: number, height: number}} part of the picture that is shown, its pixels
 */
export function drawnOutline(region, { left, top, width, height }) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
  svg.setAttribute("class", "outline");
  svg.setAttribute("aria-hidden", "true");
  const points = region.map(([x, y]) => `${Number(x)},${Number(y)}`).join(" ");
  for (const part of ["halo", "line"]) {
    const polygon = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
    polygon.setAttribute("points", points);
    polygon.setAttribute("class", part);
    svg.append(polygon);
  }
  return svg;
}

/** @param {Polygon} region corners in order */
function areaOf(region) {
  let twice = 0;
  for (const [index, [x, y]] of region.entries()) {
    const [nextX, nextY] = region[(index + 1) % region.length] ?? [x, y];
    twice += x * nextY - nextX * y;
  }
  return Math.abs(twice) / 2;
}
