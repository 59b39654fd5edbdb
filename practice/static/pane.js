// The open conversation, whatever its markup: a dialect says how things look, this says what is drawn when.
// A dialect gives `frame(thread)` (sets `list`, `scroller`, `input` and returns the nodes), `head(row, thread)`,
// `message(message)`, and `opened(thread)` once the messages are there.
import { arrange } from "/static/dom.js";

export class Pane {
  constructor(desk, node) {
    this.desk = desk;
    this.node = node;
    this.drawn = { uid: null, loaded: false, nodes: new Map() };
  }

  get text() {
    return this.input.value;
  }

  set text(text) {
    this.input.value = text;
  }

  draw() {
    const thread = this.desk.open;
    if (!thread) return;
    if (this.drawn.uid !== thread.uid) this.begin(thread);
    this.head(this.desk.rows.get(thread.uid), thread);
    if (!thread.loaded) return;
    this.drawMessages(thread);
    if (this.drawn.loaded) return;
    this.drawn.loaded = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.opened(thread);
    this.input.focus();
  }

  begin(thread) {
    if (this.drawn.uid !== null) this.desk.drafts.set(this.drawn.uid, this.text);
    this.drawn = { uid: thread.uid, loaded: false, nodes: new Map() };
    this.node.replaceChildren(...this.frame(thread));
    this.text = this.desk.drafts.get(thread.uid) ?? "";
  }

  drawMessages(thread) {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const old = this.drawn.nodes;
    this.drawn.nodes = new Map();
    const nodes = thread.messages.map((message) => {
      const known = old.get(message.id);
      const shape = `${message.kind}${message.failed ?? ""}`;
      const node = known?.shape === shape ? known.node : this.message(message);
      this.drawn.nodes.set(message.id, { node, shape });
      return node;
    });
    arrange(this.list, nodes);
    if (scrollHeight - scrollTop - clientHeight < 80) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  async submit() {
    const { text, input } = this;
    if (!text.trim() || !this.desk.open?.loaded) return;
    this.text = "";
    const gone = await this.desk.send(text, this.drawn.nodes);
    if (!gone && this.input === input && !this.text) this.text = text;
  }
}
