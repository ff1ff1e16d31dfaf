/** What the context menu was last opened on: the user may ask about that, whatever it is. */

const MOST_LOOKED_IN = 200; // pictures inside an element that lies under the pointer

class Pointer {
  /** @type {{x: number, y: number} | null} in CSS pixels of this frame */
  #at = null;
  /** @type {{key: string, origin: Origin} | null} */
  #asked = null;
  #frames = 0;

  begin() {
    addEventListener(
      "contextmenu",
      ({ clientX, clientY }) => {
        this.#at = { x: clientX, y: clientY };
      },
      { capture: true, passive: true },
    );
  }

  /** Where the picture came from that was named last. @param {string} key @returns {Origin | undefined} */
  originOf(key) {
    return this.#asked?.key === key ? this.#asked.origin : undefined;
  }

  /** @returns {FromPage} */
  describe() {
    const pixels_per_unit = devicePixelRatio;
    const shown = this.#at && pictureAt(this.#at);
    if (!shown) return { type: "under_pointer_is", picture: null, place: null, pixels_per_unit };
    const { box, element, source, natural, ...policy } = shown;
    // What is drawn is asked for as it is at that moment, also while it goes on changing.
    const name = source || `frame:${++this.#frames}`;
    const { width, height } = box;
    const picture = {
      ...documentPolicy(),
      ...asPicture({ element, source: name, width, height, nearness: 0, ...policy }),
    };
    this.#asked = { key: picture.key, origin: { source: name, element: new WeakRef(element) } };
    return { type: "under_pointer_is", picture, place: placeInTab(box), pixels_per_unit };
  }
}

/** @typedef {ShownPicture & {element: Element, box: DOMRect}} PictureThere source is empty for what is drawn */

/** The topmost picture at a point. @param {{x: number, y: number}} point @returns {PictureThere | null} */
const pictureAt = (point) => {
  for (const element of elementsAt(document, point)) {
    const [shown] = [...picturesOn(element), ...picturesInside(element, point)];
    if (shown) return shown;
  }
  return null;
};

/** @param {Document | ShadowRoot} root @param {{x: number, y: number}} point @returns {Element[]} the topmost first */
const elementsAt = (root, point) =>
  root.elementsFromPoint(point.x, point.y).flatMap((element) => {
    if (Node.prototype.getRootNode.call(element) !== root) return []; // a shadow root names what lies around it, too
    const inner = mayHaveRoot(element) ? shadowRootIn(element) : null;
    return inner ? [...elementsAt(inner, point), element] : [element];
  });

/** @param {Element} element @returns {PictureThere[]} */
const picturesOn = (element) => {
  const box = Element.prototype.getBoundingClientRect.call(element);
  const isLive = element instanceof HTMLCanvasElement || (element instanceof HTMLVideoElement && isPlayed(element));
  const shown = isLive ? [{ source: "", natural: null }] : shownBy(element, box, true);
  return shown.map((picture) => ({ ...picture, element, box }));
};

/** A video shows its poster until it is played. @param {HTMLVideoElement} video */
const isPlayed = (video) => !video.poster || video.played.length > 0 || video.currentTime > 0;

/** Pictures that let the pointer through are not among the elements under it.
 * @param {Element} element @param {{x: number, y: number}} point @returns {PictureThere[]}
 */
const picturesInside = (element, { x, y }) => {
  if (element === document.body || element === document.documentElement) return [];
  const pictures = [...allIn(element, `${ANY_PICTURE},video`)].slice(0, MOST_LOOKED_IN);
  return pictures
    .flatMap(picturesOn)
    .filter(({ box }) => box.left <= x && x <= box.right && box.top <= y && y <= box.bottom);
};

/** Where a box of this frame lies in the tab; null where a frame of another origin hides it.
 * @param {DOMRect} box @returns {Place | null}
 */
const placeInTab = ({ x, y, width, height }) => {
  const place = { x, y, width, height };
  /** @type {Window} */
  let inner = window;
  while (inner !== inner.top) {
    const frame = inner.frameElement;
    if (!frame) return null;
    const box = frame.getBoundingClientRect();
    place.x += box.x + frame.clientLeft;
    place.y += box.y + frame.clientTop;
    inner = inner.parent;
  }
  return place;
};
