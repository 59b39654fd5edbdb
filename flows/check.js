// Counts what each selector of a pack finds, through the reader's own eyes, and copies the page without its words.
({ probes, words = [] }, eyes = window.__nightdesk) => {
  const shown = (el) => el.checkVisibility({ visibilityProperty: true });
  const read = eyes.read();
  const root = eyes.threadRoot();
  const open = eyes.openId(root);
  const fill = (css) => (open === null ? eyes.anyId(css) : css.replaceAll("{id}", CSS.escape(open)));
  const some = (from, list) => {
    for (const css of list) {
      const found = Array.from(from.querySelectorAll(fill(css)));
      if (found.length) return found;
    }
    return [];
  };
  const inboxRoot = eyes.first(eyes.base(), eyes.pack.inbox.root);
  const holders = {
    page: [eyes.base()],
    row: inboxRoot ? some(inboxRoot, eyes.pack.inbox.row) : [],
    message: root ? some(root, eyes.pack.thread.message) : [],
  };
  const count = (css, within) => {
    const wanted = fill(css);
    if (within === "page") return Array.from(eyes.base().querySelectorAll(wanted)).filter(shown).length;
    return holders[within].filter((el) => el.matches(wanted) || el.querySelector(wanted)).length;
  };

  // --- a copy without words: the length of each text and the kind of its characters stay --------------------
  const MOST = 400;
  const blur = (text) =>
    text
      .slice(0, MOST)
      .replace(/\p{Script=Han}/gu, "汉")
      .replace(/\p{Lu}/gu, "A")
      .replace(/[^汉A\P{L}]/gu, "a")
      .replace(/\p{N}/gu, "9")
      .replace(/\p{Extended_Pictographic}/gu, "☺");
  const KEPT =
    /^(class|id|for|role|type|tabindex|hidden|disabled|contenteditable|(data|aria)-(state|status|group|kind|type|hidden|pressed|expanded|selected))$/;
  // A class or an id may hold a buyer's number or name: what is long enough, or known to be one, is blurred too.
  const people = [...words, open, ...(read.inbox ?? []).flatMap((row) => row.slice(0, 2))].filter((word) => word?.length > 1);
  const blurNumbers = (text) =>
    people.reduce((kept, word) => kept.replaceAll(word, blur(word)), text).replace(/\d{5,}/g, (digits) => "9".repeat(digits.length));
  const GONE = /^(script|style|link|meta|base|noscript|template|iframe)$/i;
  const blurElement = (el, original) => {
    for (const { name, value } of Array.from(el.attributes)) {
      if (KEPT.test(name)) el.setAttribute(name, blurNumbers(value));
      else if (/^(href|src|srcset|style|srcdoc|d|action)$/.test(name) || name.startsWith("on")) el.removeAttribute(name);
      else el.setAttribute(name, blur(value));
    }
    if (!shown(original)) el.hidden = true; // the styles that hid it do not come along
    const originals = original.childNodes;
    Array.from(el.childNodes).forEach((child, place) => {
      if (child.nodeType === 3) child.data = blur(child.data);
      else if (child.nodeType !== 1 || GONE.test(child.tagName)) child.remove();
      else blurElement(child, originals[place]);
    });
  };
  const blurred = () => {
    const clone = document.documentElement.cloneNode(true);
    blurElement(clone, document.documentElement);
    return `<!DOCTYPE html><meta charset="utf-8">\n${clone.outerHTML}`;
  };

  return {
    counts: Object.fromEntries(probes.map(({ key, css, within }) => [key, css.map((one) => count(one, within))])),
    rows: read.inbox,
    thread: read.thread,
    signals: read.signals,
    open,
    copy: blurred(),
  };
};
