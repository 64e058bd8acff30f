/**
 * What every consumer does with a plugin: opens a host in both isolations, calls a tool, and closes. CONSUMER_OPTIONS has the
 * options of the host as JSON. Returns what the tool answered.
 */
module.exports = async function callInBothHomes({ PluginHost }) {
  const answers = {};
  for (const isolation of ['in-process', 'process']) {
    const host = await PluginHost.open({ hostVersion: '1.0.0', ...JSON.parse(process.env.CONSUMER_OPTIONS), isolation });
    const { state, message } = host.explain('good-c');
    if (state !== 'active') throw new Error(message);
    answers[isolation] = await host.find('tool', 'echo').call({ text: 'hé' });
    const { failed } = await host.close();
    if (failed.length > 0) throw failed[0].error;
  }
  return answers;
};
