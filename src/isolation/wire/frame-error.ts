/** The peer sent an invalid frame. `message` completes "the peer sent …". */
export class FrameError extends Error {}
