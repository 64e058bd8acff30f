/** Cuts a stream into messages. Each has its length before it, four bytes, little-endian. */
export function messagesOf(stream, take) {
  let chunks = [];
  let received = 0;
  let wanted = 4;
  stream.on('data', (chunk) => {
    chunks.push(chunk);
    received += chunk.length;
    if (received < wanted) return;
    let bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    while (bytes.length >= 4 && bytes.length >= bytes.readUInt32LE() + 4) {
      const end = bytes.readUInt32LE() + 4;
      take(bytes, end);
      bytes = bytes.subarray(end);
    }
    chunks = [bytes];
    received = bytes.length;
    wanted = bytes.length < 4 ? 4 : bytes.readUInt32LE() + 4;
  });
}
