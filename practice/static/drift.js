// The desk after a release of its makers: some of its classes, ids and attributes have other names. The page's own
// scripts go on saying the old ones, which are put right here; whoever reads the page from outside sees the new ones.
(() => {
  const names = JSON.parse(document.currentScript.dataset.names || "{}");
  if (!Object.keys(names).length) return;
  const back = Object.fromEntries(Object.entries(names).map(([old, now]) => [now, old]));
  const { setAttribute, getAttribute } = Element.prototype;
  const token = (word) => {
    const ending = `-${getAttribute.call(document.body, "data-build")}`;
    return names[`.${word.endsWith(ending) ? word.slice(0, -ending.length) : word}`] ?? word;
  };
  const attribute = (name) => names[`[${name}]`] ?? name;
  const value = (name, given) => {
    if (name === "class") return given.split(/\s+/).map(token).join(" ");
    return (name === "id" ? names[`#${given}`] : names[`[${name}="${given}"]`]) ?? given;
  };
  const selector = (css) =>
    css
      .replace(/\[class\*="([\w-]+)"\]/g, (all, word) => (names[`.${word}`] ? `.${names[`.${word}`]}` : all))
      .replace(/\[([\w-]+)(?:="([^"]*)")?\]/g, (_all, name, given) =>
        given === undefined ? `[${attribute(name)}]` : `[${attribute(name)}="${value(name, given)}"]`)
      .replace(/\.([A-Za-z_][\w-]*)/g, (_all, word) => `.${token(word)}`)
      .replace(/#([A-Za-z_][\w-]*)/g, (all, word) => (names[`#${word}`] ? `#${names[`#${word}`]}` : all));

  Element.prototype.setAttribute = function (name, given) {
    return setAttribute.call(this, attribute(name), value(name, String(given)));
  };
  const { set, get } = Object.getOwnPropertyDescriptor(Element.prototype, "className");
  Object.defineProperty(Element.prototype, "className", {
    get,
    set(given) { set.call(this, value("class", given)); },
  });
  for (const name of ["add", "remove", "toggle", "contains"]) {
    const was = DOMTokenList.prototype[name];
    DOMTokenList.prototype[name] = function (word, ...more) { return was.call(this, token(word), ...more); };
  }
  const data = (name) => "data-" + name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
  Object.defineProperty(HTMLElement.prototype, "dataset", {
    get() {
      return new Proxy({}, {
        get: (_all, name) => {
          const found = getAttribute.call(this, attribute(data(name)));
          const old = found === null ? undefined : back[found];
          return old?.startsWith(`[${data(name)}=`) ? old.split('"')[1] : found ?? undefined;
        },
        set: (_all, name, given) => { this.setAttribute(data(name), given); return true; },
      });
    },
  });

  // Only the page's own scripts say old names: a reader that looks from outside must not be helped.
  const own = () => new Error().stack.split("\n").some((line) => /\/static\/(?!drift\.js)/.test(line));
  const asking = { Element: ["closest", "matches"], Document: [], DocumentFragment: [] };
  for (const [kind, more] of Object.entries(asking)) {
    for (const name of ["querySelector", "querySelectorAll", ...more]) {
      const asked = window[kind].prototype[name];
      window[kind].prototype[name] = function (css) { return asked.call(this, own() ? selector(css) : css); };
    }
  }
  const restyle = (rules) => {
    for (const rule of rules) {
      if (rule.selectorText) rule.selectorText = selector(rule.selectorText);
      if (rule.cssRules?.length) restyle(rule.cssRules);
    }
  };
  addEventListener("load", () => { for (const sheet of document.styleSheets) restyle(sheet.cssRules); });
})();
