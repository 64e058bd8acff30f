import type { Program } from './toolchain.js';
import { CARGO, CC, CC_FOR_CGO, CMAKE, CXX, GO, ZIG } from './toolchain.js';

/** What `new` knows of a language. Its files are in templates/<name>; `kinds/<kind>` becomes `source`. */
export interface Language {
  readonly title: string;
  readonly source: string;
  /** Of the package, copied into kit/. */
  readonly kit: readonly string[];
  /** `npm run build`. */
  readonly build: string;
  readonly programs: readonly Program[];
  /** Steps of the CI workflow that install the toolchain, if the runners do not have it. */
  readonly setup: string;
}

const HEADERS = ['include/aisopod/plugin.h', 'include/aisopod/json.h'];
const CMAKE_PACKAGE = ['cmake/aisopod-plugin-config.cmake', 'cmake/aisopod_add_plugin.cmake'];
const CMAKE_BUILD = 'cmake -S . -B build && cmake --build build --config Release';

export const LANGUAGES = {
  c: { title: 'C', source: 'src/plugin.c', kit: [...HEADERS, ...CMAKE_PACKAGE], build: CMAKE_BUILD, programs: [CMAKE, CC], setup: '' },
  cpp: {
    title: 'C++',
    source: 'src/plugin.cpp',
    kit: [...HEADERS, 'include/aisopod/plugin.hpp', ...CMAKE_PACKAGE],
    build: CMAKE_BUILD,
    programs: [CMAKE, CXX],
    setup: '',
  },
  rust: { title: 'Rust', source: 'src/lib.rs', kit: ['sdk/rust'], build: 'node build.mjs', programs: [CARGO], setup: '' },
  zig: {
    title: 'Zig',
    source: 'src/plugin.zig',
    kit: ['sdk/zig'],
    build: 'zig build --release',
    programs: [ZIG],
    setup: '      - uses: mlugg/setup-zig@v2\n        with:\n          version: 0.16.0\n',
  },
  go: { title: 'Go', source: 'src/plugin.go', kit: [...HEADERS, 'sdk/go'], build: 'node build.mjs', programs: [GO, CC_FOR_CGO], setup: '' },
} as const satisfies Record<string, Language>;

export type LanguageName = keyof typeof LANGUAGES;
