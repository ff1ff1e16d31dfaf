import assert from "node:assert/strict";
import { test } from "node:test";
import { wordsForCount, wordsForEdits, wordsForReason, wordsForScore } from "../../extension/shared/words.js";
import { speechOf } from "./fake_browser.js";

const en = speechOf("en");
const zh = speechOf("zh_CN");
const copyWith = (...edits) => ({ verdict: "copy", edits });

test("edits become one sentence, with amounts where they tell something", () => {
  const edits = copyWith({ kind: "mirrored" }, { kind: "cropped", amount: 0.614 }, { kind: "rotated", amount: 89.7 });
  const english = "What was changed: mirrored, cropped to 61% of your photo, and turned by 90°.";
  assert.equal(wordsForEdits(edits, en), english);
  assert.equal(wordsForEdits(edits, zh), "改动：左右翻转、裁剪到原照片的 61%和旋转 90°。");
});

test("an edit without its amount has words too", () => {
  assert.equal(wordsForEdits(copyWith({ kind: "cropped" }), en), "What was changed: cropped.");
  assert.equal(
    wordsForEdits(copyWith({ kind: "composed", amount: null }), en),
    "What was changed: put into a larger picture.",
  );
});

test("amounts do not break the list that they stand in", () => {
  const edits = copyWith({ kind: "composed", amount: 0.78 }, { kind: "recoloured" }, { kind: "cropped", amount: 0.5 });
  const english =
    "What was changed: put into a larger picture (filling 78% of it), given other colours, and cropped to 50% of your photo.";
  assert.equal(wordsForEdits(edits, en), english);
});

test("the same file, no edits, and edits of a newer companion have their own sentences", () => {
  assert.equal(wordsForEdits(copyWith({ kind: "exact" }), en), "It is exactly your file.");
  assert.equal(wordsForEdits(copyWith(), en), "It looks unchanged.");
  assert.equal(wordsForEdits(copyWith({ kind: "dreamt" }), en), "It was changed.");
  assert.equal(wordsForEdits(copyWith({ kind: "toString" }, { kind: "blurred" }), en), "What was changed: blurred.");
});

test("of a possible copy nobody says that it is unchanged", () => {
  assert.equal(wordsForEdits({ verdict: "possible_copy", edits: [] }, en), "");
  assert.equal(wordsForEdits(undefined, en), "");
});

test("every kind of edit that the companion can name has words in both languages", async () => {
  const { readFileSync } = await import("node:fs");
  const domain = readFileSync(new URL("../../daemon/isthisme/domain.py", import.meta.url), "utf8");
  const kinds = [
    ...domain
      .split("class EditKind")[1]
      .split("@dataclass")[0]
      .matchAll(/= "(\w+)"/g),
  ].map(([, k]) => k);
  assert.ok(kinds.length >= 11);
  for (const kind of kinds) {
    for (const speech of [en, zh]) {
      assert.notEqual(wordsForEdits(copyWith({ kind, amount: 0.5 }), speech), speech.say("edits_some"), kind);
    }
  }
});

test("only what is certain is called 100 % sure", () => {
  const shown = [0, 0.604, 0.9949, 0.995, 0.9989, 0.999, 0.99999, 1].map((score) => wordsForScore(score, en));
  assert.deepEqual(shown, ["0%", "60%", "99%", "99%", "99%", "99.9%", "99.9%", "100%"]);
});

test("a reason that we have no words for is told in the companion's own", () => {
  assert.equal(wordsForReason("fetch_failed", "HTTP 403", en), en.say("why_fetch_failed"));
  assert.equal(wordsForReason("brand_new", "The moon is in the way.", en), "The moon is in the way.");
  assert.equal(wordsForReason("brand_new", "", en), en.say("why_internal"));
});

test("a possible copy is never counted as sure", () => {
  const count = (...verdicts) =>
    wordsForCount(
      verdicts.map((verdict) => ({ verdict })),
      en,
    );
  assert.equal(count("copy"), "1 picture here looks like yours");
  assert.equal(count("copy", "copy", "copy"), "3 pictures here look like yours");
  assert.equal(count("possible_copy"), "1 picture here may be yours");
  assert.equal(count("copy", "possible_copy"), "Likely yours: 1. Perhaps yours: 1.");
});
