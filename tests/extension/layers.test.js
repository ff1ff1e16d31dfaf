import assert from "node:assert/strict";
import { test } from "node:test";
import { runContentScripts } from "./fake_browser.js";

const { addressIn, isSprite, picturesOfBackground, picturesOfContent } = runContentScripts(
  ["layers.js"],
  ["addressIn", "isSprite", "picturesOfBackground", "picturesOfContent"],
);
const box = (width, height = width) => ({ width, height });
const background = (image, size = "auto", position = "0% 0%") => ({ image, size, position });
const pictures = (...values) => [...picturesOfBackground(background(...values), box(300, 200), 1)];

test("each layer of a background is a picture, gradients are none", () => {
  assert.deepEqual(pictures("none"), []);
  assert.deepEqual(pictures('url("https://a.example/1.jpg")'), ["https://a.example/1.jpg"]);
  const layers =
    'linear-gradient(rgba(0, 0, 0, 0.5), red), url("https://a.example/1.jpg"), url("https://a.example/2.jpg")';
  assert.deepEqual(pictures(layers), ["https://a.example/1.jpg", "https://a.example/2.jpg"]);
});

test("quotes, brackets and commas in an address are part of it", () => {
  assert.deepEqual(pictures(String.raw`url("https://a.example/a\"b'(1),2.jpg")`), [`https://a.example/a"b'(1),2.jpg`]);
  assert.deepEqual(pictures('url("data:image/png;base64,AAAA"), none'), ["data:image/png;base64,AAAA"]);
});

test("of a set, the one for this screen is the picture", () => {
  const set =
    'image-set(url("https://a.example/1.jpg") 1dppx, url("https://a.example/2.jpg") 2dppx type("image/jpeg"))';
  assert.equal(addressIn(set, 1), "https://a.example/1.jpg");
  assert.equal(addressIn(set, 1.25), "https://a.example/2.jpg");
  assert.equal(addressIn(set, 3), "https://a.example/2.jpg");
});

test("content shows pictures beside words, and words are never read as pictures", () => {
  const read = (content) => [...picturesOfContent(content, 1)];
  assert.deepEqual(read('url("https://a.example/1.jpg") / "a photo"'), ["https://a.example/1.jpg"]);
  assert.deepEqual(read(String.raw`"url(\"https://a.example/1.jpg\")"`), []);
  assert.deepEqual(read("normal"), []);
});

test("a part of a sheet is a sprite, a photo that covers its box is none", () => {
  for (const size of ["auto", "cover", "contain", "100%", "100% 100%", "320px auto"]) {
    assert.equal(isSprite(size, "50% 50%", box(300)), false, size);
  }
  assert.equal(isSprite("auto", "-20px -40px", box(100)), true, "an icon in a sheet");
  assert.equal(isSprite("auto", "0px -40px", box(100)), true, "one from the first column");
  assert.equal(isSprite("auto", "calc(50% - 10px) 0px", box(100)), false, "centred");
  assert.equal(isSprite("auto", "-20px -40px", box(600)), false, "a photo that is moved a little");
  assert.equal(isSprite("500% 400%", "25% 50%", box(300)), true, "a sheet of twenty");
  assert.equal(isSprite("900px 60px", "0px 0px", box(70, 60)), true, "the first in a row");
});

test("size and position are those of the layer, and are repeated where there are too few", () => {
  const image = 'url("https://a.example/1.jpg"), url("https://a.example/2.jpg"), url("https://a.example/3.jpg")';
  assert.deepEqual(pictures(image, "auto, 900%"), ["https://a.example/1.jpg", "https://a.example/3.jpg"]);
});
