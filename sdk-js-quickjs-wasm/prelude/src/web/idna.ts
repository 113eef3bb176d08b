/**
 * Domain names to ASCII, in the place of the tables of `tr46`: compatibility normalisation and lower
 * case by the engine's own Unicode data, then Punycode (RFC 3492). Code points that have been
 * disallowed are refused by class, not by table.
 */
export function toASCII(domain: string): string | null {
  if (/^[\x00-\x7f]*$/.test(domain) && !/(^|\.)xn--/i.test(domain)) {
    return domain.toLowerCase();
  }
  const mapped = domain
    .replace(/[\u00ad\u200b\u2060\ufeff\u200c\u200d\ufe00-\ufe0f]/g, "")
    .replace(/[\u3002\uff0e\uff61]/g, ".")
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFC");
  if (/[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zs}\p{Zl}\p{Zp}\ufffd]/u.test(mapped)) {
    return null;
  }
  const labels: string[] = [];
  for (const label of mapped.split(".")) {
    if (label.startsWith("xn--")) {
      const unicode = decode(label.slice(4));
      if (unicode === null || unicode === "" || /^[\x00-\x7f]*$/.test(unicode) || /^\p{M}/u.test(unicode)) {
        return null;
      }
      labels.push(label);
    } else if (/^[\x00-\x7f]*$/.test(label)) {
      labels.push(label);
    } else if (/^\p{M}/u.test(label)) {
      return null;
    } else {
      labels.push("xn--" + encode(label));
    }
  }
  return labels.join(".");
}

function adapt(delta: number, points: number, first: boolean): number {
  let k = 0;
  let d = first ? Math.floor(delta / 700) : delta >> 1;
  d += Math.floor(d / points);
  for (; d > 455; k += 36) {
    d = Math.floor(d / 35);
  }
  return k + Math.floor((36 * d) / (d + 38));
}

function threshold(k: number, bias: number): number {
  return k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
}

function digit(value: number): string {
  return String.fromCharCode(value < 26 ? value + 97 : value + 22);
}

function encode(label: string): string {
  const points = Array.from(label, (c) => c.codePointAt(0)!);
  let out = points
    .filter((p) => p < 128)
    .map((p) => String.fromCharCode(p))
    .join("");
  let done = out.length;
  const basic = done;
  if (basic > 0) {
    out += "-";
  }
  let n = 128;
  let delta = 0;
  let bias = 72;
  while (done < points.length) {
    const next = Math.min(...points.filter((p) => p >= n));
    delta += (next - n) * (done + 1);
    n = next;
    for (const p of points) {
      if (p < n) {
        delta++;
      } else if (p === n) {
        let q = delta;
        for (let k = 36; ; k += 36) {
          const t = threshold(k, bias);
          if (q < t) {
            break;
          }
          out += digit(t + ((q - t) % (36 - t)));
          q = Math.floor((q - t) / (36 - t));
        }
        out += digit(q);
        bias = adapt(delta, done + 1, done === basic);
        delta = 0;
        done++;
      }
    }
    delta++;
    n++;
  }
  return out;
}

function decode(text: string): string | null {
  const dash = text.lastIndexOf("-");
  const out = Array.from(text.slice(0, Math.max(dash, 0)), (c) => c.codePointAt(0)!);
  let n = 128;
  let i = 0;
  let bias = 72;
  for (let at = dash >= 0 ? dash + 1 : 0; at < text.length; ) {
    const before = i;
    let weight = 1;
    for (let k = 36; ; k += 36) {
      const c = at < text.length ? text.charCodeAt(at++) : 0;
      const value = c >= 48 && c < 58 ? c - 22 : c >= 97 && c < 123 ? c - 97 : -1;
      if (value < 0) {
        return null;
      }
      i += value * weight;
      const t = threshold(k, bias);
      if (value < t) {
        break;
      }
      weight *= 36 - t;
    }
    bias = adapt(i - before, out.length + 1, before === 0);
    n += Math.floor(i / (out.length + 1));
    i %= out.length + 1;
    if (n > 0x10ffff || (n >= 0xd800 && n < 0xe000)) {
      return null;
    }
    out.splice(i++, 0, n);
  }
  return String.fromCodePoint(...out);
}
