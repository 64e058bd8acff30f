export * from './errors/index.js';
export { silentLogger, type Logger, type LogLevel } from './log/logger.js';
