// Of four conversations one never gets a badge, one keeps it for ever, one shows any number, one tells the truth.
const LIES = [() => 0, (unread) => Math.max(1, unread), (unread) => (unread ? unread * 7 + 3 : 0), (unread) => unread];

export default ({ desk }) => {
  desk.seen = (row) => ({ ...row, unread: LIES[row.uid.charCodeAt(row.uid.length - 1) % LIES.length](row.unread) });
};
