/** Server-sent events, as far as we use them: `event:` and `data:` lines, comments, a blank line between messages. */
export interface Sent {
  event: string;
  data: string;
}

/** Takes text as it arrives and gives the messages that are complete; keeps the rest. */
export function reader(): (chunk: string) => Sent[] {
  let rest = '';
  return (chunk) => {
    const parts = (rest + chunk).replace(/\r\n?/g, '\n').split('\n\n');
    rest = parts.pop() ?? '';
    return parts.map(one).filter((sent): sent is Sent => sent !== null);
  };
}

function one(text: string): Sent | null {
  let event = 'message';
  const data: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('event:')) event = line.slice(6).trim();
    else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
  }
  return data.length ? { event, data: data.join('\n') } : null;
}
