// The list of conversations: rows are kept and changed in place, so that 500 of them stay cheap.
import { avatar, el, iso, shortTime, waitingText, write } from "/static/dom.js";

const GROUPS = { overdue: "已超时", waiting: "待回复", replied: "已回复", colleague: "同事接待" };

export class List {
  constructor(desk) {
    this.desk = desk;
    this.rows = new Map();
    this.groups = new Map(Object.entries(GROUPS).map(([group, name]) => [group, this.makeGroup(group, name)]));
    this.summary = el("span", { class: "inbox-summary" });
    const head = el("div", { class: "inbox-head" }, el("strong", {}, "会话"), this.summary);
    const scroll = el("div", { class: "inbox-scroll" }, ...[...this.groups.values()].map((group) => group.node));
    this.node = el("aside", { class: "inbox" }, head, scroll);
    setInterval(() => this.tick(), 1000);
  }

  makeGroup(group, name) {
    const number = el("span", { class: "group-count" });
    const rows = el("div", { class: "rows" });
    const node = el("section", { class: "group", "data-group": group, hidden: true }, el("h3", { class: "group-title" }, name, number), rows);
    return { node, rows, number };
  }

  draw() {
    for (const [uid, { node }] of this.rows) {
      if (this.desk.rows.has(uid)) continue;
      node.remove();
      this.rows.delete(uid);
    }
    const placed = new Map(Object.keys(GROUPS).map((group) => [group, []]));
    for (const row of this.desk.rows.values()) placed.get(this.desk.placeOf(row).group).push(row);
    for (const [group, rows] of placed) {
      const waits = group === "overdue" || group === "waiting";
      rows.sort(waits ? (a, b) => a.waiting - b.waiting : (a, b) => b.at - a.at);
      this.drawGroup(this.groups.get(group), group, rows);
    }
    const waiting = placed.get("overdue").length + placed.get("waiting").length;
    this.summary.textContent = waiting ? `${waiting} 位买家在等` : "全部已回复";
    this.summary.classList.toggle("is-waiting", waiting > 0);
  }

  // Every row is built anew at the next drawing.
  forget() {
    for (const { node } of this.rows.values()) node.remove();
    this.rows.clear();
  }

  drawGroup({ node, rows: holder, number }, group, rows) {
    node.hidden = rows.length === 0;
    number.textContent = rows.length;
    let place = holder.firstElementChild;
    for (const row of rows) {
      const own = this.drawRow(row, group);
      if (own === place) place = place.nextElementSibling;
      else holder.insertBefore(own, place);
    }
  }

  drawRow(row, group) {
    const parts = this.rows.get(row.uid) ?? this.makeRow(row);
    const { node } = parts;
    if (node.dataset.group !== group) node.dataset.group = group;
    const open = this.desk.open?.uid === row.uid;
    if (node.classList.contains("is-open") !== open) node.classList.toggle("is-open", open);
    if (parts.row !== row) {
      write(parts.name, row.name);
      write(parts.preview, row.preview);
      write(parts.time, shortTime(row.at, this.desk.now()));
      parts.time.setAttribute("datetime", iso(row.at));
      this.mark(parts, "unread", "row-unread", row.unread ? String(Math.min(row.unread, 99)) : null);
      parts.row = row;
    }
    this.drawClock(parts);
    return node;
  }

  drawClock(parts) {
    const { left } = this.desk.placeOf(parts.row);
    this.mark(parts, "clock", "row-clock", left === null ? null : waitingText(left, this.desk.threshold));
    const hurry = left !== null && left < 60;
    if (parts.clock && parts.clock.classList.contains("is-urgent") !== hurry) parts.clock.classList.toggle("is-urgent", hurry);
  }

  // A mark that is there only while it says something.
  mark(parts, name, css, text) {
    if (text === null) {
      parts[name]?.remove();
      parts[name] = null;
    } else if (!parts[name]) {
      parts[name] = el("span", { class: css }, text);
      parts.marks.append(parts[name]);
    } else {
      write(parts[name], text);
    }
  }

  makeRow(row) {
    const name = el("span", { class: "row-name" });
    const time = el("time", { class: "row-time" });
    const preview = el("span", { class: "row-preview" });
    const marks = el("span", { class: "row-marks" });
    const node = el("div", { class: "row", "data-uid": row.uid, role: "button", onclick: () => this.desk.openConversation(row.uid) },
      avatar(row.uid, row.name),
      el("div", { class: "row-body" },
        el("div", { class: "row-line" }, name, time), el("div", { class: "row-line" }, preview, marks)));
    const parts = { node, name, time, preview, marks, clock: null, unread: null, row: null };
    this.rows.set(row.uid, parts);
    return parts;
  }

  tick() {
    let moved = false;
    for (const parts of this.rows.values()) {
      if (parts.row.waiting === null) continue;
      if (this.desk.placeOf(parts.row).group !== parts.node.dataset.group) moved = true;
      else this.drawClock(parts);
    }
    if (moved) this.draw();
  }
}
