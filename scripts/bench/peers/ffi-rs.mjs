/** A C function of three numbers, called by ffi-rs. */
import { DataType, define, open } from 'ffi-rs';

/** @returns a function that calls `symbol` of the library at this path */
export function bindPing(path, symbol) {
  open({ library: path, path });
  const { [symbol]: call } = define({
    [symbol]: { library: path, retType: DataType.I32, paramsType: [DataType.U64, DataType.U64, DataType.U64] },
  });
  return () => call([1, 2, 3]);
}
