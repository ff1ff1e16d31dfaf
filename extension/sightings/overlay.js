/**
 * One picture over the other, with a line between them that is moved: on one side what the page shows, on the other the
 * same part of the user's photo, laid where it lies in the page's picture.
 */

import { drawnOutline } from "../shared/comparison.js";
import { element } from "../shared/element.js";
import { percent, say } from "../shared/localize.js";
import { photoAddress } from "../shared/preview_address.js";
import { preview } from "../shared/previews.js";
import { boxAround, homography, warped } from "./warping.js";

/** @typedef {{left: number, top: number, width: number, height: number}} Part of the page's picture, its pixels */

const LONGEST_SIDE = 840; // pixels of what is drawn
const MARGIN = 0.06; // around the outline, of its longer side
const SMALL_SHARE = 0.6; // of the picture: a smaller outline is shown larger
const STEP = 2; // percent, for each press of an arrow key

/** @param {Sighting} sighting @returns {boolean} whether the outlines tell where the photo lies */
export const canBeLaid = ({ matches: [match], width, height }) =>
  match !== undefined && width > 0 && height > 0 && homography(match.query_region, match.photo_region) !== null;

/**
 * @param {Sighting} sighting for which `canBeLaid` holds
 * @returns {HTMLElement} which rejects nothing: where a picture is missing it says so
 */
export function overlay(sighting) {
  const root = element("div", "overlay");
  const stage = element("div", "stage");
  stage.dir = "ltr"; // pictures are not turned round with the text
  root.append(stage);
  root.ariaBusy = "true";
  fill(root, stage, sighting).catch(() => {
    stage.classList.add("frame");
    stage.replaceChildren(element("span", "absent", say("picture_unavailable")));
    root.ariaBusy = null;
  });
  return root;
}

/** @param {HTMLElement} root @param {HTMLElement} stage @param {Sighting} sighting */
async function fill(root, stage, sighting) {
  const { sighting_id, width, height, matches } = sighting;
  const [match] = matches;
  if (!match) throw new Error("there is a match");
  const [there, own] = await Promise.all([
    decoded(preview({ type: "sighting_preview", sighting_id })),
    decoded(preview({ type: "photo_preview", photo_id: match.photo_id })),
  ]);
  const whole = { left: 0, top: 0, width, height };
  const close = partAround(match.query_region, whole);
  const line = slider(stage);
  const draw = (/** @type {Part} */ part) => {
    const scale = LONGEST_SIDE / Math.max(part.width, part.height);
    const size = { width: Math.round(part.width * scale), height: Math.round(part.height * scale) };
    stage.style.aspectRatio = `${size.width} / ${size.height}`;
    stage.style.maxInlineSize = `${Math.round((70 * size.width) / size.height)}vh`; // all of it is seen at once
    const outline = drawnOutline(match.query_region, part);
    stage.replaceChildren(pagePart(there, part, size), photoPart(own, match, part, size), outline, ...line);
  };
  draw(close ?? whole);
  root.ariaBusy = null;
  if (!close) return;
  const toggle = element("button", "quiet", say("overlay_whole"));
  toggle.type = "button";
  let isClose = true;
  toggle.addEventListener("click", () => {
    isClose = !isClose;
    draw(isClose ? close : whole);
    toggle.textContent = say(isClose ? "overlay_whole" : "overlay_close");
  });
  root.append(toggle);
}

/** @param {Promise<Preview>} coming */
async function decoded(coming) {
  const known = await coming;
  const image = new Image();
  image.src = photoAddress(known);
  await image.decode();
  return { image, width: known.width, height: known.height };
}

/** What is shown larger; null where the outline fills nearly all. @param {Polygon} region @param {Part} whole */
function partAround(region, whole) {
  const box = boxAround(region);
  if (box.width * box.height > SMALL_SHARE * whole.width * whole.height) return null;
  const margin = MARGIN * Math.max(box.width, box.height);
  const left = Math.max(0, box.left - margin);
  const top = Math.max(0, box.top - margin);
  return {
    left,
    top,
    width: Math.min(whole.width, box.left + box.width + margin) - left,
    height: Math.min(whole.height, box.top + box.height + margin) - top,
  };
}

