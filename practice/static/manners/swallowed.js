// The first press on a conversation only chooses it; the second opens it.
export default ({ desk }) => {
  const open = desk.openConversation.bind(desk);
  let chosen = null;
  desk.openConversation = async (uid) => {
    const again = chosen === uid;
    chosen = again ? null : uid;
    return again ? open(uid) : undefined;
  };
};
