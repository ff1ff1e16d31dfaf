/**
 * Pictures that an element shows through its style. Reading a style makes the browser compute it where the page has
 * just changed, but lays nothing out; the callers read in small pieces, when the page has nothing to do.
 */

const OWN_PSEUDO_ELEMENTS = ["::before", "::after"];

/** Whether an element's style names a picture at all: quick, for elements that mostly have none. @param {Element} element */
const hasStyledPicture = (element) => stylesOf(element).some((style) => namesPicture(style));

/**
 * The addresses of the pictures that an element's style shows.
 * @param {Element} element @param {Size} box its size
 * @returns {string[]}
 */
const styledPictures = (element, box) =>
  stylesOf(element)
    .filter(namesPicture)
    .flatMap((style) => {
      const { backgroundImage: image, backgroundSize: size, backgroundPosition: position } = style;
      return [
        ...picturesOfBackground({ image, size, position }, box, devicePixelRatio),
        ...picturesOfContent(style.content, devicePixelRatio),
      ];
    });

/** @param {Element} element */
const stylesOf = (element) => {
  const own = getComputedStyle(element);
  if (!mayHavePseudoElements(element)) return [own];
  const pseudo = OWN_PSEUDO_ELEMENTS.map((name) => getComputedStyle(element, name));
  return [own, ...pseudo.filter(({ content }) => content !== "none" && content !== "normal")];
};

/** Without attributes an element is hardly ever what a style sheet puts a picture before or after. @param {Element} element */
const mayHavePseudoElements = (element) =>
  element instanceof HTMLElement && Element.prototype.hasAttributes.call(element) && !isMatch(element, ANY_PICTURE);

/** @param {CSSStyleDeclaration} style */
const namesPicture = ({ backgroundImage, content }) => /\burl\("/.test(backgroundImage) || /\burl\("/.test(content);
