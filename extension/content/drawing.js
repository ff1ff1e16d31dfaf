/** Draws what the page shows on a canvas of our own, which no page sees. */

const MOST_DRAWN_PIXELS = 2_000_000; // larger pictures are drawn smaller: nothing that is compared needs more
const MOST_LOSSLESS_PIXELS = 500_000;
const DRAWN_QUALITY = 0.95;

/** @typedef {HTMLImageElement | HTMLCanvasElement | HTMLVideoElement} Drawable */

/** @param {Element} element @returns {element is Drawable} */
const isDrawable = (element) =>
  element instanceof HTMLImageElement || element instanceof HTMLCanvasElement || element instanceof HTMLVideoElement;

/** @param {Drawable} drawable @returns {Size} zero while there are no pixels */
const pixelsOf = (drawable) => {
  if (drawable instanceof HTMLImageElement) return { width: drawable.naturalWidth, height: drawable.naturalHeight };
  if (drawable instanceof HTMLCanvasElement) return { width: drawable.width, height: drawable.height };
  const isShowing = drawable.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  return isShowing ? { width: drawable.videoWidth, height: drawable.videoHeight } : { width: 0, height: 0 };
};

/** @param {Drawable} drawable @returns {Promise<Blob | NotGiven>} a PNG, or a JPEG on white where a PNG would be large */
const drawnCopyOf = async (drawable) => {
  // Outside of a frame of animation, what WebGL drew is gone.
  if (drawable instanceof HTMLCanvasElement && document.visibilityState === "visible") await nextFrame();
  const { width, height } = pixelsOf(drawable);
  if (width === 0 || height === 0) return "not_loaded";
  const scale = Math.min(1, Math.sqrt(MOST_DRAWN_PIXELS / (width * height)));
  const copy = new OffscreenCanvas(Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale)));
  const context = copy.getContext("2d");
  if (!context) return "not_loaded";
  const isLossless = copy.width * copy.height <= MOST_LOSSLESS_PIXELS;
  if (!isLossless) {
    context.fillStyle = "white";
    context.fillRect(0, 0, copy.width, copy.height);
  }
  context.imageSmoothingQuality = "high";
  try {
    context.drawImage(drawable, 0, 0, copy.width, copy.height);
    return await copy.convertToBlob(
      isLossless ? { type: "image/png" } : { type: "image/jpeg", quality: DRAWN_QUALITY },
    );
  } catch (error) {
    return error instanceof DOMException && error.name === "SecurityError" ? "tainted" : "not_loaded";
  }
};

/** @returns {Promise<unknown>} */
const nextFrame = () => new Promise((done) => requestAnimationFrame(done));
