/**
 * Looks for a picture elsewhere on the web. Nothing is asked by itself: each engine is opened by a click of its own,
 * which says what that sends, and to whom.
 */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { element } from "../shared/element.js";
import { language, localize, say } from "../shared/localize.js";
import { subjectIn } from "../shared/own_pages.js";
import { part, wordsForError } from "../shared/parts.js";
import { photoAddress } from "../shared/preview_address.js";
import { saveAs } from "../shared/save_as.js";
import { COLLECTED, ENGINES, isSendable, searchAddress } from "./engines.js";

const FILE_NAME = "picture"; // what the site called it says nothing

async function show() {
  const subject = subjectIn(location.search);
  const sighting_id = (subject && "sighting_ids" in subject && subject.sighting_ids[0]) || 0;
  try {
    /** @type {{sightings: Sighting[]}} */
    const { sightings } = await ask({ type: "sightings", before: sighting_id + 1, limit: 1 });
    const sighting = sightings.find((each) => each.sighting_id === sighting_id);
    if (!sighting) throw Object.assign(new Error(), { code: "not_found" });
    const preview = await ask({ type: "sighting_preview", sighting_id }).catch(() => null);
    showPicture(sighting.picture_address, preview);
    part("engines").replaceChildren(...ENGINES.map((engine) => engineRow(engine, sighting.picture_address)));
    part("who").hidden = false;
  } catch (error) {
    part("news").textContent = wordsForError(error);
  }
}

/** @param {string} address @param {Preview | null} preview */
function showPicture(address, preview) {
  part("what").hidden = false;
  part("address").textContent = isSendable(address) ? new URL(address).href : "";
  part("no-address").hidden = isSendable(address);
  if (!preview) {
    part("frame").append(element("span", "absent", say("picture_unavailable")));
    part("copy").hidden = true;
    part("save").hidden = true;
    return;
  }
  const image = element("img");
  image.alt = say("picture_page");
  image.src = photoAddress(preview);
  part("frame").append(image);
  const name = `${FILE_NAME}.${preview.media_type === "image/png" ? "png" : "jpg"}`;
  part("save").addEventListener("click", () => saveAs(name, image.src));
  part("copy").addEventListener("click", () => copy(image));
}

/** As PNG, which is what every browser puts on the clipboard. @param {HTMLImageElement} image */
async function copy(image) {
  try {
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    canvas.getContext("2d")?.drawImage(image, 0, 0);
    const picture = await canvas.convertToBlob({ type: "image/png" });
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
    part("news").textContent = say("elsewhere_copied");
  } catch {
    part("news").textContent = say("elsewhere_not_copied");
  }
}

/** @param {import("./engines.js").Engine} engine @param {string} picture its address */
function engineRow(engine, picture) {
  const row = element("li");
  const head = element("div", "engine");
  const country = new Intl.DisplayNames(language(), { type: "region" }).of(engine.country) ?? engine.country;
  const owner = element("span", "small", say("elsewhere_owner", engine.company, country));
  head.append(element("strong", "", engine.name), owner);
  const actions = element("div", "row-of-actions");
  const search = searchAddress(engine, picture);
  if (search) actions.append(opening(say("elsewhere_send", engine.company), search));
  actions.append(opening(say("elsewhere_upload", engine.name), engine.page));
  row.append(head, actions);
  return row;
}

/** @param {string} words @param {string} address */
function opening(words, address) {
  const made = element("button", "", words);
  made.type = "button";
  made.addEventListener("click", () => browser.tabs.create({ url: address }));
  return made;
}

localize();
const date = new Intl.DateTimeFormat(language(), { dateStyle: "long", timeZone: "UTC" }).format(new Date(COLLECTED));
part("collected").textContent = say("elsewhere_collected", date);
await show();
