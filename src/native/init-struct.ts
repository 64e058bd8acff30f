import { Buffer } from 'node:buffer';
import { LAYOUTS } from '../abi/layouts.js';
import { addressOf, ownBuffer, type Address } from '../library/index.js';

export interface InitValues {
  readonly host: Address;
  readonly config: string;
  readonly dataDir: string;
  readonly hostVersion: string;
}

/** An `aisopod_init` and everything that it points to, in one buffer. The caller must keep it until native code has returned. */
export function initStruct(values: InitValues): { readonly buffer: Buffer; readonly address: Address } {
  const { members, size } = LAYOUTS.aisopod_init;
  const texts = [values.config, values.dataDir, values.hostVersion].map((text) => Buffer.from(`${text}\0`));
  const buffer = ownBuffer(size + texts.reduce((sum, text) => sum + text.length, 0));
  const address = addressOf(buffer);
  let end = size;
  const [config, dataDir, hostVersion] = texts.map((text) => {
    const at = address + end;
    text.copy(buffer, end);
    end += text.length;
    return at;
  });
  buffer.writeUInt32LE(size, members.size.offset);
  buffer.writeBigUInt64LE(BigInt(values.host), members.host.offset);
  buffer.writeBigUInt64LE(BigInt(config ?? 0), members.config.offset);
  buffer.writeBigUInt64LE(BigInt(Buffer.byteLength(values.config)), members.config_length.offset);
  buffer.writeBigUInt64LE(BigInt(dataDir ?? 0), members.data_dir.offset);
  buffer.writeBigUInt64LE(BigInt(hostVersion ?? 0), members.host_version.offset);
  return { buffer, address };
}
