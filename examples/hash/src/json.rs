//! Reads a string from a flat JSON object of strings. Only for this example; use serde_json in your own plugin.

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// The value of `key` if it is a string, otherwise `None`. Accepts any text, even invalid JSON.
pub fn string_member(object: &str, key: &str) -> Option<String> {
    let mut at: Characters = object.trim().chars().peekable();
    expect(&mut at, '{')?;
    loop {
        let name = string(&mut at)?;
        expect(&mut at, ':')?;
        let value = string(&mut at)?;
        if name == key {
            return Some(value);
        }
        expect(&mut at, ',')?;
    }
}

fn expect(at: &mut Characters, wanted: char) -> Option<()> {
    while at.next_if(|c| c.is_ascii_whitespace()).is_some() {}
    at.next_if_eq(&wanted).map(|_| ())
}

fn string(at: &mut Characters) -> Option<String> {
    expect(at, '"')?;
    let mut text = String::new();
    loop {
        match at.next()? {
            '"' => return Some(text),
            '\\' => text.push(escaped(at)?),
            c => text.push(c),
        }
    }
}

fn escaped(at: &mut Characters) -> Option<char> {
    Some(match at.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return code_point(at),
        c => c,
    })
}

/// Reads the digits after `\u`, and the second half of a surrogate pair. A lone surrogate becomes U+FFFD.
fn code_point(at: &mut Characters) -> Option<char> {
    let first = code_unit(at)?;
    if !(0xD800..0xDC00).contains(&first) {
        return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    at.next_if_eq(&'\\')?;
    at.next_if_eq(&'u')?;
    let second = code_unit(at)?;
    let point = 0x10000 + ((first - 0xD800) << 10) + (second.wrapping_sub(0xDC00) & 0x3FF);
    Some(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn code_unit(at: &mut Characters) -> Option<u32> {
    (0..4).try_fold(0, |number, _| Some(number * 16 + at.next()?.to_digit(16)?))
}
