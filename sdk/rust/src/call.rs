//! Invocations, as long as their handlers run.

use crate::host::{bytes_at, Host, Stream};
use crate::{abi, json, Failure, Value};
use std::ffi::CStr;
use std::mem::size_of;

/// An invocation of an inline tool. It cannot outlive its handler (rule 14).
pub struct Request<'call> {
    raw: &'call abi::Request,
}

impl<'call> Request<'call> {
    pub(crate) fn new(raw: &'call abi::Request) -> Self {
        Self { raw }
    }

    pub fn method(&self) -> &str {
        // SAFETY: NUL-terminated, and valid until the handler returns.
        unsafe { CStr::from_ptr(self.raw.method) }.to_str().unwrap_or("")
    }

    /// The input as it was sent: JSON text.
    pub fn input(&self) -> &[u8] {
        // SAFETY: valid until the handler returns.
        unsafe { bytes_at(self.raw.input, self.raw.input_length) }
    }

    pub fn parameters(&self) -> Result<Value, Failure> {
        parsed(self.input())
    }

    /// A string of the call's context, such as "sessionKey".
    pub fn context(&self, key: &str) -> Option<String> {
        text_in(self.context_bytes(), key)
    }

    pub(crate) fn context_bytes(&self) -> &[u8] {
        if (self.raw.size as usize) < size_of::<abi::Request>() {
            return &[]; // a host whose header is older
        }
        // SAFETY: as the input.
        unsafe { bytes_at(self.raw.context.cast(), self.raw.context_length) }
    }
}

pub(crate) fn parsed(input: &[u8]) -> Result<Value, Failure> {
    let value = std::str::from_utf8(input).ok().and_then(json::parse);
    value.ok_or_else(|| Failure::invalid("parameters: expected valid JSON"))
}

pub(crate) fn text_in(context: &[u8], key: &str) -> Option<String> {
    let value = std::str::from_utf8(context).ok().and_then(json::parse)?;
    value.get(key).text().ok().map(str::to_string)
}

/// An invocation of any other capability. Beside a `Request`, it is a `Stream`.
pub struct Call<'call> {
    request: Request<'call>,
    stream: Stream,
}

impl<'call> Call<'call> {
    pub(crate) fn new(host: &Host, raw: &'call abi::Request) -> Self {
        Self { request: Request::new(raw), stream: Stream::of(host, raw) }
    }
    pub fn method(&self) -> &str {
        self.request.method()
    }
    pub fn input(&self) -> &[u8] {
        self.request.input()
    }
    pub fn parameters(&self) -> Result<Value, Failure> {
        self.request.parameters()
    }
    pub fn context(&self, key: &str) -> Option<String> {
        self.request.context(key)
    }
}

impl std::ops::Deref for Call<'_> {
    type Target = Stream;
    fn deref(&self) -> &Stream {
        &self.stream
    }
}

/// One run of a command.
pub struct Command<'call> {
    pub args: Vec<String>,
    pub cwd: String,
    call: Call<'call>,
}

impl<'call> Command<'call> {
    pub(crate) fn new(call: Call<'call>) -> Result<Self, Failure> {
        let input = call.parameters()?;
        let args = input.get("argv").list()?.iter().filter_map(|word| word.as_text().map(str::to_string)).collect();
        Ok(Self { args, cwd: input.get("cwd").text().unwrap_or("").to_string(), call })
    }
    /// Prints text to the standard output of the command.
    pub fn out(&self, text: &str) -> Result<(), Failure> {
        self.call.emit_as(abi::FORMAT_BYTES, abi::TAG_STDOUT, text.as_bytes())
    }
    pub fn err(&self, text: &str) -> Result<(), Failure> {
        self.call.emit_as(abi::FORMAT_BYTES, abi::TAG_STDERR, text.as_bytes())
    }
}

impl<'call> std::ops::Deref for Command<'call> {
    type Target = Call<'call>;
    fn deref(&self) -> &Call<'call> {
        &self.call
    }
}
