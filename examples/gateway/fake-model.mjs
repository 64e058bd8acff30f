/** Stands in for a chat completions API: a model that makes the calls of a plan, one after the other, and then sums up. One is a mistake. */

const PLAN = [
  { name: 'word_stats', arguments: { text: 'to be or not to be '.repeat(2000) } },
  { name: 'word_stats', arguments: { text: 'the key is AKIAIOSFODNN7EXAMPLE' } },
  { name: 'word_stats', arguments: { text: 'a second thought' } },
  { name: 'count_words', arguments: { text: 'there is no such tool' } },
  { name: 'clean_up', arguments: {} },
];

const count = (messages, role) => messages.filter((message) => message.role === role).length;

/**
 * @param {{ model: string, messages: { role: string, content?: string }[], tools: { function: { name: string } }[] }} request
 * @returns the message of the model: with `tool_calls`, or with `content`
 */
export async function fakeModel({ messages, tools }) {
  const step = PLAN[count(messages, 'tool')];
  if (step === undefined || tools.length === 0) {
    const answers = messages.filter(({ role }) => role === 'tool').map(({ content }) => JSON.parse(content));
    const worked = answers.filter(({ error }) => error === undefined).length;
    return { role: 'assistant', content: `Of ${answers.length} calls, ${worked} worked.` };
  }
  const call = { id: `call_${count(messages, 'tool') + 1}`, type: 'function', function: { name: step.name, arguments: JSON.stringify(step.arguments) } };
  return { role: 'assistant', tool_calls: [call] };
}
