import assert from "node:assert/strict";
import { test } from "node:test";
import { runContentScripts } from "./fake_browser.js";

/** Canvases in view, which are looked at when `tick` says so; `paint` sets what an eye would see. */
function gallery() {
  const looks = [];
  const calmed = [];
  class OffscreenCanvas {
    getContext() {
      let seen;
      return {
        drawImage: (canvas) => {
          if (canvas.isTainted) throw new Error("tainted");
          seen = canvas;
        },
        getImageData: () => ({ data: new Uint8ClampedArray(256).map((_, place) => (place < 128 ? seen.shade : 0)) }),
      };
    }
  }
  const { Canvases, nameOfCanvas } = runContentScripts(["canvases.js"], ["Canvases", "nameOfCanvas"], {
    OffscreenCanvas,
    SLICE_MS: 5,
    isInPage: () => true,
    performance: { now: () => 0 },
    requestAnimationFrame: (look) => look(),
    setTimeout: (look, delay) => looks.push({ look, delay }),
    clearTimeout: () => {
      looks.length = 0;
    },
  });
  const canvases = new Canvases((canvas) => calmed.push(nameOfCanvas(canvas)));
  const tick = () => looks.shift()?.look();
  return { canvases, tick, looks, calmed };
}

test("a canvas that looks the same twice shows a picture, which has a name", () => {
  const { canvases, tick, calmed } = gallery();
  canvases.see({ shade: 200 }, true);
  tick();
  assert.deepEqual(calmed, []);
  tick();
  assert.deepEqual(calmed, ["canvas:1.1"]);
  tick();
  assert.deepEqual(calmed, ["canvas:1.1"], "once");
});

test("a canvas of one colour shows nothing, and one that never rests is an animation", () => {
  const { canvases, tick, calmed } = gallery();
  const moving = { shade: 0 };
  canvases.see({ shade: 0 }, true);
  canvases.see(moving, true);
  for (let round = 0; round < 10; round++) {
    moving.shade = 100 + 50 * (round % 3);
    tick();
  }
  assert.deepEqual(calmed, []);
});

test("a changed canvas is another picture, three times at the most, and then it is looked at no more", () => {
  const { canvases, tick, looks, calmed } = gallery();
  const canvas = { shade: 0 };
  canvases.see(canvas, true);
  for (const shade of [50, 52, 120, 190, 250]) {
    canvas.shade = shade;
    tick();
    tick();
  }
  assert.deepEqual(calmed, ["canvas:1.1", "canvas:1.2", "canvas:1.3"], "52 is about 50");
  assert.deepEqual(looks, []);
});

test("looks become rarer, and end when the canvas leaves the view or shows itself to nobody", () => {
  const { canvases, tick, looks } = gallery();
  const canvas = { shade: 10 };
  canvases.see(canvas, true);
  const delays = [];
  for (let round = 0; round < 6; round++) {
    delays.push(looks[0].delay);
    tick();
  }
  assert.deepEqual(delays, [500, 1_000, 2_000, 4_000, 8_000, 8_000]);
  canvases.see(canvas, false);
  tick();
  assert.deepEqual(looks, []);
  canvases.see({ isTainted: true }, true);
  tick();
  assert.deepEqual(looks, []);
});
