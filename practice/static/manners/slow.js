// A conversation opens a while after it was pressed.
export default ({ desk }, chance) => {
  const open = desk.openConversation.bind(desk);
  desk.openConversation = (uid) => new Promise((done) => setTimeout(() => done(open(uid)), 200 + 800 * chance()));
};
