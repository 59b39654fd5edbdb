"""A console that nobody has seen: the practice console with every name in its pages made up anew."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import string
from collections.abc import Iterator
from pathlib import Path

_PRACTICE = Path(__file__).resolve().parents[1] / "practice"
_WORD = re.compile(r"[a-z][a-z-]*[a-z]|[a-z]")
_ENDINGS = "shop buyer robot system text image card order recall refused done online offline busy".split()  # noqa: SIM905
# Where the page's own scripts say a name, they get the made up one instead; what is not among NAMES stays.
_SHIM = """(() => {
  const NAMES = %s;
  const back = Object.fromEntries(Object.entries(NAMES).map(([old, now]) => [now, old]));
  const renamed = (word) => (Object.hasOwn(NAMES, word) ? NAMES[word] : word);
  const attribute = (name) => (name.startsWith("data-") ? "data-" + renamed(name.slice(5)) : name);
  const key = (name) => "data-" + name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
  const { setAttribute } = Element.prototype, { querySelector } = Document.prototype;
  Element.prototype.setAttribute = function (name, value) {
    let now = value;
    if (name === "class") now = String(value).split(" ").map(renamed).join(" ");
    if (name === "id" || name.startsWith("data-")) now = renamed(String(value));
    return setAttribute.call(this, attribute(name), now);
  };
  Document.prototype.querySelector = function (css) {
    return querySelector.call(this, css.replace(/^\\.([a-z-]+)$/, (_all, name) => "." + renamed(name)));
  };
  for (const name of ["add", "remove", "toggle", "contains"]) {
    const was = DOMTokenList.prototype[name];
    DOMTokenList.prototype[name] = function (word, ...more) { return was.call(this, renamed(word), ...more); };
  }
  Object.defineProperty(HTMLElement.prototype, "dataset", {
    get() {
      return new Proxy({}, {
        get: (_all, name) => {
          const value = this.getAttribute(attribute(key(name)));
          return back[value] ?? value ?? undefined;
        },
        set: (_all, name, value) => { this.setAttribute(key(name), value); return true; },
      });
    },
  });
})();
"""


class Unseen:
    """The console's files in `folder`, renamed; `names`: what became of each."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(_PRACTICE, folder / "practice", ignore=shutil.ignore_patterns("__pycache__"))
        self._static = folder / "practice/static"
        self.names = dict(_made(self._words()))
        self._rewrite()
        self._rename_form(folder / "practice/web.py")

    def css(self, css: str) -> str:
        """A selector of the plain console, as it has to be here."""
        return re.sub(r"([.#]|\[data-)([a-z-]+)", lambda found: found[1] + self.names[found[2]], css)

    def _words(self) -> set[str]:
        texts = [
            path.read_text("utf-8") for path in self._static.rglob("*") if path.suffix in (".js", ".css", ".html")
        ]
        words = {word for text in texts for word in _WORD.findall(text)}
        return words | {f"{start}-{end}" for start in ("from", "kind", "is") for end in _ENDINGS}

    def _rewrite(self) -> None:
        shim = _SHIM % json.dumps(self.names)
        (self._static / "names.js").write_text(shim, "utf-8")
        sheet = self._static / "plain/view.css"
        sheet.write_text(self._in_sheet(sheet.read_text("utf-8")), "utf-8")
        desk = self._static / "desk.html"
        page = desk.read_text("utf-8").replace(
            '<link rel="icon"', '<script src="/static/names.js"></script><link rel="icon"'
        )
        page = re.sub(r"\bdata-([a-z-]+)=", lambda found: f"data-{self.names[found[1]]}=", page)
        desk.write_text(page, "utf-8")
        form = self._static / "plain/login.html"
        form.write_text(re.sub(r'\b(class|id|name)="([^"]+)"', self._in_markup, form.read_text("utf-8")), "utf-8")

    def _in_markup(self, found: re.Match[str]) -> str:
        return f'{found[1]}="{" ".join(self.names.get(word, word) for word in found[2].split())}"'

    def _in_sheet(self, text: str) -> str:
        text = re.sub(
            r"\[data-([a-z-]+)=\"([a-z]+)\"\]",
            lambda found: f'[data-{self.names[found[1]]}="{self.names[found[2]]}"]',
            text,
        )
        return re.sub(r"(?<![\w%])\.([a-z][a-z-]*)", lambda found: "." + self.names[found[1]], text)

    def _rename_form(self, server: Path) -> None:
        text = server.read_text("utf-8")
        old = '("user", "password")'
        assert old in text
        server.write_text(text.replace(old, f'("{self.names["user"]}", "{self.names["password"]}")'), "utf-8")


def _made(words: set[str]) -> Iterator[tuple[str, str]]:
    """For each word one that means nothing, some with digits, as build tools make them."""
    taken: set[str] = set(words)
    for word in sorted(words):
        made = word
        while made in taken:
            made = secrets.choice(string.ascii_lowercase) + "".join(
                secrets.choice(string.ascii_lowercase + string.digits) for _ in range(6)
            )
        taken.add(made)
        yield word, made
