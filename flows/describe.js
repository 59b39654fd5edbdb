// Describes a document for the choice of selectors: every element in its order as
// [tag, parent, attributes, own text, shown, box], which of them a CSS selector finds, and which one is meant.
// Reads only. Given an element or a selector, or neither. `within`: a shadow root to describe in place of the document;
// `asked`: elements whose numbers are wanted, -1 for those that are not described.
({ css = null, element = null, within = document, asked = [] }) => {
  const MOST = 20000, MOST_TEXT = 200;
  const SKIPPED = /^(script|style|link|meta|head|noscript|template)$/i;
  const elements = [], nodes = [];
  const walk = (el, parent) => {
    if (elements.length >= MOST || SKIPPED.test(el.tagName) || el.hasAttribute("data-nightdesk-bar")) return;
    const own = elements.push(el) - 1;
    const text = Array.from(el.childNodes, (node) => (node.nodeType === 3 ? node.data : " ")).join("");
    const { left, top, width, height } = el.getBoundingClientRect();
    nodes.push([
      el.localName, parent,
      Object.fromEntries(Array.from(el.attributes, ({ name, value }) => [name, value.slice(0, MOST_TEXT)])),
      text.replace(/\s+/g, " ").trim().slice(0, MOST_TEXT),
      el.checkVisibility({ visibilityProperty: true }),
      [left, top, width, height].map(Math.round),
    ]);
    for (const child of el === within.host ? within.children : el.children) walk(child, own);
  };
  walk(within.host ?? document.documentElement, -1);
  const numbers = new Map(elements.map((el, number) => [el, number]));
  let found = null;
  if (css !== null) {
    try {
      found = Array.from(document.querySelectorAll(css), (el) => elements.indexOf(el)).filter((at) => at >= 0);
    } catch {
      found = null;
    }
  }
  const frames = [];
  for (let view = window; view !== view.parent && view.frameElement; view = view.parent) {
    const { id, name, title, className } = view.frameElement;
    const source = view.frameElement.getAttribute("src") ?? "";
    frames.unshift({ id, name, title, class: className, src: source });
  }
  return {
    nodes, found, frames,
    at: numbers.get(element) ?? -1,
    asked: asked.map((el) => numbers.get(el) ?? -1),
    title: document.title,
    url: location.href,
  };
};
