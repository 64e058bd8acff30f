/** The crate alone: its own tests, and the mistakes that do not compile. */
import { beforeAll, expect } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { isInstalled } from '../native/cmake.js';
import { run } from '../package/run.js';
import { isZig, projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';

const kit = path.join(projectRoot, 'sdk/rust');
const test = testWhere(isInstalled('rustc'), 'rustc 1.77 or newer');
const folder = temporaryFolder();
const library = path.join(folder, 'libaisopod_plugin.rmeta');

beforeAll(() => {
  if (isInstalled('rustc')) run('rustc', ['--edition', '2021', '--crate-type', 'rlib', '--crate-name', 'aisopod_plugin', '--emit', 'metadata', '-o', library, path.join(kit, 'src/lib.rs')], folder);
});

testWhere(isInstalled('rustc') && !isZig, 'rustc 1.77 or newer that links for this C library')('its own tests pass', () => {
  const program = path.join(folder, process.platform === 'win32' ? 'tests.exe' : 'tests');
  run('rustc', ['--edition', '2021', '--test', '-o', program, path.join(kit, 'src/lib.rs')], folder);
  expect(run(program, [], folder)).toMatch(/test result: ok\. [1-9]\d* passed/);
});

/** A plugin whose tool has this handler. */
const withHandler = (register: string, fields = ''): string => `
use aisopod_plugin::{export, json, Call, Failure, Pending, Plugin, Setup, Value};
#[allow(unused_imports)]
use std::sync::Mutex;
#[allow(dead_code)]
struct Kit { ${fields} }
impl Plugin for Kit {
    fn setup(setup: &mut Setup<Self>) -> Self {
        ${register}
        todo!()
    }
}
#[allow(dead_code)]
fn unused(_: &Call, _: Pending) -> Result<Value, Failure> { Ok(json::object([])) }
export!(Kit, "kit");
`;

function errorsOf(source: string): string {
  const file = path.join(folder, 'snippet.rs');
  writeFileSync(file, source);
  const args = ['--edition', '2021', '--crate-type', 'lib', '--emit', 'metadata', '--extern', `aisopod_plugin=${library}`, '-o', path.join(folder, 'snippet.rmeta'), file];
  return spawnSync('rustc', args, { encoding: 'utf8' }).stderr;
}

const MISTAKES: readonly [mistake: string, error: string, register: string, fields?: string][] = [
  ['a call that is completed twice (rule 16)', 'E0382', 'setup.pending_tool("x", "", "", |_, pending| { pending.complete(Ok(Value::Null)); pending.complete(Ok(Value::Null)); });'],
  ['a call that goes to another thread (rule 14)', 'E0277', 'setup.tool("x", "", "", |_, call| { std::thread::spawn(move || call.input().len()); Ok(Value::Null) });'],
  ['a call that is kept (rule 14)', 'E0521', 'let kept: &\'static Mutex<Vec<&\'static [u8]>> = Box::leak(Box::default()); setup.tool("x", "", "", move |_, call| { kept.lock().unwrap().push(call.input()); Ok(Value::Null) });'],
  ['state without a lock (rule 11)', 'E0277', 'setup.tool("x", "", "", |_, _| Ok(Value::Null));', 'count: std::cell::Cell<u64>'],
  ['a chunk of an inline tool (rule 18)', 'E0599', 'setup.inline_tool("x", "", "", |_, request| { request.emit(&Value::Null)?; Ok(Value::Null) });'],
];

test('a plugin without a mistake compiles', () => {
  expect(errorsOf(withHandler('setup.tool("x", "", "", |_, call| call.parameters());'))).not.toContain('error');
});

for (const [mistake, error, register, fields] of MISTAKES) {
  test(`${mistake} does not compile`, () => {
    expect(errorsOf(withHandler(register, fields))).toContain(`error[${error}]`);
  });
}
