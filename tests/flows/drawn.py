"""A console's page drawn as a tree of elements, and what a reader with the stage's pack sees of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flows.pack import Pack
from flows.portrait import Sight, spots
from flows.tree import Node, Tree
from tests.flows.stage import pack_for

WORDS = (
    "root row mark clock name preview thread msg buyer shop robot system body drop failed image card recall",
    "input send toast cover dismiss field secret enter",
)
NAMES = {word: word for words in WORDS for word in words.split()}
PACK = pack_for(NAMES)
ROWS = (("u1001", "王小明", "在吗", "2"), ("u1002", "Li Lei", "几时发货", None), ("u1003", "晨晨", "谢谢", None))
SAID = (("m1001", "buyer", "在吗"), ("m1002", "shop", "在的"), ("m1003", "buyer", "几时发货"))


class Page:
    """A page drawn as a tree, with what each class finds; `names`: other names for some of its classes."""

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self.names = names or {}
        self.nodes: list[Node] = []
        self.held: dict[str, list[int]] = {"row": [], "message": [], "order": [], "product": []}
        html = self.add("html", -1)
        body = self.add("body", html, box=(0, 0, 1000, 700))
        root = self.add("div", body, "root", box=(0, 0, 300, 700))
        for at, (key, name, preview, unread) in enumerate(ROWS):
            row = self.add("div", root, "row", {"data-k": key}, box=(0, 60 * at, 300, 60))
            self.held["row"].append(row)
            self.add("b", row, "name", text=name, box=(10, 60 * at, 100, 20))
            self.add("span", row, "preview", text=preview, box=(10, 60 * at + 30, 200, 20))
            if unread:
                self.add("i", row, "mark", text=unread, box=(270, 60 * at, 20, 20))
        thread = self.add("section", body, "thread", {"data-k": "u1001"}, box=(300, 0, 700, 700))
        self._fill(thread)

    def _fill(self, thread: int) -> None:
        for at, (key, sender, text) in enumerate(SAID):
            left = 310 if sender == "buyer" else 690
            said = self.add("p", thread, f"msg {sender}", {"data-m": key}, box=(left, 40 * at, 300, 40))
            self.held["message"].append(said)
            self.add("span", said, "body", text=text, box=(left, 40 * at, 300, 40))
        self.add("textarea", thread, "input", box=(300, 600, 600, 80))
        self.add("button", thread, "send", text="发送", box=(900, 600, 90, 40))

    def add(
        self,
        tag: str,
        parent: int,
        names: str = "",
        attrs: Mapping[str, str] | None = None,
        *,
        text: str = "",
        box: tuple[float, float, float, float] = (0, 0, 10, 10),
    ) -> int:
        shown = {self.names.get(f"[{name}]", name): value for name, value in (attrs or {}).items()}
        if names:
            shown["class"] = " ".join(self.names.get(f".{name}", name) for name in names.split())
        self.nodes.append(Node(tag=tag, parent=parent, attrs=shown, text=text, box=box))
        return len(self.nodes) - 1

    def sight(self, pack: Pack = PACK) -> Sight:
        """What a reader with this pack sees."""
        tree = Tree(self.nodes)
        found = {spot.key: [self._found(css) for css in spot.css] for spot in spots(pack)}
        rows = self.held["row"] if any(found["inbox.row"]) and any(found["inbox.root"]) else []
        held = self.held if any(found["thread.message"]) else self.held | {"message": []}
        return Sight(
            tree=tree,
            found=found,
            held=held | {"row": rows},
            rows=[
                (self.nodes[at].attrs.get("data-k"), *row[1:3], None, row[3])
                for at, row in zip(rows, ROWS, strict=False)
            ],
            messages=[
                (self.nodes[at].attrs.get("data-m"), self._sender(at, found), "text", said[2], "09:41")
                for at, said in zip(held["message"], SAID, strict=False)
            ],
            facts={},
            open_id="u1001",
            signals=frozenset({"logged_in"}),
        )

    def _sender(self, at: int, found: Mapping[str, Sequence[Sequence[int]]]) -> str | None:
        return next((name for name in ("buyer", "shop") if at in found[f"thread.{name}"][0]), None)

    def _found(self, css: str) -> list[int]:
        return [at for at, node in enumerate(self.nodes) if css.removeprefix(".") in node.classes]
