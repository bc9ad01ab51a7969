// How deep JSON text is nested: parsers that recurse must not be given more than they can stand.

const quote = 0x22;
const backslash = 0x5c;

/** `json` must be valid. Text too short to be that deep is not looked at. */
export function depthOver(json: string, depthMax: number): boolean {
  if (json.length <= 2 * depthMax) return false;
  let depth = 0;
  for (let index = 0; index < json.length; index += 1) {
    const unit = json.charCodeAt(index);
    if (unit === quote) {
      index = endOfString(json, index);
    } else if (unit === 0x5b || unit === 0x7b) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (unit === 0x5d || unit === 0x7d) {
      depth -= 1;
    }
  }
  return false;
}

/** The index of the quote that ends the string that starts at `start`. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end > 0) {
    let slashes = 0;
    while (json.charCodeAt(end - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = json.indexOf('"', end + 1);
  }
  return json.length;
}