/** @typedef {{image: HTMLImageElement, width: number, height: number}} Decoded width and height are of the upright original */

/** @param {Decoded} there @param {Part} part @param {{width: number, height: number}} size */
function pagePart({ image, width }, part, size) {
  const { canvas, context } = canvasOf(size, say("picture_page"));
  const scale = image.naturalWidth / width;
  const source = /** @type {const} */ ([part.left * scale, part.top * scale, part.width * scale, part.height * scale]);
  context.drawImage(image, ...source, 0, 0, size.width, size.height);
  return canvas;
}

/** @param {Decoded} own @param {Match} match @param {Part} part @param {{width: number, height: number}} size */
function photoPart(own, { query_region, photo_region }, part, size) {
  const { canvas, context } = canvasOf(size, say("picture_own"));
  canvas.classList.add("own");
  const scale = size.width / part.width;
  const onCanvas = /** @type {Polygon} */ (
    query_region.map(([x, y]) => [(x - part.left) * scale, (y - part.top) * scale])
  );
  const [extent, shown] = [boxAround(photo_region), boxAround(onCanvas)];
  // Scaled down first where it is drawn smaller than it is: what is skipped between pixels would flicker.
  const ofOriginal = own.image.naturalWidth / own.width;
  const wanted = Math.max(shown.width, shown.height) / Math.max(extent.width, extent.height, 1) / ofOriginal;
  const picture = scaledDown(own.image, Math.min(1, wanted));
  const factor = picture.width / own.width;
  const toPicture = homography(
    onCanvas,
    /** @type {Polygon} */ (photo_region.map(([x, y]) => [x * factor, y * factor])),
  );
  if (!toPicture) return canvas;
  const pixels = warped(picture, toPicture, size.width, size.height);
  const { canvas: whole, context: wholeContext } = canvasOf(size, "");
  wholeContext.putImageData(new ImageData(pixels, size.width, size.height), 0, 0);
  context.beginPath();
  for (const [x, y] of onCanvas) context.lineTo(x, y);
  context.closePath();
  context.clip();
  context.drawImage(whole, 0, 0);
  return canvas;
}

/** @param {HTMLImageElement} image @param {number} factor at most 1 */
function scaledDown(image, factor) {
  const size = {
    width: Math.max(1, Math.round(image.naturalWidth * factor)),
    height: Math.max(1, Math.round(image.naturalHeight * factor)),
  };
  const { context } = canvasOf(size, "");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, size.width, size.height);
  return context.getImageData(0, 0, size.width, size.height);
}

/** @param {{width: number, height: number}} size @param {string} description */
function canvasOf({ width, height }, description) {
  const canvas = element("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.role = "img";
  canvas.ariaLabel = description;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas can be drawn on");
  return { canvas, context };
}

/** The line, what it is moved with, and what lies on either side. @param {HTMLElement} stage */
function slider(stage) {
  const range = element("input", "line-mover");
  range.type = "range";
  range.min = "0";
  range.max = "100";
  range.step = String(STEP);
  range.value = "50";
  range.ariaLabel = say("overlay_slider");
  const follow = () => {
    stage.style.setProperty("--shown", `${range.value}%`);
    const share = Number(range.value) / 100;
    range.setAttribute("aria-valuetext", say("overlay_value", percent(share), percent(1 - share)));
  };
  range.addEventListener("input", follow);
  follow();
  const line = element("div", "dividing-line");
  const [left, right] = [element("span", "side", say("caption_page")), element("span", "side own", say("caption_own"))];
  for (const each of [line, left, right]) each.ariaHidden = "true"; // the slider says it
  return [line, left, right, range];
}
