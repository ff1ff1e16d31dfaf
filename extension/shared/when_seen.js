/** Work that waits until somebody sees what it is for. */

const EARLY = "25% 0px"; // of the window: it is there when it comes into view

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      target.dispatchEvent(new Event("seen"));
    }
  },
  { rootMargin: EARLY },
);

/** @param {Element} element @param {() => void} work done once, when the element is scrolled into view */
export function whenSeen(element, work) {
  element.addEventListener("seen", work, { once: true });
  observer.observe(element);
}
