/** Help when it is urgent: what to do first, what not to do, and who helps. It asks nobody, and opens pages on a click. */

import { element } from "../shared/element.js";
import { language, localize, say } from "../shared/localize.js";
import { part } from "../shared/parts.js";
import { COLLECTED, COUNTRIES, likelyCountry, SEARCH_REMOVALS } from "./places.js";

/** @type {Record<import("./places.js").HelpKind, string>} */
const KINDS = {
  intimate: "help_kind_intimate",
  children: "help_kind_children",
  violence: "help_kind_violence",
  rights: "help_kind_rights",
  report: "help_kind_report",
  police: "help_kind_police",
  despair: "help_kind_despair",
};

/** Leads elsewhere, in a tab of its own, which is not told where from. @param {HTMLAnchorElement} link @param {string} address */
function leadTo(link, address) {
  link.href = address;
  link.target = "_blank";
  link.rel = "noreferrer";
  return link;
}

function fillCountries() {
  const names = new Intl.DisplayNames(language(), { type: "region" });
  const options = Object.keys(COUNTRIES)
    .map((code) => ({ code, name: code === "EU" ? say("help_european_union") : (names.of(code) ?? code) }))
    .sort((one, other) => one.name.localeCompare(other.name, language()));
  for (const { code, name } of [{ code: "", name: say("help_country_none") }, ...options]) {
    const option = element("option", "", name);
    option.value = code;
    part("country").append(option);
  }
  part("country").value = likelyCountry(navigator.languages);
  part("country").addEventListener("change", showCountry);
}

function showCountry() {
  const country = COUNTRIES[part("country").value];
  part("emergency").textContent = country ? say("help_emergency", country.emergency) : "";
  part("places").replaceChildren(...(country?.places ?? []).map(placeRow));
}

/** @param {import("./places.js").HelpPlace} place */
function placeRow({ kind, name, phone, page }) {
  const row = element("li");
  const title = element("strong", "", name);
  title.dir = "auto";
  row.append(title);
  if (phone) {
    const number = element("span", "phone", phone);
    number.dir = "ltr";
    row.append(number);
  }
  row.append(element("span", "kind small", say(KINDS[kind])));
  if (page) {
    const link = leadTo(element("a", "", page.replace(/^https:\/\/(www\.)?|\/$/g, "")), page);
    link.dir = "ltr";
    row.append(link);
  }
  return row;
}

localize();
for (const { name, page } of SEARCH_REMOVALS) part("search-removals").append(leadTo(element("a", "", name), page), " ");
const date = new Intl.DateTimeFormat(language(), { dateStyle: "long", timeZone: "UTC" }).format(new Date(COLLECTED));
part("collected").textContent = say("help_collected", date);
fillCountries();
showCountry();
