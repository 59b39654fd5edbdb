// A virtual list: only the rows in sight, and a few around them, are in the page.
import { arrange, el, shortTime, spell, write } from "/static/dom.js";

const ROW = 64, HEAD = 28, AROUND = 2 * ROW;

export class List {
  constructor(desk) {
    this.desk = desk;
    this.nodes = new Map();
    this.content = el("div", { class: "c_stream-content" });
    this.stream = el("div", { class: "c_stream", onscroll: () => this.show() }, this.content);
    const tab = (title, css) => el("div", { class: `c_tabs-tab ${css}`, title }, title);
    this.node = el("div", { id: "t-alluser-wrap" }, el("div", { class: "c_tabs" },
      el("div", { class: "c_tabs-nav-container" }, tab("正在咨询", "c_tabs-tab_check"), tab("历史咨询", "")),
      el("div", { class: "c_tabs-content" }, el("div", { class: "c_tabs-tabpane" }, this.stream), el("div", { class: "c_tabs-tabpane c_tabs-tab_inactive" }))));
    this.items = [];
    setInterval(() => this.show(), 1000);
    addEventListener("resize", () => this.show());
  }

  draw() {
    const rows = [...this.desk.rows.values()].sort((a, b) => b.at - a.at);
    const mine = rows.filter((row) => this.desk.placeOf(row).group !== "colleague");
    const others = rows.filter((row) => this.desk.placeOf(row).group === "colleague");
    const items = [{ head: `正在咨询(${mine.length})` }, ...mine.map((row) => ({ row })), { head: `最近联系人(${others.length})` }, ...others.map((row) => ({ row }))];
    let top = 0;
    for (const item of items) {
      item.top = top;
      top += item.row ? ROW : HEAD;
    }
    this.items = items;
    this.content.style.height = `${top}px`;
    this.show();
  }

  show() {
    const { scrollTop, clientHeight } = this.stream;
    const near = ({ top }) => top > scrollTop - AROUND && top < scrollTop + clientHeight + AROUND;
    const kept = new Map();
    arrange(this.content, this.items.filter(near).map((item) => this.item(item, kept)));
    this.nodes = kept;
  }

  // Every row is built anew at the next drawing.
  forget() {
    this.nodes.clear();
  }

  item({ head, row, top }, kept) {
    const key = head ? head.replace(/\d+/, "") : row.uid;
    const parts = this.nodes.get(key) ?? (head ? { node: el("div", { class: "c_cas-head" }) } : this.makeRow(row));
    kept.set(key, parts);
    const place = `translateY(${top}px)`;
    if (parts.node.style.transform !== place) parts.node.style.transform = place;
    if (head) write(parts.node, head);
    else this.fillRow(parts, row);
    return parts.node;
  }

  fillRow(parts, row) {
    const { left } = this.desk.placeOf(row);
    write(parts.preview, row.preview);
    write(parts.date, shortTime(row.at, this.desk.now()));
    parts.item.classList.toggle("alluser-item_check", this.desk.open?.uid === row.uid);
    if (left === null) {
      parts.timer?.remove();
      parts.timer = null;
      return;
    }
    if (!parts.timer) parts.brief.append((parts.timer = el("span", { class: "user-none-reply-t" })));
    write(parts.timer, `未回复${spell(Math.max(0, Math.floor(this.desk.threshold - left)))}`);
  }

  makeRow({ uid, name }) {
    const preview = el("span", { class: "alluser-item-breifdesc over-elps" });
    const date = el("div", { class: "alluser-item-date-w" });
    const brief = el("div", { class: "alluser-item-breifmsg-w" }, preview);
    const item = el("div", { class: "alluser-item t-item-h alluser-item__normal", id: `u_${uid}imcustomer_${this.desk.shop}`, onclick: () => this.desk.openConversation(uid) },
      el("img", { class: "alluser-item-avatar", src: "/static/icons/chat.svg", alt: "" }),
      el("div", { class: "alluser-item-brief-w" },
        el("div", { class: "alluser-item-brief" }, el("span", { class: "alluser-item-name over-elps", title: name }, name), date),
        brief));
    return { node: el("div", { class: "c_stream-item-w" }, item), item, preview, date, brief, timer: null };
  }
}
