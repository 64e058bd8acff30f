import { expect, test } from '@jest/globals';
import { buildFailure, firstError } from '../../../src/cli/dev/build-errors.js';

test.each([
  ['gcc', 'In file included from a.c:1:\na.c: In function ‘f’:\n/home/me/a.c:3:5: warning: unused\n/home/me/a.c:4:22: error: expected ‘;’ before ‘}’ token\n', '/home/me/a.c:4:22', 'expected ‘;’ before ‘}’ token'],
  ['clang', 'src/a.cpp:10:3: fatal error: \'x.h\' file not found\n', 'src/a.cpp:10:3', "'x.h' file not found"],
  ['gcc on Windows', 'C:/me/a.c:4:22: error: expected expression\r\n', 'C:/me/a.c:4:22', 'expected expression'],
  ['Visual Studio', 'C:\\me\\a.c(12,5): error C2143: syntax error: missing \';\' before \'}\' [C:\\me\\build\\a.vcxproj]\r\n', 'C:\\me\\a.c:12:5', "C2143: syntax error: missing ';' before '}'"],
  ['rustc', 'warning: unused\n --> src/lib.rs:1:1\n\nerror[E0308]: mismatched types\n  --> src/lib.rs:52:21\n   |\n', 'src/lib.rs:52:21', 'mismatched types'],
  ['zig', 'src/main.zig:3:5: error: expected type \'u32\', found \'bool\'\n', 'src/main.zig:3:5', "expected type 'u32', found 'bool'"],
  ['go', '# example.com/plugin\n./main.go:7:2: undefined: x\n', './main.go:7:2', 'undefined: x'],
  ['CMake', 'CMake Error at CMakeLists.txt:3 (find_package):\n  Could not find it.\n\n', 'CMakeLists.txt:3', 'Could not find it.'],
  [
    'CMake, in a function that the project calls',
    'CMake Error at /kit/add.cmake:32 (add_library):\n  Cannot find source file:\n\n    a.c\n\nCall Stack (most recent call first):\n  more.cmake:3 (add)\n  CMakeLists.txt:4 (aisopod_add_plugin)\n\n\n',
    'CMakeLists.txt:4',
    'Cannot find source file:',
  ],
  ['a linker', '/usr/bin/ld: a.c:5: undefined reference to `missing\'\ncollect2: error: ld returned 1 exit status\n', 'a.c:5', "undefined reference to `missing'"],
])('the first error that %s prints', (_tool, output, place, message) => {
  expect(firstError(output)).toEqual({ place, message });
  expect(buildFailure(output)[0]).toBe(`${place}: ${message}`);
});

test('without a known format, the last lines', () => {
  const output = Array.from({ length: 40 }, (_, index) => `line ${index}`).join('\n');
  expect(firstError(output)).toBeUndefined();
  expect(buildFailure(output)).toEqual(Array.from({ length: 12 }, (_, index) => `line ${index + 28}`));
});
