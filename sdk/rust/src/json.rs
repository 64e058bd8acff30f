//! JSON: a value, a parser and a writer. Nested at most 512 levels deep. Of a key that is there twice, the last one counts.

use crate::Failure;
use std::fmt::{self, Write};

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// An object: `object([("city", "Oslo".into()), ("celsius", (-3).into())])`.
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(key, value)| (key.to_string(), value)).collect())
}

/// A member of an object, which may be absent. Its methods fail with its name.
#[derive(Clone, Copy)]
pub struct Member<'a> {
    name: &'a str,
    value: Option<&'a Value>,
}

impl<'a> Member<'a> {
    fn expected<T>(self, found: Option<T>, what: &str) -> Result<T, Failure> {
        found.ok_or_else(|| Failure::invalid(format!("{}: expected {what}", self.name)))
    }
    pub fn exists(self) -> bool {
        self.value.is_some()
    }
    pub fn value(self) -> Option<&'a Value> {
        self.value
    }
    pub fn text(self) -> Result<&'a str, Failure> {
        self.expected(self.value.and_then(Value::as_text), "a string")
    }
    pub fn int(self) -> Result<i64, Failure> {
        self.expected(self.value.and_then(Value::as_int), "an integer")
    }
    pub fn number(self) -> Result<f64, Failure> {
        self.expected(self.value.and_then(Value::as_number), "a number")
    }
    pub fn bool(self) -> Result<bool, Failure> {
        self.expected(self.value.and_then(Value::as_bool), "true or false")
    }
    pub fn list(self) -> Result<&'a [Value], Failure> {
        self.expected(self.value.and_then(Value::as_list), "a list")
    }
    /// The member of a member; absent if this is absent.
    pub fn get(self, key: &'a str) -> Member<'a> {
        self.value.map_or(Member { name: key, value: None }, |value| value.get(key))
    }
}

impl Value {
    pub fn get<'a>(&'a self, key: &'a str) -> Member<'a> {
        let value = match self {
            Value::Object(members) => members.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        };
        Member { name: key, value }
    }
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(bool) = self { Some(*bool) } else { None }
    }
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Value::List(list) = self { Some(list) } else { None }
    }
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            Value::Float(number) if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 => Some(*number as i64),
            _ => None,
        }
    }
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Int(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            _ => None,
        }
    }
}

macro_rules! from {
    ($($from:ty => |$given:ident| $value:expr),+ $(,)?) => { $(impl From<$from> for Value { fn from($given: $from) -> Self { $value } })+ };
}
from!(
    bool => |given| Value::Bool(given),
    i32 => |given| Value::Int(given.into()),
    u32 => |given| Value::Int(given.into()),
    i64 => |given| Value::Int(given),
    usize => |given| i64::try_from(given).map_or(Value::Float(given as f64), Value::Int),
    f64 => |given| Value::Float(given),
    String => |given| Value::Text(given),
    &str => |given| Value::Text(given.to_string()),
    Vec<Value> => |given| Value::List(given),
);

/// Writes JSON text. A number that JSON cannot hold is written as null.
impl fmt::Display for Value {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => to.write_str("null"),
            Value::Bool(bool) => write!(to, "{bool}"),
            Value::Int(number) => write!(to, "{number}"),
            Value::Float(number) if number.is_finite() => write!(to, "{number:?}"),
            Value::Float(_) => to.write_str("null"),
            Value::Text(text) => write_text(to, text),
            Value::List(list) => write_all(to, ('[', ']'), list, |to, value| value.fmt(to)),
            Value::Object(members) => write_all(to, ('{', '}'), members, |to, (key, value)| {
                write_text(to, key)?;
                to.write_char(':')?;
                value.fmt(to)
            }),
        }
    }
}

type To<'a, 'b> = &'a mut fmt::Formatter<'b>;

fn write_all<T>(to: To, (open, close): (char, char), all: &[T], write_one: impl Fn(To, &T) -> fmt::Result) -> fmt::Result {
    to.write_char(open)?;
    for (index, each) in all.iter().enumerate() {
        if index > 0 {
            to.write_char(',')?;
        }
        write_one(to, each)?;
    }
    to.write_char(close)
}

fn write_text(to: To, text: &str) -> fmt::Result {
    to.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(to, "\\{c}")?,
            '\n' => to.write_str("\\n")?,
            c if c < ' ' => write!(to, "\\u{:04x}", c as u32)?,
            c => to.write_char(c)?,
        }
    }
    to.write_char('"')
}

const MAX_DEPTH: usize = 512;

