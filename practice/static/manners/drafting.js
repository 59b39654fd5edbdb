// Somebody at this page begins to write to the buyer whose conversation is open, thinks better of it, and takes it away.
const WORDS = "您好，我看一下";
const EVERY = 2500, STAYS = 1200;

export default ({ desk, thread }, chance) => {
  setInterval(() => {
    if (!thread.drawn.loaded || thread.text || chance() < 1 / 2) return;
    const { uid } = thread.drawn;
    thread.text = WORDS;
    setTimeout(() => {
      if (thread.drawn.uid === uid && thread.text === WORDS) thread.text = "";
      // Another conversation was opened meanwhile: the words were put aside for this one.
      if (desk.drafts.get(uid) === WORDS) desk.drafts.delete(uid);
    }, STAYS);
  }, EVERY);
};
