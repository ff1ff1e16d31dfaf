/** Where somebody helps, where pictures are looked for, and who puts times under hashes: tables that must not lie. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as elsewhere from "../../extension/elsewhere/engines.js";
import { AUTHORITIES, isAuthority } from "../../extension/evidence/timestamp.js";
import * as help from "../../extension/help/places.js";

const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

test("every helping place can be reached, and each country has a number for danger", () => {
  for (const [code, { emergency, places }] of Object.entries(help.COUNTRIES)) {
    assert.ok(names.of(code), code);
    assert.match(emergency, /^\d{3}( \/ \d{2,3})?$/, code);
    assert.ok(places.length >= 3, code);
    assert.equal(new Set(places.map(({ kind, name }) => `${kind} ${name}`)).size, places.length, code);
    for (const { name, phone, page } of places) {
      assert.ok(phone || page, `${code}: ${name}`);
      if (phone) assert.match(phone, /^[#\d][\d -]*\d( \/ [\d -]+)?$/, name);
      if (page) assert.equal(new URL(page).protocol, "https:", name);
    }
  }
  for (const { page } of help.SEARCH_REMOVALS) assert.equal(new URL(page).protocol, "https:");
});

test("the browser's languages tell the likely country, and in doubt none", () => {
  assert.equal(help.likelyCountry(["en", "de-DE", "zh-CN"]), "DE");
  assert.equal(help.likelyCountry(["zh-Hant-TW"]), "TW");
  assert.equal(help.likelyCountry(["pl-PL"]), "EU");
  assert.equal(help.likelyCountry(["en", "eo", "no such language", "en-ZZ"]), "");
  assert.equal(help.likelyCountry(["en-constructor"]), "");
});

test("an engine gets the picture's address whole, and nothing else", () => {
  const picture = "https://cdn.example/a b/$&.jpg?x=1&y={}#part";
  for (const engine of elsewhere.ENGINES) {
    assert.equal(new URL(engine.page).protocol, "https:");
    const address = elsewhere.searchAddress(engine, picture);
    assert.equal(address === null, engine.search === null, engine.name);
    if (!address) continue;
    const { protocol, searchParams, hash } = new URL(address);
    assert.deepEqual([protocol, hash], ["https:", ""]);
    const told = [...searchParams.values()].find((value) => value.includes("cdn.example"));
    assert.equal(told.replace(/^imgurl:/, ""), new URL(picture).href, engine.name);
  }
});

test("what is no address for others is sent to nobody", () => {
  for (const address of [
    "data:image/png;base64,AAAA",
    "blob:https://a.example/1",
    "https://anna:secret@a.example/1.jpg",
    `https://a.example/${"x".repeat(2_000)}`,
    "",
  ]) {
    for (const engine of elsewhere.ENGINES) assert.equal(elsewhere.searchAddress(engine, address), null);
  }
});

test("a timestamp authority has an address without a name and password", () => {
  for (const address of AUTHORITIES) assert.ok(isAuthority(address), address);
  for (const address of ["", "freetsa.org", "ftp://a.example/", "https://a:b@c.example/", "javascript:alert(1)"]) {
    assert.ok(!isAuthority(address), address);
  }
});
