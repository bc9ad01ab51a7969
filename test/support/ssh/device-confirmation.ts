// What a person does who was shown an address and a code: types the code in, logs in, agrees or does not.

import { Browser } from '../browser.ts';

export interface Confirmation {
  /** PEM of the authority of the provider. */
  readonly ca: string;
  /** The text that holds the address and the code. */
  readonly instruction: string;
  readonly person: string;
  readonly agrees: boolean;
}

/** Answers the last page. */
export async function confirmDevice(options: Confirmation): Promise<string> {
  const { ca, instruction, person, agrees } = options;
  const [address = ''] = /https:\S+/.exec(instruction) ?? [];
  const [user_code = ''] = /\b[A-Z]{4}-[A-Z]{4}\b/.exec(instruction) ?? [];
  const browser = new Browser(ca, () => Promise.reject(new Error('elsewhere')));
  try {
    const { body: entry } = await browser.step('GET', address);
    const shown = await browser.step('POST', ...formOf(entry, { user_code }));
    const choice = agrees ? { confirm: 'yes' } : { abort: 'yes' };
    const chosen = await browser.step('POST', ...formOf(shown.body, { user_code, ...choice }));
    const location = chosen.headers.find(([name]) => name === 'location')?.[1];
    if (location === undefined) return chosen.body;
    return (await browser.open(new URL(location, chosen.url).href, person)).body;
  } finally {
    await browser.close();
  }
}

/** Where a form goes, and what is sent there. */
function formOf(page: string, fields: Readonly<Record<string, string>>): [string, string] {
  const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1] ?? '';
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  return [action, new URLSearchParams({ xsrf, ...fields }).toString()];
}
