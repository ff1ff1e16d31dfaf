/** What people do to copied photos, done here on a canvas, and a picture that is nobody's. */

const LONGEST = 720; // pixels, of the pictures made here

/** @param {number} width @param {number} height @returns {{canvas: HTMLCanvasElement, pen: CanvasRenderingContext2D}} */
function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width);
  canvas.height = Math.round(height);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("there is no canvas");
  return { canvas, pen };
}

/** @param {HTMLImageElement} photo */
function sizeOf({ naturalWidth, naturalHeight }) {
  const scale = Math.min(1, LONGEST / Math.max(naturalWidth, naturalHeight));
  return { width: naturalWidth * scale, height: naturalHeight * scale };
}

/** Mirrored, and without its margins. @param {HTMLImageElement} photo */
export function mirroredAndCropped(photo) {
  const { width, height } = sizeOf(photo);
  const { naturalWidth, naturalHeight } = photo;
  const { canvas, pen } = canvasOf(width * 0.8, height * 0.8);
  pen.translate(canvas.width, 0);
  pen.scale(-1, 1);
  pen.drawImage(
    photo,
    naturalWidth * 0.1,
    naturalHeight * 0.1,
    naturalWidth * 0.8,
    naturalHeight * 0.8,
    0,
    0,
    canvas.width,
    canvas.height,
  );
  return canvas.toDataURL("image/jpeg", 0.85);
}

/** Warmer, with words over it. @param {HTMLImageElement} photo @param {string} words */
export function filteredAndCaptioned(photo, words) {
  const { width, height } = sizeOf(photo);
  const { canvas, pen } = canvasOf(width, height);
  pen.drawImage(photo, 0, 0, width, height);
  pen.fillStyle = "rgb(255 170 60 / 22%)";
  pen.fillRect(0, 0, width, height);
  const size = Math.max(14, Math.round(width / 14));
  pen.fillStyle = "rgb(0 0 0 / 65%)";
  pen.fillRect(0, height - size * 2, width, size * 2);
  pen.fillStyle = "#fff";
  pen.font = `bold ${size}px sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(words, width / 2, height - size, width * 0.95);
  return canvas.toDataURL("image/jpeg", 0.85);
}

/** A painted landscape, the same each time: nobody took it. */
export function nobodysPicture() {
  const { canvas, pen } = canvasOf(640, 480);
  const chance = chanceFrom(20);
  const sky = pen.createLinearGradient(0, 0, 0, 480);
  sky.addColorStop(0, "#3f6fb5");
  sky.addColorStop(1, "#f3d9b1");
  pen.fillStyle = sky;
  pen.fillRect(0, 0, 640, 480);
  for (const [index, colour] of ["#7d93b2", "#5c7a6f", "#3f5f3f"].entries()) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.moveTo(0, 480);
    for (let x = 0; x <= 640; x += 32) pen.lineTo(x, 210 + index * 70 + chance() * 60);
    pen.lineTo(640, 480);
    pen.fill();
  }
  for (let tree = 0; tree < 60; tree++) {
    const x = chance() * 640;
    const foot = 400 + chance() * 75;
    const height = 30 + chance() * 50;
    pen.fillStyle = `hsl(${100 + chance() * 50} 40% ${15 + chance() * 25}%)`;
    pen.beginPath();
    pen.moveTo(x - height / 4, foot);
    pen.lineTo(x, foot - height);
    pen.lineTo(x + height / 4, foot);
    pen.fill();
  }
  return canvas.toDataURL("image/jpeg", 0.85);
}

/** Numbers from 0 to 1 that are the same each time. @param {number} seed */
function chanceFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
