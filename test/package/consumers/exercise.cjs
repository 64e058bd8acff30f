/** What every JavaScript consumer does with the package, however it got hold of it. */
module.exports = async function exercise({ LoadError, PluginError }) {
  const error = new LoadError('ERR_LIBRARY_FORMAT', { expected: 'a library', found: 'text' }, { pluginId: 'weather' });
  return { code: error.code, isPluginError: error instanceof PluginError };
};
