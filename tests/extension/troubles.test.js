/** One table for all that can go wrong: every code that can reach a user has words in both languages, and a way out. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isInTrouble, stoppedBy, troubleCodes, troubleOf } from "../../extension/shared/troubles.js";
import { wordsForReason } from "../../extension/shared/words.js";
import { EXTENSION, messagesOf, sourceOf, speechOf } from "./fake_browser.js";

const fileOf = (path) => readFileSync(new URL(`../${path}`, EXTENSION), "utf8");

/** Codes that are an answer by themselves: nobody can do anything about them. */
const WITHOUT_A_WAY = new Set([
  "too_plain",
  "unreadable_image",
  "worker_crashed",
  "image_too_large",
  "address_refused",
  "dismissed",
  "not_a_folder",
  "folder_forbidden",
  "path_not_absolute",
  "nothing_to_save",
  "too_many_at_once",
  "no_picture_here",
  "picture_out_of_reach",
  "private_window",
  "page_left",
  "nothing_shown",
  "too_large",
]);
/** Never raised: branches of the tree of errors. */
const BRANCHES = new Set(["error", "try_again", "environment"]);
/** Of commands that describe and scan in bulk: no browser hears of them. */
const OF_COMMANDS = new Set(["source_unreadable", "cluster_lost", "shelf_unusable"]);

function codesOfProtocol() {
  const [, tables] = fileOf("native_host/PROTOCOL.md").split("## Error codes");
  const rows = tables.split("\n").filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) => [...row.split("|")[1].matchAll(/`(\w+)`/g)].map(([, code]) => code));
}

const codesOfErrors = () =>
  [...fileOf("daemon/isthisme/errors.py").matchAll(/^ {4}code = "(\w+)"/gm)].map(([, c]) => c);

const codesOfProblems = () =>
  [...fileOf("daemon/isthisme/server/problems.py").matchAll(/Problem\(\s*"(\w+)"/g)].map(([, code]) => code);

const codesOfReasons = () =>
  ["daemon/isthisme/engine/plainness.py", "daemon/isthisme/matcher.py"].flatMap((path) =>
    [...fileOf(path).matchAll(/^(?:TOO_PLAIN|NO_PHOTOS) = "(\w+)"/gm)].map(([, code]) => code),
  );

const codesOfPhases = () => ["missing", "unreachable", "refused", "update_extension", "update_companion", "gone"];

const codesOfOurs = () =>
  [
    "background/questions.js",
    "background/companion.js",
    "background/page_capture.js",
    "background/page_pictures.js",
    "shared/ask.js",
    "answer/answer.js",
  ].flatMap((path) =>
    [...sourceOf(path).matchAll(/(?:CompanionError\(|NotPictured\(|\bcode: )"(\w+)"/g)]
      .map(([, code]) => code)
      .filter((code) => !code.endsWith("_cut")),
  );

test("every code that can reach a user has an entry", () => {
  for (const [source, atLeast] of [
    [codesOfProtocol, 30],
    [codesOfErrors, 22],
    [codesOfProblems, 7],
    [codesOfReasons, 2],
    [codesOfPhases, 6],
    [codesOfOurs, 5],
  ]) {
    const codes = source();
    assert.ok(codes.length >= atLeast, `${source.name} finds ${codes.length}`);
    for (const code of codes)
      assert.ok(BRANCHES.has(code) || OF_COMMANDS.has(code) || troubleOf(code), `${code} of ${source.name}`);
  }
});

test("every entry is documented, or one of our own", () => {
  const known = new Set([...codesOfProtocol(), ...codesOfErrors(), ...codesOfPhases(), ...codesOfOurs()]);
  for (const code of troubleCodes()) assert.ok(known.has(code), code);
});

for (const locale of ["en", "zh_CN"]) {
  test(`every trouble has its words in ${locale}`, () => {
    const speech = speechOf(locale);
    for (const code of troubleCodes()) {
      const { why, title, text, ways } = troubleOf(code);
      assert.equal(Boolean(title), Boolean(text), code);
      for (const key of [why, title, text, ...ways.map((way) => way.say ?? way.label)]) {
        if (key !== undefined) assert.ok(Object.hasOwn(messagesOf(locale), key), `${code}: ${key}`);
      }
      assert.match(wordsForReason(code, "told", speech), /[.。！？）)]$/, `${code} is a sentence`);
    }
  });
}

test("every trouble has a way out: a button, or an exact command", () => {
  for (const code of troubleCodes()) {
    const { ways } = troubleOf(code);
    const isWay = ways.some((way) => way.command || way.action);
    assert.equal(isWay, !WITHOUT_A_WAY.has(code), code);
    for (const { command } of ways) {
      if (command) assert.match(command, /^(isthisme |scripts\/run|git pull|uv tool install |sudo sysctl )/, code);
    }
  }
});

test("commands that we name exist", () => {
  const commands = new Set(troubleCodes().flatMap((code) => troubleOf(code).ways.map((way) => way.command ?? "")));
  const cli = fileOf("daemon/isthisme/cli/__init__.py");
  for (const command of commands) {
    const word = /^isthisme (\w+)/.exec(command)?.[1];
    if (word) assert.match(cli, new RegExp(`import .*\\b${word}\\b`), command);
  }
  assert.match(fileOf("daemon/isthisme/cli/doctor.py"), /"--repair"/);
  assert.match(fileOf("daemon/isthisme/cli/browsers.py"), /def install\(/);
});

test("what lies behind an unreachable companion is said where it is known and can stop everything", () => {
  assert.equal(stoppedBy("unreachable", "catalog_damaged"), "catalog_damaged");
  assert.equal(stoppedBy("unreachable", "too_plain"), "unreachable");
  assert.equal(stoppedBy("unreachable", "toString"), "unreachable");
  assert.equal(stoppedBy("missing", undefined), "missing");
});

test("the button shows what is grave, and keeps quiet about the rest", () => {
  const ready = (...codes) => ({ phase: "ready", status: { problems: codes.map((code) => ({ code, message: "" })) } });
  assert.equal(isInTrouble({ phase: "missing", status: null }), true);
  assert.equal(isInTrouble({ phase: "starting", status: null }), false);
  assert.equal(isInTrouble(ready()), false);
  assert.equal(isInTrouble(ready("no_model", "photos_unreadable", "folder_absent", "brand_new")), false);
  assert.equal(isInTrouble(ready("no_model", "disk_full")), true);
  assert.equal(isInTrouble(ready("model_unusable")), true);
});

test("a code from a newer companion is told in its own words", () => {
  const en = speechOf("en");
  assert.equal(troubleOf("constructor"), null);
  assert.equal(wordsForReason("brand_new", "The moon is in the way.", en), "The moon is in the way.");
});
