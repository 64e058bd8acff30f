/** `aisopod_host` is Host. */
export const structName = (name) => name.replace('aisopod_', '').replace(/^./, (first) => first.toUpperCase());