/// Parses a whole text. `None` if it is not valid JSON.
pub fn parse(text: &str) -> Option<Value> {
    let mut parser = Parser { rest: text };
    let value = parser.value(0)?;
    parser.space();
    parser.rest.is_empty().then_some(value)
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Skips `text`, if it comes next.
    fn take(&mut self, text: &str) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.space();
        match self.rest.as_bytes().first()? {
            b'{' => self.all('}', |parser| parser.member(depth + 1)).map(Value::Object),
            b'[' => self.all(']', |parser| parser.value(depth + 1)).map(Value::List),
            b'"' => self.text().map(Value::Text),
            b'-' | b'0'..=b'9' => self.number(),
            _ if self.take("true") => Some(Value::Bool(true)),
            _ if self.take("false") => Some(Value::Bool(false)),
            _ => self.take("null").then_some(Value::Null),
        }
    }

    fn all<T>(&mut self, close: char, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.rest = &self.rest[1..];
        let mut all = Vec::new();
        let close = close.to_string();
        if self.take(&close) {
            return Some(all);
        }
        loop {
            all.push(one(self)?);
            if self.take(&close) {
                return Some(all);
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    fn member(&mut self, depth: usize) -> Option<(String, Value)> {
        self.space();
        let key = self.text()?;
        self.take(":").then_some(())?;
        Some((key, self.value(depth)?))
    }

    fn number(&mut self) -> Option<Value> {
        let length = self.rest.bytes().take_while(|byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')).count();
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let whole = digits.bytes().take_while(u8::is_ascii_digit).count();
        let fraction_is_empty = digits[whole..].strip_prefix('.').is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_digit()));
        if whole == 0 || fraction_is_empty || (whole > 1 && digits.starts_with('0')) {
            return None;
        }
        if let Ok(number) = text.parse() {
            return Some(Value::Int(number));
        }
        text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Float)
    }

    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut rest = self.rest.strip_prefix('"')?;
        loop {
            let end = rest.find(|c: char| c == '"' || c == '\\' || c < ' ')?;
            text.push_str(&rest[..end]);
            let (stop, after) = (rest.as_bytes()[end], &rest[end + 1..]);
            rest = match stop {
                b'"' => {
                    self.rest = after;
                    return Some(text);
                }
                b'\\' => escape(after, &mut text)?,
                _ => return None,
            };
        }
    }
}

/// Decodes what follows a backslash. Returns the rest.
fn escape<'a>(after: &'a str, text: &mut String) -> Option<&'a str> {
    let rest = after.get(1..)?;
    text.push(match after.as_bytes()[0] {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return code_point(rest, text),
        _ => return None,
    });
    Some(rest)
}

/// Decodes the digits after `\u`, and the second half of a surrogate pair. A half alone becomes U+FFFD.
fn code_point<'a>(rest: &'a str, text: &mut String) -> Option<&'a str> {
    let (first, rest) = code_unit(rest)?;
    if (0xD800..0xDC00).contains(&first) {
        if let Some((second @ 0xDC00..=0xDFFF, after)) = rest.strip_prefix("\\u").and_then(code_unit) {
            text.push(char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))?);
            return Some(after);
        }
    }
    text.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(rest)
}

fn code_unit(rest: &str) -> Option<(u32, &str)> {
    let digits = rest.get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    Some((u32::from_str_radix(digits, 16).ok()?, &rest[4..]))
}

#[cfg(test)]
mod tests {
    use super::{object, parse, Value};

    #[test]
    fn reads_and_writes_every_type() {
        let text = r#"{"text":"\"ü\\ \n\u0001😀","int":-9007199254740993,"float":0.25,"list":[true,false,null,[],{}]}"#;
        assert_eq!(parse(text).unwrap().to_string(), text);
        assert_eq!(parse(r#""😀\/\ud800""#), Some(Value::Text("😀/\u{FFFD}".into())));
        assert_eq!(object([("a", f64::NAN.into())]).to_string(), r#"{"a":null}"#);
        assert_eq!(parse(" 1e3 ").unwrap().as_int(), Some(1000));
    }

    #[test]
    fn refuses_what_is_not_json() {
        for text in ["", "{", "[1,]", "{\"a\" 1}", "01", "1.", ".5", "-", "+1", "1e", "\"\n\"", "\"\\x\"", "\"\\u12g4\"", "tru", "1 2", "{a:1}", "1e999", "\"\\u+123\""] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"[".repeat(100_000)), None);
    }

    #[test]
    fn says_which_member_is_wrong() {
        let value = parse(r#"{"a":1,"a":"last"}"#).unwrap();
        assert_eq!(value.get("a").text(), Ok("last"));
        assert_eq!(value.get("a").int().unwrap_err().message, "a: expected an integer");
        assert_eq!(value.get("b").get("c").text().unwrap_err().message, "c: expected a string");
    }
}
