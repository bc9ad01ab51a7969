// The `options` of a StartupMessage, which libpq takes from PGOPTIONS: switches of the server process, of which
// those that name a setting are read (PostgreSQL "postgres", pg_split_opts and ParseLongOption).

import { malformed } from './wire-error.ts';
import type { StartupParameter } from './startup.ts';

/** What isspace() of the C locale takes for one: the server's own locale may see more, but is never sent this text. */
const isSpace = (character: string): boolean => /[ \t\n\v\f\r]/.test(character);

/**
 * Settings in the order given, names in lower case and with `_` for `-`: the last of a name counts.
 *
 * @throws WireError for every other switch.
 */
export const decodeStartupOptions = (text: string): readonly StartupParameter[] => {
  const words = wordsOf(text);
  const settings: StartupParameter[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '-c') {
      index += 1;
      settings.push(settingOf(words[index] ?? ''));
    } else if (word.startsWith('-c') || (word.startsWith('--') && word.length > 2)) {
      settings.push(settingOf(word.slice(2)));
    } else {
      throw malformed(`startup option ${JSON.stringify(word)} is not of the form -c name=value`);
    }
  }
  return settings;
};

/** A backslash takes what follows it as it is, also space and backslash; at the end it stands for nothing. */
const wordsOf = (text: string): readonly string[] => {
  const words: string[] = [];
  let word: string | undefined;
  let escaped = false;
  for (const character of text) {
    if (!escaped && isSpace(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word ??= '';
    escaped = !escaped && character === '\\';
    if (!escaped) word += character;
  }
  if (word !== undefined) words.push(word);
  return words;
};

const settingOf = (text: string): StartupParameter => {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  if (equals < 1) throw malformed(`startup option ${JSON.stringify(name)} has no value`);
  return [name.toLowerCase().replaceAll('-', '_'), text.slice(equals + 1)];
};
