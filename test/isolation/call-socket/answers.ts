import { ANSWER, AnswerKind, ANSWER_HEADER_BYTES, paddedTo4 } from '../../../src/isolation/wire/call-socket/layout.js';

export interface TestAnswer {
  readonly slot: number;
  readonly kind?: number;
  readonly status?: number;
  readonly format?: number;
  /** Default: that of the text. */
  readonly length?: number;
  readonly sent?: number;
  readonly text?: string;
}

/** The bytes of an answer, as a child sends it or should not. */
export function answerFrame({ slot, kind = AnswerKind.lent, status = 1, format = 1, sent = 0, text = '', length }: TestAnswer): Buffer {
  const bytes = Buffer.from(text);
  const frame = Buffer.alloc(ANSWER_HEADER_BYTES + paddedTo4(bytes.length));
  const words: Record<number, number> = {
    [ANSWER.slot]: (slot | (kind << 16)) >>> 0,
    [ANSWER.status]: status >>> 0,
    [ANSWER.format]: format >>> 0,
    [ANSWER.length]: (length ?? bytes.length) >>> 0,
    [ANSWER.sent]: sent >>> 0,
  };
  for (const [index, value] of Object.entries(words)) frame.writeUInt32LE(value, Number(index) * 4);
  bytes.copy(frame, ANSWER_HEADER_BYTES);
  return frame;
}
