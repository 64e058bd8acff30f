import { requireText } from '../options/require-text.js';

/** The file name of the library called `name`: `libweather.so` (Linux and other Unix), `libweather.dylib` (macOS), `weather.dll` (Windows). @throws LoadError ERR_OPTIONS */
export function libraryFilename(name: string, platform: NodeJS.Platform = process.platform): string {
  requireText('name', name);
  if (platform === 'win32') return `${name}.dll`;
  return platform === 'darwin' ? `lib${name}.dylib` : `lib${name}.so`;
}
