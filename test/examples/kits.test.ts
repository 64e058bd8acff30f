/** The examples in Zig and Go. */
import { expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { openIn } from '../isolation/homes.js';
import { projectRoot, testWhere } from '../support/fixtures.js';
import { errorOf } from '../support/host.js';

const examples = path.join(projectRoot, 'build/examples');
const testOf = (id: string, toolchain: string) => testWhere(existsSync(path.join(examples, id)), toolchain);

for (const home of ['in-process', 'process'] as const) {
  testOf('parse-csv', 'Zig 0.16')(`parse-csv ${home} reads quoted fields, other separators and every line end`, async () => {
    const host = await openIn(home, ['parse-csv'], { pluginDirs: [examples] });
    const parse = (text: string, separator?: string): Promise<unknown> => host.tool('parse_csv').call({ text, ...(separator !== undefined && { separator }) });
    expect(await parse('a,b\r\n1,"two ""quoted"",\nlines"\n,')).toEqual({ rows: [['a', 'b'], ['1', 'two "quoted",\nlines'], ['', '']] });
    expect(await parse('ü;😀', ';')).toEqual({ rows: [['ü', '😀']] });
    expect(await parse('')).toEqual({ rows: [] });
    expect(await errorOf(parse('"open'))).toMatchObject({ status: 'INVALID', reason: 'a quoted field is not closed' });
  });
}

// In a process of its own only: a Go runtime stays for the life of a process, and other tests share this one.
testOf('render-template', 'Go 1.19 or newer')('render-template fills in a template, and says what is wrong with one', async () => {
  const host = await openIn('process', ['render-template'], { pluginDirs: [examples] });
  const render = (template: string, data?: unknown): Promise<unknown> => host.tool('render_template').call({ template, data });
  expect(await render('{{range .names}}Hello, {{.}}! {{end}}', { names: ['Ada', 'Zoë'] })).toEqual({ text: 'Hello, Ada! Hello, Zoë! ' });
  expect(await errorOf(render('{{.name'))).toMatchObject({ status: 'INVALID', reason: expect.stringContaining('unclosed action') });
  expect(await errorOf(render('{{.missing}}', {}))).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('missing') });
  expect(await errorOf(render(`{{range .list}}${'x'.repeat(1000)}{{end}}`, { list: Array(2000).fill(0) }))).toMatchObject({ reason: expect.stringContaining('larger than 1 MiB') });
});
