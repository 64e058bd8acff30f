import { PluginHost, type PluginHostOptions } from 'aisopod-plugin';

async function main(): Promise<void> {
  const options = JSON.parse(process.env.CONSUMER_OPTIONS ?? '{}') as Partial<PluginHostOptions>;
  const answers: Record<string, unknown> = {};
  for (const isolation of ['in-process', 'process'] as const) {
    const host = await PluginHost.open({ hostVersion: '1.0.0', ...options, isolation });
    answers[isolation] = await host.find('tool', 'echo')?.call({ text: 'hé' });
    await host.close();
  }
  console.log(JSON.stringify(answers));
}

void main();
