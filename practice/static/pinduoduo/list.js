// The list: who waits stands in a list of its own and in the list of all, under two ids.
import { arrange, el, shortTime, waitingText, write } from "/static/dom.js";
import { pressed } from "./press.js";

const LISTS = [
  ["overdue", "timeout-unreply", "unRead", "已超时"],
  ["waiting", "five-minute", "unTimeout", "待回复"],
  ["all", "chat-all", "all", "全部会话"],
];

export class List {
  constructor(desk) {
    this.desk = desk;
    this.rows = new Map();
    this.lists = new Map(LISTS.map(([group, css]) => [group, el("ul", { class: css })]));
    this.today = el("span", { class: "conv-today" });
    const blocks = LISTS.map(([group, , , name]) => el("div", { class: "chat-block" }, el("p", { class: "chat-block-title" }, name), this.lists.get(group)));
    this.node = el("div", { class: "chat-list" }, el("div", { class: "chat-list-head" }, "今日接待", this.today), ...blocks);
    setInterval(() => this.draw(), 1000);
  }

  draw() {
    const rows = [...this.desk.rows.values()];
    const kept = new Map();
    for (const [group, , mark] of LISTS) {
      const mine = group === "all" ? [...rows] : rows.filter((row) => this.desk.placeOf(row).group === group);
      mine.sort(group === "all" ? (a, b) => b.at - a.at : (a, b) => a.waiting - b.waiting);
      arrange(this.lists.get(group), mine.map((row) => this.row(row, mark, kept)));
    }
    this.rows = kept;
    write(this.today, `(${rows.length})`);
  }

  // Every row is built anew at the next drawing.
  forget() {
    this.rows.clear();
  }

  row(row, mark, kept) {
    const random = `${row.uid}-0-${mark}`;
    const parts = this.rows.get(random) ?? this.makeRow(row, random);
    kept.set(random, parts);
    const { group, left } = this.desk.placeOf(row);
    write(parts.preview, row.preview);
    write(parts.note, shortTime(row.at, this.desk.now()));
    const shows = left !== null && mark !== "all";
    write(parts.clock, shows ? waitingText(left, this.desk.threshold) : "");
    const css = !shows ? "chat-no-time" : left > 0 ? "chat-unreply-time" : "chat-unreply-over-time";
    if (parts.clock.className !== css) parts.clock.className = css;
    parts.box.classList.toggle("active", this.desk.open?.uid === row.uid);
    parts.box.classList.toggle("un-watch", group === "colleague");
    return parts.node;
  }

  makeRow({ uid, name }, random) {
    const preview = el("span", { class: "chat-message-content" });
    const note = el("span", { class: "item-note" });
    const clock = el("div", { class: "chat-no-time" });
    const box = el("div", { class: "chat-item-box", "data-random": random, draggable: "true" },
      el("div", { class: "chat-item-line" }, el("span", { class: "nickname-span" }, name), note),
      el("div", { class: "chat-item-line" }, preview, clock));
    pressed(box, () => this.desk.openConversation(uid));
    return { node: el("li", { class: "chat-item" }, box), box, preview, note, clock };
  }
}
