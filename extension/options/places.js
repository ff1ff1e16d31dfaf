/** The user's own places: the list, adding one, and what is open in the browser as suggestions. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { element } from "../shared/element.js";
import { say } from "../shared/localize.js";
import { attempt, part, refresh, tell } from "../shared/parts.js";
import { accountAt, patternIn } from "../shared/places.js";
import { allDecisions } from "./decisions.js";
import { fill, row } from "./rows.js";

/** @type {string[]} */
let known = [];

export async function managePlaces() {
  part("place").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    add(part("place-address").value);
  });
  browser.storage.session.onChanged.addListener((changes) => {
    if ("decisions" in changes) refresh(show);
  });
  // Filled in from the page that the user came from, where that is an account.
  const here = accountAt(new URLSearchParams(location.search).get("from") ?? "");
  if (here) part("place-address").value = here.pattern;
  await refresh(show);
}

async function show() {
  const places = (await allDecisions()).filter(({ kind }) => kind === "own_place");
  known = places.map(({ pattern }) => pattern ?? "");
  fill(
    "places",
    places.map(({ decision_id, pattern }) =>
      row(
        { text: pattern ?? "", isAddress: true, button: say("remove"), label: say("remove_this", pattern ?? "") },
        () => ask({ type: "undo_decision", decision_id }),
      ),
    ),
  );
  await suggest();
}

/** @param {string} text */
async function add(text) {
  const found = patternIn(text);
  part("place-address").ariaInvalid = String("trouble" in found);
  if ("trouble" in found) {
    part("place-trouble").textContent = say(found.trouble === "none" ? "place_no_address" : "place_whole_network");
    part("place-address").focus();
    return;
  }
  const { pattern } = found;
  await attempt(async () => {
    await ask({ type: "fine_here", pattern, reach: "below", is_own_place: true });
    part("place-address").value = "";
    tell(say("own_place_added", pattern));
  }, "place-trouble");
}

async function suggest() {
  const accounts = (await openAccounts()).filter(({ pattern }) => !known.includes(pattern));
  const chips = accounts.map(({ network, pattern }) => {
    const item = element("li");
    const button = element("button", "", `${network}: ${pattern}`);
    button.type = "button";
    button.addEventListener("click", () => add(pattern));
    item.append(button);
    return item;
  });
  part("place-suggestions").hidden = chips.length === 0;
  part("place-open").replaceChildren(...chips);
}

/** Accounts on the networks that we know, in tabs of this browser. */
async function openAccounts() {
  const kept = await browser.storage.session.get(null);
  const pages = Object.entries(kept).flatMap(([key, value]) =>
    key.startsWith("page:") ? [/** @type {any} */ (value)] : [],
  );
  const accounts = pages.flatMap(({ address }) => accountAt(address) ?? []);
  return accounts.filter(({ pattern }, index) => accounts.findIndex((other) => other.pattern === pattern) === index);
}
