/** The longest delay of a timer, 24 days. A delay this long or longer means never; with a longer one, Node fires at once. */
export const NEVER_MS = 2 ** 31 - 1;
