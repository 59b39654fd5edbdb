// The list: a block for each group, a headline that names it, rows under it.
import { arrange, el, shortTime, spell, write } from "/static/dom.js";

const GROUPS = [
  ["overdue", "message_group_name_overtime", "已超时"],
  ["waiting", "message_group_name_waitReply", "待回复"],
  ["replied", "message_group_name_replied", "已回复"],
  ["colleague", "message_group_name_other", "其他客服接待"],
];

export class List {
  constructor(desk, hashed) {
    this.desk = desk;
    this.hashed = hashed;
    this.rows = new Map();
    this.groups = new Map(GROUPS.map(([group, btm, name]) => [group, this.makeGroup(btm, name)]));
    const content = el("div", { class: "scroller_content" }, ...[...this.groups.values()].map(({ node }) => node));
    this.node = el("div", { id: "chantListScrollArea" }, el("div", { class: "scroller" }, content));
    setInterval(() => this.draw(), 1000);
  }

  makeGroup(btm, name) {
    const head = el("div", { "data-btm": btm, class: this.hashed("groupName") }, name);
    const rows = el("div", { class: this.hashed("groupRows") });
    return { node: el("div", { class: "list_items", hidden: true }, head, rows), rows };
  }

  draw() {
    const placed = new Map(GROUPS.map(([group]) => [group, []]));
    for (const row of this.desk.rows.values()) placed.get(this.desk.placeOf(row).group).push(row);
    for (const [group, rows] of placed) {
      const waits = group === "overdue" || group === "waiting";
      rows.sort(waits ? (a, b) => a.waiting - b.waiting : (a, b) => b.at - a.at);
      const { node, rows: holder } = this.groups.get(group);
      node.hidden = rows.length === 0;
      arrange(holder, rows.map((row) => this.row(row)));
    }
    for (const uid of this.rows.keys()) if (!this.desk.rows.has(uid)) this.rows.delete(uid);
  }

  // Every row is built anew at the next drawing.
  forget() {
    this.rows.clear();
  }

  row(row) {
    const parts = this.rows.get(row.uid) ?? this.makeRow(row);
    const { left } = this.desk.placeOf(row);
    write(parts.preview, row.preview);
    write(parts.timer, left === null ? shortTime(row.at, this.desk.now()) : timer(left));
    parts.node.classList.toggle(this.hashed("needReply"), row.waiting !== null);
    parts.node.classList.toggle(this.hashed("active"), this.desk.open?.uid === row.uid);
    parts.badge.hidden = !row.unread;
    write(parts.badge, row.unread ? String(Math.min(row.unread, 99)) : "");
    return parts.node;
  }

  makeRow({ uid, name }) {
    const { hashed } = this;
    const badge = el("sup", { class: `auxo-badge-count ${hashed("badge-count")}`, hidden: true });
    const preview = el("span", {});
    const timer = el("div", { class: hashed("timerParticular") });
    const node = el("div", {
      "data-kora": "conversation",
      "data-qa-id": "qa-conversation-chat-item",
      "data-id": uid,
      class: hashed("conversationCard"),
      onclick: () => this.desk.openConversation(uid),
    },
    el("div", { class: hashed("newAvatar") }, el("img", { alt: "头像", src: "/static/icons/chat.svg" }), badge),
    el("div", { class: hashed("cardBody") },
      el("div", { class: hashed("nameLine"), title: name }, el("span", { class: hashed("newNameContent") }, name)),
      el("div", { class: hashed("msgContent") }, preview)),
    timer);
    const parts = { node, badge, preview, timer };
    this.rows.set(uid, parts);
    return parts;
  }
}

const timer = (left) => (left > 0 ? spell(Math.ceil(left)) : `已超时${spell(Math.floor(-left))}`);
