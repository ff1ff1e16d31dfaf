/** Everything that was found, as a file that the user saves. */

import { allDecisions } from "../options/decisions.js";
import { ask } from "../shared/ask.js";
import { say } from "../shared/localize.js";
import { tell } from "../shared/parts.js";
import { saveAs } from "../shared/save_as.js";
import { allSightings } from "./portions.js";
import { everythingFile, sightingsTable } from "./table_file.js";
import { countWords } from "./words.js";

/** @typedef {"json" | "csv"} Format */

/** @type {Record<Format, string>} */
const MEDIA_TYPES = { json: "application/json", csv: "text/csv;charset=utf-8" };

/** @param {Format} format */
export async function saveEverything(format) {
  tell(say("sightings_loading"));
  const sightings = await allSightings(ask, {});
  /** @type {{cases: Case[]}} */
  const { cases } = await ask({ type: "cases" });
  const content = format === "csv" ? sightingsTable(sightings, cases) : await everything(sightings, cases);
  await ask({ type: "note_export", format, sightings: sightings.length }); // first: what leaves is on record
  const day = new Date().toISOString().slice(0, 10);
  const file = URL.createObjectURL(new Blob([content], { type: MEDIA_TYPES[format] }));
  saveAs(`is-this-me-${day}.${format}`, file);
  setTimeout(() => URL.revokeObjectURL(file), 60_000); // the browser reads it while it saves
  tell(say("export_done", countWords(sightings.length)));
}

/** @param {Sighting[]} sightings @param {Case[]} cases */
async function everything(sightings, cases) {
  const told = [];
  for (const found of cases) {
    const { events } = await ask({ type: "timeline", case_id: found.case_id });
    told.push({ ...found, timeline: events });
  }
  return everythingFile({ sightings, cases: told, decisions: await allDecisions() }, Date.now() / 1000);
}
