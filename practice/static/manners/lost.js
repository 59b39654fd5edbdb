// Of seven presses on a conversation one does nothing.
export default ({ desk }, chance) => {
  const open = desk.openConversation.bind(desk);
  desk.openConversation = async (uid) => (chance() < 1 / 7 ? undefined : open(uid));
};
